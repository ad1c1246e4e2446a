using System.Xml.Linq;
using GridServices.Contracts;
using NodaTime;

namespace GridServices.Wire;

/// <summary>
/// What a codec asks of a received element. Order of children does not matter, unknown children are ignored, a child that is empty or
/// <c>xsi:nil</c> counts as absent where it is optional; a child that stands twice where one belongs is refused.
/// Every failure is a <see cref="WireFormatException"/> with class, path and problem.
/// </summary>
public static class XmlRead
{
    private const int MaxIdLength = 1024;

    public static bool Is(this ReceivedElement element, XName name) =>
        string.Equals(element.Name, name.LocalName, StringComparison.Ordinal)
        && string.Equals(element.Namespace, name.NamespaceName, StringComparison.Ordinal);

    public static ReceivedElement? ChildOrNull(this ReceivedElement element, XName name)
    {
        ReceivedElement? found = null;
        foreach (var child in element.Children)
        {
            if (child.Is(name))
            {
                found = found is null ? child : throw child.Refuse(ErrorClass.SchemaInvalid, $"'{name.LocalName}' may appear here only once");
            }
        }

        return found;
    }

    public static ReceivedElement Child(this ReceivedElement element, XName name) =>
        element.ChildOrNull(name) ?? throw element.Missing(name);

    public static IEnumerable<ReceivedElement> All(this ReceivedElement element, XName name) => element.Children.Where(c => c.Is(name));

    /// <summary>The items of a list that needs at least one.</summary>
    public static ValueList<T> Some<T>(this ReceivedElement element, XName name, Func<ReceivedElement, T> read)
    {
        var items = element.All(name).Select(read).ToValueList();
        return items.Count > 0 ? items : throw element.Missing(name);
    }

    /// <summary>The items of a list that may be empty.</summary>
    public static ValueList<T> Any<T>(this ReceivedElement element, XName name, Func<ReceivedElement, T> read) =>
        element.All(name).Select(read).ToValueList();

    /// <summary>The text of the element itself, without white space around it.</summary>
    public static string Trimmed(this ReceivedElement element) =>
        element.Children.Count == 0 ? element.Text.Trim() : throw element.Refuse(ErrorClass.SchemaInvalid, "text is expected here, not elements");

    /// <summary>Text for people; may be empty.</summary>
    public static string Text(this ReceivedElement element, XName name) => element.Child(name).Trimmed();

    public static string? TextOrNull(this ReceivedElement element, XName name) => element.FilledOrNull(name)?.Trimmed();

    /// <summary>An identifier that must be there and not be empty.</summary>
    public static string Id(this ReceivedElement element, XName name) => element.Child(name).AsId();

    /// <summary>An identifier that must be there, but may be empty.</summary>
    public static string IdOrEmpty(this ReceivedElement element, XName name)
    {
        var child = element.Child(name);
        return child.Trimmed().Length == 0 ? string.Empty : child.AsId();
    }

    public static string? IdOrNull(this ReceivedElement element, XName name) => element.FilledOrNull(name)?.AsId();

    /// <summary>Identifiers go into logs, keys and comparisons: one line, visible characters, at most 1,024 of them.</summary>
    public static string AsId(this ReceivedElement element)
    {
        var text = element.Trimmed();
        return text.Length switch
        {
            0 => throw element.Refuse(ErrorClass.SemanticId, "the identifier is empty"),
            > MaxIdLength => throw element.Refuse(ErrorClass.SemanticId, $"the identifier is longer than {MaxIdLength} characters"),
            _ when !text.All(IsIdCharacter) => throw element.Refuse(
                ErrorClass.SemanticId, $"the identifier {SafeText.Quote(text)} has invisible or control characters"),
            _ => text,
        };
    }

    public static uint Unsigned(this ReceivedElement element, XName name) => AsUnsigned(element.Child(name));

    public static uint? UnsignedOrNull(this ReceivedElement element, XName name) => element.FilledOrNull(name) is { } e ? AsUnsigned(e) : null;

    public static bool Flag(this ReceivedElement element, XName name) => AsFlag(element.Child(name));

    public static bool? FlagOrNull(this ReceivedElement element, XName name) => element.FilledOrNull(name) is { } e ? AsFlag(e) : null;

    /// <summary>A finite number within single precision.</summary>
    public static double Number(this ReceivedElement element, XName name) => AsNumber(element.Child(name));

    public static double? NumberOrNull(this ReceivedElement element, XName name) => element.FilledOrNull(name) is { } e ? AsNumber(e) : null;

    public static decimal Decimal(this ReceivedElement element, XName name)
    {
        var child = element.Child(name);
        return NumberText.TryParseDecimal(child.Trimmed(), out var value)
            ? value
            : throw child.Refuse(ErrorClass.SemanticNumber, $"{SafeText.Quote(child.Text)} is not a decimal number");
    }

