using System.Runtime.InteropServices;
using System.Text.Json;

namespace GridServices.Contracts;

/// <summary>What RFC 8259 leaves open and we do not: a member stands once, and text is Unicode.</summary>
internal sealed class JsonShape
{
    /// <summary>Far more than any object of the contract has; keeps a hostile one from filling the memory.</summary>
    private const int MaxMembers = 1024;

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>Walks a whole value, also members that nobody reads. Depth is bounded by the parser; a place is named only once it is at fault.</summary>
    public void Check(JsonElement element, JsonPath path, Faults faults)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            CheckNames(element, path, faults);
            foreach (var member in element.EnumerateObject())
            {
                if (faults.Any)
                {
                    return;
                }

                if (IsContainer(member.Value))
                {
                    Check(member.Value, path.Child(member.Name), faults);
                }
                else if (!IsUnicode(member.Value))
                {
                    HalfCharacter(path.Child(member.Name), faults);
                }
            }
        }
        else if (element.ValueKind == JsonValueKind.Array)
        {
            CheckItems(element, path, faults);
        }
    }

    private void CheckItems(JsonElement array, JsonPath path, Faults faults)
    {
        var index = 0;
        foreach (var item in array.EnumerateArray())
        {
            if (faults.Any)
            {
                return;
            }

            if (IsContainer(item))
            {
                Check(item, path.Child(index), faults);
            }
            else if (!IsUnicode(item))
            {
                HalfCharacter(path.Child(index), faults);
            }

            index++;
        }
    }

    private void CheckNames(JsonElement element, JsonPath path, Faults faults)
    {
        if (element.GetPropertyCount() > MaxMembers)
        {
            faults.Add(ErrorClass.LimitCount, path, $"{element.GetPropertyCount()} members in one object; at most {MaxMembers}");
            return;
        }

        _names.Clear();
        foreach (var member in element.EnumerateObject())
        {
            if (!IsUnicode(JsonMarshal.GetRawUtf8PropertyName(member)))
            {
                HalfCharacter(path, faults);
                return;
            }

            if (!_names.Add(member.Name))
            {
                faults.Add(ErrorClass.Malformed, path.Child(member.Name), "the member stands more than once; keep one");
                return;
            }
        }
    }

    private static void HalfCharacter(JsonPath path, Faults faults) =>
        faults.Add(ErrorClass.Malformed, path, "a text or a member's name holds half of a surrogate pair; write whole characters");

    private static bool IsContainer(JsonElement element) => element.ValueKind is JsonValueKind.Object or JsonValueKind.Array;

    private static bool IsUnicode(JsonElement element) => element.ValueKind != JsonValueKind.String || IsUnicode(JsonMarshal.GetRawUtf8Value(element));

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
