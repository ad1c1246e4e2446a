using System.Globalization;
using System.IO.Compression;

namespace GridServices.Simulators.Grid.Traces;

/// <summary>Reads recordings: csv or csv.gz, first line the column names.</summary>
/// <remarks>
/// Taken are: the first column whose name holds "f_hz", "freq", "bus1" or is "hz"; the time from "t_s", else one row is worth the step stated;
/// voltages from columns that hold "voltage", as a share of the first row's.
/// </remarks>
public static class RecordedTrace
{
    private const int MaxRows = 5_000_000;

    /// <param name="path">The file.</param>
    /// <param name="stepSeconds">Time between rows, where no column tells it.</param>
    /// <exception cref="SimException">No such file, or no frequency in it.</exception>
    public static LinesTrace Load(string path, double stepSeconds = 1)
    {
        if (!File.Exists(path))
        {
            throw new SimException($"--play {path}: no such file.");
        }

        using var file = File.OpenRead(path);
        using Stream content = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = new StreamReader(content);
        return Read(Path.GetFileName(path), reader, stepSeconds);
    }

    /// <inheritdoc cref="Load"/>
    public static LinesTrace Read(string name, TextReader reader, double stepSeconds)
    {
        var columns = (reader.ReadLine() ?? string.Empty).Split(',');
        var hertz = Array.FindIndex(columns, c => Holds(c, "f_hz") || Holds(c, "freq") || Holds(c, "bus1") || string.Equals(c.Trim(), "hz", StringComparison.OrdinalIgnoreCase));
        var time = Array.FindIndex(columns, c => string.Equals(c.Trim(), "t_s", StringComparison.OrdinalIgnoreCase));
        var voltages = Enumerable.Range(0, columns.Length).Where(i => Holds(columns[i], "voltage")).ToArray();
        if (hertz < 0)
        {
            throw new SimException($"{name}: no column with a frequency; name one f_hz.");
        }

        var points = new List<(double Second, GridMoment Moment)>();
        var nominal = double.NaN;
        while (reader.ReadLine() is { } line && points.Count < MaxRows)
        {
            var cells = line.Split(',');
            if (cells.Length != columns.Length || !TryNumber(cells[hertz], out var hz))
            {
                continue;
            }

            var second = time >= 0 && TryNumber(cells[time], out var told) ? told : points.Count * stepSeconds;
            if (points.Count > 0 && second < points[^1].Second)
            {
                continue;
            }

            var lowest = voltages.Select(i => TryNumber(cells[i], out var volts) ? volts : 0).DefaultIfEmpty(1).Min();
            nominal = double.IsNaN(nominal) ? Math.Max(lowest, 1e-9) : nominal;
            points.Add((second, new GridMoment(hz, lowest / nominal)));
        }

        return points.Count > 0 ? new LinesTrace(name, points) : throw new SimException($"{name}: no row with a frequency.");
    }

    private static bool Holds(string column, string part) => column.Contains(part, StringComparison.OrdinalIgnoreCase);

    private static bool TryNumber(string cell, out double value) =>
        double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
}
