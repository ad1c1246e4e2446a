using System.Globalization;
using NodaTime;
using NodaTime.Text;

namespace GridServices.OpenAdr.Service.Meters;

/// <summary>A meter's records as the Tariffs service writes them: <c>start,kW,estimated,telemetry</c>.</summary>
internal static class IntervalCsv
{
    private const string Head = "start,kW,estimated,telemetry";

    /// <param name="text">The body.</param>
    /// <param name="from">No record starts before it.</param>
    /// <param name="until">Or at it, or after it.</param>
    /// <exception cref="HttpRequestException">That is not what the Tariffs service writes, whoever wrote it.</exception>
    public static IReadOnlyList<IntervalRow> Read(string text, Instant from, Instant until)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (lines.Length == 0 || lines[0] != Head)
        {
            throw new HttpRequestException($"its answer does not begin with {Head}");
        }

        var rows = new List<IntervalRow>(lines.Length - 1);
        foreach (var line in lines.Skip(1))
        {
            var row = Row(line.Split(',')) ?? throw new HttpRequestException("its answer holds a line that is no record");
            if (row.Start < from || row.Start >= until || (rows.Count > 0 && row.Start <= rows[^1].Start))
            {
                throw new HttpRequestException("its answer holds records that were not asked for, or not in order");
            }

            rows.Add(row);
        }

        return rows;
    }

    private static IntervalRow? Row(string[] cells) =>
        cells is [var start, var kw, "true" or "false", "true" or "false"]
        && InstantPattern.ExtendedIso.Parse(start) is { Success: true, Value: var at }
        && decimal.TryParse(kw, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
        && Math.Abs(value) < 1_000_000_000m
            ? new IntervalRow(at, value, cells[2] == "true")
            : null;
}

/// <param name="Start">Start of the interval.</param>
/// <param name="Kw">Mean power.</param>
/// <param name="IsEstimated">True: an estimate, or a mean of what was known of it.</param>
internal readonly record struct IntervalRow(Instant Start, decimal Kw, bool IsEstimated);
