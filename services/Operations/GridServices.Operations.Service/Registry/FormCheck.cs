using System.Globalization;
using GridServices.Contracts;
using NodaTime;

namespace GridServices.Operations.Service.Registry;

/// <summary>Gathers the faults of a body, so that all are told at once.</summary>
internal sealed class FormCheck
{
    private readonly List<ConfigFault> _faults = [];

    internal FormCheck Fault(string pointer, string detail, ErrorClass errorClass = ErrorClass.SemanticText)
    {
        _faults.Add(new ConfigFault(errorClass, pointer, detail));
        return this;
    }

    internal FormCheck Text(string pointer, string? text, int longest = 200, bool required = true) =>
        text is null && !required ? this
        : Identifiers.IsPlainText(text ?? string.Empty, longest) ? this
        : Fault(pointer, $"must be 1 to {longest} characters, without control characters");

    internal FormCheck Country(string pointer, string? text) =>
        text is { Length: 2 } && text.All(char.IsAsciiLetterUpper) ? this : Fault(pointer, "must be a country of ISO 3166 in two upper-case letters, such as US", ErrorClass.SemanticCode);

    internal FormCheck Language(string pointer, string? text) =>
        text is null || (text.Length is >= 2 and <= 35 && text.Split('-') is [{ Length: 2 or 3 } first, ..] && first.All(char.IsAsciiLetterLower) && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
            ? this
            : Fault(pointer, "must be a language of BCP 47, such as en, de-DE or fr-CA", ErrorClass.SemanticCode);

    internal FormCheck TimeZone(string pointer, string? text) =>
        text is null || DateTimeZoneProviders.Tzdb.GetZoneOrNull(text) is not null ? this : Fault(pointer, "must be a time zone of the IANA database, such as America/Los_Angeles", ErrorClass.SemanticTz);

    internal FormCheck Email(string pointer, string? text) =>
        text is null || (MimeKit.MailboxAddress.TryParse(text, out var address) && address.Address == text && address.Domain.Contains('.', StringComparison.Ordinal))
            ? this
            : Fault(pointer, "must be one mail address, such as ana@example.com");

    internal FormCheck Phone(string pointer, string? text) =>
        text is null || (text.Length is >= 8 and <= 16 && text[0] == '+' && text[1] != '0' && text[1..].All(char.IsAsciiDigit))
            ? this
            : Fault(pointer, "must be a telephone number with its country code, such as +14155550100");

    internal FormCheck Watts(string pointer, long? value, long most = 10_000_000_000) =>
        value is null || (value >= 0 && value <= most) ? this : Fault(pointer, string.Create(CultureInfo.InvariantCulture, $"must be whole watts from 0 to {most}"), ErrorClass.SemanticNumber);

    internal FormCheck Unless(bool fine, string pointer, string detail, ErrorClass errorClass = ErrorClass.SemanticText) => fine ? this : Fault(pointer, detail, errorClass);

    /// <exception cref="FormException">Where there is a fault.</exception>
    internal void ThrowIfAny()
    {
        if (_faults.Count > 0)
        {
            throw new FormException(_faults);
        }
    }
}
