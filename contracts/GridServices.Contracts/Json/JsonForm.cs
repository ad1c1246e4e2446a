using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace GridServices.Contracts.Json;

/// <summary>What RFC 8259 leaves open and we do not: a member is there once, and text is Unicode. Finds the first fault only: the document is not read then.</summary>
internal sealed class JsonForm(JsonBounds bounds)
{
    private static readonly SearchValues<char> Hidden = SearchValues.Create(
    [
        .. Enumerable.Range(0, 0xA0).Select(c => (char)c).Where(c => char.IsControl(c) && c is not ('\r' or '\n' or '\t')),
        '\u202A', '\u202B', '\u202C', '\u202D', '\u202E', '\u2066', '\u2067', '\u2068', '\u2069',
    ]);

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>Walks a whole value, also members that nobody reads. Depth is bounded by the parser; a place is named only once it is at fault.</summary>
    public ConfigFault? Check(JsonElement element, JsonPath path)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            return CheckMembers(element, path);
        }

        if (element.ValueKind != JsonValueKind.Array)
        {
            return IsText(element) ? null : BadText(path);
        }

        var index = 0;
        foreach (var item in element.EnumerateArray())
        {
            if ((IsContainer(item) || !IsText(item)) && Check(item, path.Child(index)) is { } fault)
            {
                return fault;
            }

            index++;
        }

        return null;
    }

    private ConfigFault? CheckMembers(JsonElement element, JsonPath path)
    {
        if (CheckNames(element, path) is { } wrong)
        {
            return wrong;
        }

        foreach (var member in element.EnumerateObject())
        {
            if ((IsContainer(member.Value) || !IsText(member.Value)) && Check(member.Value, path.Child(member.Name)) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    private ConfigFault? CheckNames(JsonElement element, JsonPath path)
    {
        if (element.GetPropertyCount() > bounds.MaxMembers)
        {
            return new ConfigFault(ErrorClass.LimitCount, path.ToString(), $"{element.GetPropertyCount()} members in one object; at most {bounds.MaxMembers}");
        }

        _names.Clear();
        foreach (var member in element.EnumerateObject())
        {
            if (!IsUnicode(JsonMarshal.GetRawUtf8PropertyName(member)))
            {
                return BadText(path);
            }

            if (!_names.Add(member.Name))
            {
                return new ConfigFault(bounds.Repeated, path.Child(member.Name).ToString(), "appears twice in one object; keep one");
            }
        }

        return null;
    }

    private ConfigFault BadText(JsonPath path) => new(bounds.BadText, path.ToString(), bounds.RefusesHiddenText
        ? "a text or a member's name holds half of a surrogate pair, a control character or a direction override; remove it"
        : "a text or a member's name holds half of a surrogate pair; write whole characters");

    private static bool IsContainer(JsonElement element) => element.ValueKind is JsonValueKind.Object or JsonValueKind.Array;

    private bool IsText(JsonElement element) => element.ValueKind != JsonValueKind.String
        || (IsUnicode(JsonMarshal.GetRawUtf8Value(element)) && !(bounds.RefusesHiddenText && element.GetString()!.AsSpan().ContainsAny(Hidden)));

    /// <summary>False where a \u escape gives half of a surrogate pair.</summary>
    private static bool IsUnicode(ReadOnlySpan<byte> raw)
    {
        for (var i = raw.IndexOf((byte)'\\'); i >= 0 && i < raw.Length - 1; i++)
        {
            if (raw[i] != '\\')
            {
                continue;
            }

            if (raw[i + 1] != 'u')
            {
                i++;
                continue;
            }

            var unit = Unit(raw[(i + 2)..]);
            i += 5;
            if (char.IsLowSurrogate(unit))
            {
                return false;
            }

            if (char.IsHighSurrogate(unit))
            {
                var next = raw[(i + 1)..];
                if (next.Length < 6 || next[0] != '\\' || next[1] != 'u' || !char.IsLowSurrogate(Unit(next[2..])))
                {
                    return false;
                }

                i += 6;
            }
        }

        return true;
    }

    private static char Unit(ReadOnlySpan<byte> hex) =>
        (char)ushort.Parse(hex[..4], System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture);
}
