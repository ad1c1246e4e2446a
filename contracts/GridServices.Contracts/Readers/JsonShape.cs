using System.Runtime.InteropServices;
using System.Text.Json;

namespace GridServices.Contracts;

/// <summary>What RFC 8259 leaves open and we do not: a member stands once, and text is Unicode.</summary>
internal sealed class JsonShape
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>Walks a whole value, also members that nobody reads. Depth is bounded by the parser.</summary>
    public void Check(JsonElement element, JsonPath path, Faults faults)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                CheckNames(element, path, faults);
                foreach (var member in element.EnumerateObject())
                {
                    if (!faults.Any && member.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.String)
                    {
                        Check(member.Value, path.Child(member.Name), faults);
                    }
                }

                break;
            case JsonValueKind.Array:
                var index = 0;
                foreach (var item in element.EnumerateArray())
                {
                    Check(item, path.Child(index++), faults);
                }

                break;
            case JsonValueKind.String when !IsUnicode(JsonMarshal.GetRawUtf8Value(element)):
                faults.Add(ErrorClass.Malformed, path, "the text holds half of a surrogate pair; write whole characters");
                break;
            default:
                break;
        }
    }

    private void CheckNames(JsonElement element, JsonPath path, Faults faults)
    {
        _names.Clear();
        foreach (var member in element.EnumerateObject())
        {
            if (!IsUnicode(JsonMarshal.GetRawUtf8PropertyName(member)))
            {
                faults.Add(ErrorClass.Malformed, path, "a member's name holds half of a surrogate pair; write whole characters");
                return;
            }

            if (!_names.Add(member.Name))
            {
                faults.Add(ErrorClass.Malformed, path.Child(member.Name), "the member stands more than once; keep one");
                return;
            }
        }
    }

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
