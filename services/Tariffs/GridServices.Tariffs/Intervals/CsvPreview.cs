using System.Collections.Immutable;
using System.Globalization;
using NodaTime;

namespace GridServices.Tariffs;

/// <summary>How a CSV file would be read by a dialect: its columns, its first rows, and what would come of all of it. Nothing is stored.</summary>
public sealed record CsvPreview
{
    private const int FirstRows = 10;

    /// <summary>Absent where the head cannot be understood.</summary>
    public CsvDelimiter? Delimiter { get; init; }

    public required DecimalMark Decimal { get; init; }
    public required ThousandsMark Thousands { get; init; }

    /// <summary>Zone of stamps without offset.</summary>
    public string? Zone { get; init; }

    /// <summary>Where a stamp stands in its interval.</summary>
    public required StampPosition Stamp { get; init; }

    /// <summary>The declared form; absent = every form that has one meaning.</summary>
    public string? StampFormat { get; init; }

    /// <summary>As the column or the request names it.</summary>
    public string? Unit { get; init; }

    public ImmutableArray<CsvPreviewColumn> Columns { get; init; } = [];

    /// <summary>The first ten rows.</summary>
    public ImmutableArray<CsvPreviewRow> Rows { get; init; } = [];

    /// <summary>The whole file's first interval; absent where it cannot be read.</summary>
    public Instant? From { get; init; }

    public Instant? Until { get; init; }

    /// <summary>Seconds of an interval.</summary>
    public int? IntervalSeconds { get; init; }

    public int? Intervals { get; init; }
    public int? MissingIntervals { get; init; }

    /// <summary>Sum of the value column.</summary>
    public decimal? Kwh { get; init; }

    /// <summary>Sum of the export column.</summary>
    public decimal? ExportKwh { get; init; }

    public static (CsvPreview Preview, ReadOutcome<MeterData> Outcome) Read(ReadOnlyMemory<byte> file, IntervalOptions options)
    {
        var outcome = CsvIntervals.ReadMeter(new MemoryStream(file.ToArray(), writable: false), options);
        var whole = new CsvPreview
        {
            Decimal = options.Decimal,
            Thousands = options.Thousands,
            Zone = options.Zone,
            Stamp = options.Stamp,
            StampFormat = options.StampFormat,
            From = outcome.Value?.Net.Start,
            Until = outcome.Value?.Net.End,
            IntervalSeconds = outcome.Value?.Net.StepSeconds,
            Intervals = outcome.Value?.Net.Count,
            MissingIntervals = outcome.Value?.Net.Missing.Sum(m => m.Count),
            Kwh = Sum(outcome.Value?.Net),
            ExportKwh = Sum(outcome.Value?.Export),
        };
        try
        {
            var lines = new CsvLines(new MemoryStream(file.ToArray(), writable: false));
            var head = CsvHead.Read(lines, options);
            return (whole with
            {
                Delimiter = Read(head.Delimiter),
                Unit = head.UnitName,
                Columns = [.. head.Names.Select((name, i) => new CsvPreviewColumn(i + 1, name, RoleOf(head, options, i)))],
                Rows = [.. First(lines, head, options, outcome.Value?.Net.StepSeconds)],
            }, outcome);
        }
        catch (IntervalRefusedException)
        {
            // The outcome says why the head cannot be read.
            return (whole, outcome);
        }
    }

    private static IEnumerable<CsvPreviewRow> First(CsvLines lines, CsvHead head, IntervalOptions options, int? step)
    {
        var stamps = new TimeStamps(options);
        var left = FirstRows;
        for (var text = head.FirstRow ?? lines.Next(); text is not null && left > 0; text = lines.Next())
        {
            if (text.Length > 0)
            {
                left--;
                yield return Row(lines, text, head, stamps, options, step);
            }
        }
    }

    private static CsvPreviewRow Row(CsvLines lines, string text, CsvHead head, TimeStamps stamps, IntervalOptions options, int? step)
    {
        try
        {
            var (row, export) = CsvIntervals.Row(lines.Fields(text, head.Delimiter), head, stamps, options, lines.Number);
            var length = Duration.FromSeconds(step ?? 0);
            var start = options.Stamp == StampPosition.End ? row.Stamp - length : row.Stamp;
            return new CsvPreviewRow(lines.Number, text, step is null ? null : start, step is null ? null : start + length, row.Value, head.Export < 0 ? null : export, null);
        }
        catch (IntervalRefusedException e)
        {
            return new CsvPreviewRow(lines.Number, text, null, null, null, null, e.Refusal.Detail);
        }
    }

    private static CsvColumnRole RoleOf(CsvHead head, IntervalOptions options, int column) =>
        column == head.Date ? CsvColumnRole.Date
        : column == head.Time ? CsvColumnRole.Time
        : column == head.Value ? CsvColumnRole.Value
        : column == head.Export ? CsvColumnRole.Export
        : options.IgnoreColumns.Any(n => string.Equals(n, head.Names[column], StringComparison.OrdinalIgnoreCase) || n == (column + 1).ToString(CultureInfo.InvariantCulture)) ? CsvColumnRole.Ignored
        : CsvColumnRole.NotRead;

    private static CsvDelimiter Read(char delimiter) => delimiter switch
    {
        ';' => CsvDelimiter.Semicolon,
        '\t' => CsvDelimiter.Tab,
        '|' => CsvDelimiter.Pipe,
        _ => CsvDelimiter.Comma,
    };

    private static decimal? Sum(IntervalSeries? series)
    {
        if (series is null)
        {
            return null;
        }

        var sum = 0m;
        foreach (var value in series.Values)
        {
            sum += series.Kwh(value);
        }

        return sum;
    }
}

public enum CsvColumnRole
{
    Date,
    Time,
    Value,
    Export,

    /// <summary>Left out because the request says so.</summary>
    Ignored,

    /// <summary>Nothing says what it is.</summary>
    NotRead,
}

/// <param name="Number">From 1.</param>
/// <param name="Name">As the head has it.</param>
/// <param name="Role">What it is taken for.</param>
public sealed record CsvPreviewColumn(int Number, string Name, CsvColumnRole Role);

/// <param name="Line">Of the file.</param>
/// <param name="Text">The row as it stands.</param>
/// <param name="From">Start of its interval; absent where the length is not known.</param>
/// <param name="Until">Its end.</param>
/// <param name="Value">kW or kWh.</param>
/// <param name="Export">Of the export column.</param>
/// <param name="Problem">Why it cannot be read.</param>
public sealed record CsvPreviewRow(int Line, string Text, Instant? From, Instant? Until, decimal? Value, decimal? Export, string? Problem);
