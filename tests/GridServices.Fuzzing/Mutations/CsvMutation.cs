using System.Text;

namespace GridServices.Fuzzing.Mutations;

/// <summary>Changes CSV as lines of cells.</summary>
internal static class CsvMutation
{
    public static byte[] Apply(byte[] bytes, byte[] other, RandomSource dice)
    {
        var lines = Encoding.UTF8.GetString(bytes).Split('\n').Select(l => l.TrimEnd('\r')).ToList();
        for (var n = 1 + dice.Below(3); n > 0; n--)
        {
            Change(lines, other, dice);
        }

        return Encoding.UTF8.GetBytes(string.Join(dice.Once(4) ? "\r\n" : dice.Once(10) ? "\r" : "\n", lines));
    }

    private static void Change(List<string> lines, byte[] other, RandomSource dice)
    {
        var at = dice.Below(lines.Count);
        var separator = lines[at].Contains(';', StringComparison.Ordinal) ? ';' : ',';
        switch (dice.Below(9))
        {
            case 0 when lines.Count > 1:
                lines.RemoveAt(at);
                break;
            case 1:
                lines.InsertRange(at, Enumerable.Repeat(lines[at], dice.Pick([1, 2, 50])));
                break;
            case 2 when at + 1 < lines.Count:
                (lines[at], lines[at + 1]) = (lines[at + 1], lines[at]);
                break;
            case 3:
                lines[at] = lines[at].Replace(separator, dice.Pick([',', ';', '\t', '|']));
                break;
            case 4:
                lines[at] += separator + Extremes.Text(dice);
                break;
            case 5 when Encoding.UTF8.GetString(other).Split('\n') is { Length: > 0 } others:
                lines.Insert(at, dice.Pick(others));
                break;
            case 6:
                lines[at] = dice.Pick(["\"" + lines[at], lines[at].Replace("\"", string.Empty, StringComparison.Ordinal), $"\"{lines[at]}\"", "#" + lines[at], "#locale=de-DE"]);
                break;
            default:
                var cells = lines[at].Split(separator);
                cells[dice.Below(cells.Length)] = Extremes.Text(dice);
                lines[at] = string.Join(separator, cells);
                break;
        }
    }
}
