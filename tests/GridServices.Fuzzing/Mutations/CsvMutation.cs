using System.Text;

namespace GridServices.Fuzzing.Mutations;

/// <summary>Changes CSV as lines of cells.</summary>
internal static class CsvMutation
{
    public static byte[] Apply(byte[] bytes, byte[] other, RandomSource random)
    {
        var lines = Encoding.UTF8.GetString(bytes).Split('\n').Select(l => l.TrimEnd('\r')).ToList();
        for (var n = 1 + random.Below(3); n > 0; n--)
        {
            Change(lines, other, random);
        }

        return Encoding.UTF8.GetBytes(string.Join(random.Once(4) ? "\r\n" : random.Once(10) ? "\r" : "\n", lines));
    }

    private static void Change(List<string> lines, byte[] other, RandomSource random)
    {
        var at = random.Below(lines.Count);
        var separator = lines[at].Contains(';', StringComparison.Ordinal) ? ';' : ',';
        switch (random.Below(9))
        {
            case 0 when lines.Count > 1:
                lines.RemoveAt(at);
                break;
            case 1:
                lines.InsertRange(at, Enumerable.Repeat(lines[at], random.Pick([1, 2, 50])));
                break;
            case 2 when at + 1 < lines.Count:
                (lines[at], lines[at + 1]) = (lines[at + 1], lines[at]);
                break;
            case 3:
                lines[at] = lines[at].Replace(separator, random.Pick([',', ';', '\t', '|']));
                break;
            case 4:
                lines[at] += separator + Extremes.Text(random);
                break;
            case 5 when Encoding.UTF8.GetString(other).Split('\n') is { Length: > 0 } others:
                lines.Insert(at, random.Pick(others));
                break;
            case 6:
                lines[at] = random.Pick(["\"" + lines[at], lines[at].Replace("\"", string.Empty, StringComparison.Ordinal), $"\"{lines[at]}\"", "#" + lines[at], "#locale=de-DE"]);
                break;
            default:
                var cells = lines[at].Split(separator);
                cells[random.Below(cells.Length)] = Extremes.Text(random);
                lines[at] = string.Join(separator, cells);
                break;
        }
    }
}
