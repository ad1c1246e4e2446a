using System.Collections.Immutable;
using System.Globalization;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Readers;
using NodaTime;

namespace GridServices.Tariffs.Intervals;

/// <summary>How a file would be read by a dialect: its columns, its first rows, and what would come of all of it. Nothing is stored.</summary>
public sealed record CsvPreview
{
    private const int FirstRows = 10;

    public MeterFileForm Form { get; init; }

    /// <summary>Green Button, NEM12, NEM13: every reading of the file that could be billed or stands beside one.</summary>
    public ImmutableArray<FilePreviewReading> Readings { get; init; } = [];

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

    /// <summary>Intervals that nobody measured, as their quality, the gap policy or the spike check says.</summary>
    public int? EstimatedIntervals { get; init; }

    /// <summary>Sum of the value column.</summary>
    public decimal? Kwh { get; init; }

    /// <summary>Sum of the export column.</summary>
    public decimal? ExportKwh { get; init; }

    /// <param name="file">The bytes.</param>
    /// <param name="options">The dialect.</param>
    /// <param name="isXml">A Green Button feed.</param>
    /// <param name="reading">Which of several is billed.</param>
    public static (CsvPreview Preview, ReadResult<MeterData> Outcome) Read(ReadOnlyMemory<byte> file, IntervalOptions options, bool isXml = false, string? reading = null)
    {
        var outcome = MeterFile.Read(file, isXml, options, reading);
        var net = outcome.Value?.Net;
        var whole = new CsvPreview
        {
            Form = isXml ? MeterFileForm.GreenButton : NemFile.DetectForm(file.Span) ?? MeterFileForm.Csv,
            Decimal = options.Decimal,
            Thousands = options.Thousands,
            Zone = options.Zone,
            Stamp = options.Stamp,
            StampFormat = options.StampFormat,
            From = net?.Start,
            Until = net?.End,
            IntervalSeconds = net?.StepSeconds,
            Intervals = net?.Count,
            MissingIntervals = net?.Missing.Sum(m => m.Count),
            EstimatedIntervals = net?.Estimated.Sum(m => m.Count),
            Kwh = Sum(net),
            ExportKwh = Sum(outcome.Value?.Export),
        };
        return (whole.Form == MeterFileForm.Csv ? whole.WithCsv(file, options, net?.StepSeconds) : whole with { Readings = GetReadings(file, options, whole.Form) }, outcome);
    }

    private CsvPreview WithCsv(ReadOnlyMemory<byte> file, IntervalOptions options, int? step)
    {
        try
        {
            var lines = new CsvLines(MeterFile.Open(file));
            var head = CsvHeader.Read(lines, options);
            return this with
            {
                Delimiter = Read(head.Delimiter),
                Unit = head.UnitName,
                Columns = [.. head.Names.Select((name, i) => new CsvPreviewColumn(i + 1, name, GetRole(head, options, i)))],
                Rows = [.. First(lines, head, options, step)],
            };
        }
        catch (IntervalRefusedException)
        {
            // The outcome says why the head cannot be read.
            return this;
        }
    }

    private static ImmutableArray<FilePreviewReading> GetReadings(ReadOnlyMemory<byte> file, IntervalOptions options, MeterFileForm form) => form == MeterFileForm.GreenButton
        ? [.. GreenButton.Read(file, options).Value?.Readings.Select(r => FilePreviewReading.Create(r.Href, r.Channel, r.Reactive, r.Series)) ?? []]
        : [.. NemFile.Read(MeterFile.Open(file), options).Value?.Readings.Select(r => FilePreviewReading.Create(r.Id, r.Channel, r.Reactive, r.Series)) ?? []];

    private static IEnumerable<CsvPreviewRow> First(CsvLines lines, CsvHeader head, IntervalOptions options, int? step)
    {
        var rows = new CsvRows(lines, head, options);
        var left = FirstRows;
        for (var text = head.FirstRow ?? lines.Next(); text is not null && left > 0; text = lines.Next())
        {
            if (text.Length > 0)
            {
                left--;
                yield return Row(rows, lines.Number, text, head, options, step);
            }
        }
    }

    private static CsvPreviewRow Row(CsvRows rows, int line, string text, CsvHeader head, IntervalOptions options, int? step)
    {
        try
        {
            var (row, export) = rows.Parse(text);
            var length = Duration.FromSeconds(step ?? 0);
            var start = options.Stamp == StampPosition.End ? row.Stamp - length : row.Stamp;
            return new CsvPreviewRow(
                line, text, step is null ? null : start, step is null ? null : start + length, row.Missing ? null : row.Value * options.Multiplier,
                row.Missing || head.Export < 0 ? null : export * options.Multiplier, null, row.Estimated ? true : null);
        }
        catch (IntervalRefusedException e)
        {
            return new CsvPreviewRow(line, text, null, null, null, null, e.Refusal.ToString());
        }
    }

    private static CsvColumnRole GetRole(CsvHeader head, IntervalOptions options, int column) =>
        column == head.Date ? CsvColumnRole.Date
        : column == head.Time ? CsvColumnRole.Time
        : column == head.Value ? CsvColumnRole.Value
        : column == head.Export ? CsvColumnRole.Export
        : column == head.Quality ? CsvColumnRole.Quality
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

    /// <summary>Says whether the row was measured.</summary>
    Quality,

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
/// <param name="Value">kW or kWh, times the multiplier; absent where there is no reading.</param>
/// <param name="Export">Of the export column.</param>
/// <param name="Problem">Why it cannot be read, with line and column.</param>
/// <param name="Estimated">True where its quality does not say measured; absent else.</param>
public sealed record CsvPreviewRow(int Line, string Text, Instant? From, Instant? Until, decimal? Value, decimal? Export, string? Problem, bool? Estimated = null);

/// <summary>One reading of a file that holds several.</summary>
/// <param name="Id">What names it in <c>reading</c>: the MeterReading's link, or NMI and suffix.</param>
/// <param name="Channel">import, export or net.</param>
/// <param name="Reactive">The numbers are kvar or kvarh.</param>
/// <param name="From">Start of its first interval.</param>
/// <param name="Until">End of its last.</param>
/// <param name="IntervalSeconds">Seconds of an interval.</param>
/// <param name="Intervals">How many, missing ones too.</param>
/// <param name="MissingIntervals">Without a reading.</param>
/// <param name="EstimatedIntervals">That nobody measured.</param>
/// <param name="Kwh">Sum, kWh or kvarh.</param>
public sealed record FilePreviewReading(
    string Id, MeterChannel Channel, bool Reactive, Instant From, Instant Until, int IntervalSeconds, int Intervals, int MissingIntervals, int EstimatedIntervals, decimal Kwh)
{
    internal static FilePreviewReading Create(string id, MeterChannel channel, bool reactive, IntervalSeries series)
    {
        Int128 units = 0;
        foreach (var value in series.Values)
        {
            units += value;
        }

        return new FilePreviewReading(
            id, channel, reactive, series.Start, series.End, series.StepSeconds, series.Count, series.Missing.Sum(m => m.Count), series.Estimated.Sum(m => m.Count), series.Kwh(units));
    }
}
