using System.Globalization;
using System.Numerics;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;

namespace GridServices.Ieee2030Dot5.Codec;

/// <summary>
/// Children by local name, in any order and prefix; what is unknown is skipped. A child that is there must be legible: an empty limit is
/// not "no limit". Every failure is a <see cref="WireFormatException"/>.
/// </summary>
internal static class Sep2Read
{
    /// <summary>Times beyond can't be told as a date: 0001-01-01 to 9999-12-31, Unix seconds.</summary>
    public const long FirstTime = -62_135_596_800;

    public const long LastTime = 253_402_300_799;

    public static bool IsBase(this ReceivedElement e, string name) =>
        string.Equals(e.Name, name, StringComparison.Ordinal) && Ns.IsBase(e.Namespace);

    /// <summary>A child of the standard's own namespace.</summary>
    public static ReceivedElement? Opt(this ReceivedElement e, string name)
    {
        ReceivedElement? found = null;
        foreach (var child in e.Children)
        {
            if (child.IsBase(name))
            {
                found = found is null ? child : throw child.Refuse(ErrorClass.SchemaInvalid, $"'{name}' may appear here only once");
            }
        }

        return found;
    }

    public static ReceivedElement Req(this ReceivedElement e, string name) =>
        e.Opt(name) ?? throw e.Refuse(ErrorClass.SchemaInvalid, $"'{name}' is missing");

    public static IEnumerable<ReceivedElement> Every(this ReceivedElement e, string name) => e.Children.Where(c => c.IsBase(name));

    /// <summary>A child of CSIP-AUS, before or after those of the standard; where several versions say it, the latest counts.</summary>
    public static ReceivedElement? Ext(this ReceivedElement e, string name)
    {
        ReceivedElement? found = null;
        foreach (var child in e.Children)
        {
            if (!string.Equals(child.Name, name, StringComparison.Ordinal) || !Ns.IsCsipAus(child.Namespace))
            {
                continue;
            }

            var order = found is null ? 1 : string.CompareOrdinal(child.Namespace, found.Namespace);
            found = order > 0 ? child : order < 0 ? found : throw child.Refuse(ErrorClass.SchemaInvalid, $"'{name}' may appear here only once");
        }

        return found;
    }

    public static string? Attribute(this ReceivedElement e, string name) =>
        e.Attributes.FirstOrDefault(a => a.Namespace.Length == 0 && string.Equals(a.Name, name, StringComparison.Ordinal))?.Value;

    /// <summary>Text for people; null where absent or empty.</summary>
    public static string? TextOrNull(this ReceivedElement? e) => e?.Trimmed() is { Length: > 0 } text ? text : null;

    /// <summary>A whole number in the range of its type; no plus, no exponent, nothing but digits.</summary>
    public static T Number<T>(this ReceivedElement e, ErrorClass error = ErrorClass.SemanticNumber)
        where T : IBinaryInteger<T>, IMinMaxValue<T>
    {
        var text = e.Trimmed();
        return !text.StartsWith('+') && T.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw e.Refuse(error, string.Create(CultureInfo.InvariantCulture, $"{SafeText.Quote(text)} is not a whole number from {T.MinValue} to {T.MaxValue}"));
    }

    public static T? NumberOrNull<T>(this ReceivedElement? e, ErrorClass error = ErrorClass.SemanticNumber)
        where T : struct, IBinaryInteger<T>, IMinMaxValue<T> => e?.Number<T>(error);

    public static bool? Flag(this ReceivedElement? e) => e?.Trimmed() switch
    {
        null => null,
        "true" or "1" => true,
        "false" or "0" => false,
        var text => throw e.Refuse(ErrorClass.SchemaInvalid, $"{SafeText.Quote(text)} is neither true nor false"),
    };

    /// <summary>Unix seconds between the years 1 and 9999.</summary>
    public static long Time(this ReceivedElement e) =>
        e.Number<long>(ErrorClass.SemanticTime) is >= FirstTime and <= LastTime and var value
            ? value
            : throw e.Refuse(ErrorClass.SemanticTime, $"{SafeText.Quote(e.Text)} is beyond the year 9999");

    public static long? TimeOrNull(this ReceivedElement? e) => e?.Time();

    public static DateTimeInterval Interval(this ReceivedElement e)
    {
        var duration = e.Req("duration").Number<uint>(ErrorClass.SemanticDuration);
        var start = e.Req("start").Time();
        return start + duration <= LastTime
            ? new(start, duration)
            : throw e.Refuse(ErrorClass.SemanticTime, "the interval ends beyond the year 9999");
    }

    public static ActivePower? Power(this ReceivedElement? e) =>
        e is null ? null : new ActivePower(e.Req("value").Number<short>(), e.Multiplier());

    /// <summary>A value of up to 48 bits; the narrower types of the schema are all within.</summary>
    public static Quantity? Amount(this ReceivedElement? e) =>
        e is null ? null : new Quantity(
            e.Req("value").Number<long>() is >= -(1L << 47) and < 1L << 48 and var value
                ? value
                : throw e.Refuse(ErrorClass.SemanticNumber, "the value has more than 48 bits"),
            e.Multiplier());

    public static int Multiplier(this ReceivedElement e)
    {
        var child = e.Req("multiplier");
        return child.Number<sbyte>() is >= -PowerOfTen.Limit and <= PowerOfTen.Limit and var value
            ? value
            : throw child.Refuse(ErrorClass.SemanticNumber, $"a power of ten beyond ±{PowerOfTen.Limit} is not plausible: {SafeText.Quote(child.Text)}");
    }
}