    public static Instant Instant(this ReceivedElement element, XName name) => element.Child(name).AsInstant();

    public static Instant? InstantOrNull(this ReceivedElement element, XName name) => element.FilledOrNull(name)?.AsInstant();

    public static Instant AsInstant(this ReceivedElement element)
    {
        var text = element.Trimmed();
        var fault = InstantText.TryParse(text, out var value);
        return fault switch
        {
            TimeFault.None => value,
            TimeFault.NotUtc => throw element.Refuse(ErrorClass.SemanticTime, $"{SafeText.Quote(text)} is not in UTC; end it with Z"),
            TimeFault.NoSuchTime => throw new WireFormatException(
                new ReadError(ErrorClass.SemanticTime, element.Path, $"{SafeText.Quote(text)} does not exist in the calendar") { DenotesNothing = true }),
            TimeFault.OutOfRange => throw element.Refuse(ErrorClass.SemanticTime, $"{SafeText.Quote(text)} is not between 1970 and 2200"),
            _ => throw element.Refuse(ErrorClass.SchemaInvalid, $"{SafeText.Quote(text)} is not a time such as 2027-01-15T18:00:00Z"),
        };
    }

    public static Period Period(this ReceivedElement element, XName name) => element.Child(name).AsPeriod();

    public static Period? PeriodOrNull(this ReceivedElement element, XName name) => element.FilledOrNull(name)?.AsPeriod();

    public static Period AsPeriod(this ReceivedElement element)
    {
        var text = element.Trimmed();
        return PeriodText.TryParse(text, out var value) switch
        {
            TimeFault.None => value,
            TimeFault.OutOfRange => throw element.Refuse(ErrorClass.SemanticDuration, $"{SafeText.Quote(text)} is longer than a hundred years"),
            _ => throw element.Refuse(ErrorClass.SemanticDuration, $"{SafeText.Quote(text)} is not a duration such as PT15M, in whole seconds"),
        };
    }

    /// <summary>One of a closed list of texts.</summary>
    public static T Term<T>(this ReceivedElement element, XName name, Terms<T> terms, ErrorClass error = ErrorClass.SchemaInvalid)
        where T : struct, Enum
    {
        ArgumentNullException.ThrowIfNull(terms);
        var child = element.Child(name);
        return terms.TryParse(child.Trimmed(), out var value)
            ? value
            : throw child.Refuse(error, $"{SafeText.Quote(child.Text)} is not one of {string.Join(", ", terms.Texts)}");
    }

    public static WireFormatException Refuse(this ReceivedElement element, ErrorClass error, string detail)
    {
        ArgumentNullException.ThrowIfNull(element);
        return new WireFormatException(error, element.Path, detail);
    }

    /// <summary>An optional child, absent also when it is empty (OpenADR 2.0b rule 46).</summary>
    public static ReceivedElement? FilledOrNull(this ReceivedElement element, XName name) =>
        element.ChildOrNull(name) is { } child && (child.Children.Count > 0 || !string.IsNullOrWhiteSpace(child.Text)) ? child : null;

    private static WireFormatException Missing(this ReceivedElement element, XName name)
    {
        var foreign = element.Children.FirstOrDefault(c => string.Equals(c.Name, name.LocalName, StringComparison.Ordinal));
        return element.Refuse(ErrorClass.SchemaInvalid, foreign is null
            ? $"'{name.LocalName}' is missing"
            : $"'{name.LocalName}' is missing; the one here is in namespace {SafeText.Quote(foreign.Namespace)} instead of '{name.NamespaceName}'");
    }

    private static uint AsUnsigned(ReceivedElement element) =>
        NumberText.TryParseUnsigned(element.Trimmed(), out var value)
            ? value
            : throw element.Refuse(ErrorClass.SchemaInvalid, $"{SafeText.Quote(element.Text)} is not a whole number from 0 to 4294967295");

    private static bool AsFlag(ReceivedElement element) => element.Trimmed() switch
    {
        "true" or "1" => true,
        "false" or "0" => false,
        _ => throw element.Refuse(ErrorClass.SchemaInvalid, $"{SafeText.Quote(element.Text)} is neither true nor false"),
    };

    private static double AsNumber(ReceivedElement element) =>
        NumberText.TryParseFloat(element.Trimmed(), out var value)
            ? value
            : throw element.Refuse(ErrorClass.SemanticNumber, $"{SafeText.Quote(element.Text)} is not a finite number within single precision");

    private static bool IsIdCharacter(char c) =>
        char.GetUnicodeCategory(c) is not (System.Globalization.UnicodeCategory.Control or System.Globalization.UnicodeCategory.Format
            or System.Globalization.UnicodeCategory.LineSeparator or System.Globalization.UnicodeCategory.ParagraphSeparator
            or System.Globalization.UnicodeCategory.PrivateUse or System.Globalization.UnicodeCategory.OtherNotAssigned);
}
