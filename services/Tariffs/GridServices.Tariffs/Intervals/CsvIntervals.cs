using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Readers;

namespace GridServices.Tariffs.Intervals;

/// <summary>
/// Interval data as CSV, row by row, by a declared dialect (<see cref="IntervalOptions"/>). What is not declared is read where it has one meaning and refused,
/// with the member that declares it, where it could have two. Every column is read, left out on demand, or named in a warning.
/// </summary>
public static class CsvIntervals
{
    /// <summary>The value column as one series, with what is odd about it.</summary>
    public static ReadResult<IntervalSeries> Read(Stream stream, IntervalOptions options)
    {
        var read = ReadMeter(stream, options);
        return new ReadResult<IntervalSeries>(read.Value?.Net, read.Refusals, read.Warnings);
    }

    /// <summary>The whole file: the value, and the export register beside it where there is one.</summary>
    public static ReadResult<MeterData> ReadMeter(Stream stream, IntervalOptions options)
    {
        CsvRows? rows = null;
        try
        {
            var lines = new CsvLines(stream);
            var head = CsvHeader.Read(lines, options);
            rows = new CsvRows(lines, head, options);
            return options.IsRegister == true ? ReadRegister(rows, head, options) : ReadAmounts(rows, head, options);
        }
        catch (IntervalRefusedException e)
        {
            return new ReadResult<MeterData>(null, [.. rows?.Refusals ?? [], e.Refusal], []);
        }
    }

    /// <summary>The rows one after another; nothing is kept, so files of any length stream through.</summary>
    /// <exception cref="IntervalRefusedException">A row cannot be read, or the values are readings of a register.</exception>
    public static (IntervalUnit Unit, IEnumerable<IntervalRow> Rows) Stream(Stream stream, IntervalOptions options)
    {
        var lines = new CsvLines(stream);
        var head = CsvHeader.Read(lines, options);
        if (options.IsRegister == true)
        {
            throw CsvLines.Refused(ErrorClass.SchemaInvalid, "readings of a register are no energy per interval row by row; read the file as a whole", head.Line);
        }

        var rows = new CsvRows(lines, head, options);
        IEnumerable<IntervalRow> Strict()
        {
            foreach (var (row, _) in rows.Read())
            {
                yield return row;
            }

            if (rows.Refusals is [var refused, ..])
            {
                throw new IntervalRefusedException(refused);
            }
        }

        return (head.Unit, Strict());
    }

    private static ReadResult<MeterData> ReadAmounts(CsvRows rows, CsvHeader head, IntervalOptions options)
    {
        var (net, export) = (new IntervalCollector(options, head.Unit), head.Export < 0 ? null : new IntervalCollector(options, head.Unit));
        foreach (var (row, sold) in rows.Read())
        {
            net.Add(row);
            export?.Add(row with { Value = sold });
        }

        return rows.Refusals is { IsEmpty: false } refused ? ReadResult<MeterData>.Refused(refused) : Combine(net.Series(), export?.Series(), head, rows.Findings);
    }

    /// <summary>Registers are read at the moments of their stamps: the energy is what passed between two of them, so it does not matter where stamps of amounts would be.</summary>
    private static ReadResult<MeterData> ReadRegister(CsvRows rows, CsvHeader head, IntervalOptions options)
    {
        var readings = new List<(IntervalRow Row, decimal Export)>();
        foreach (var row in rows.Read().Where(r => !r.Row.Missing))
        {
            readings.Add(readings.Count < options.MostRows ? row : throw CsvLines.Refused(ErrorClass.LimitCount, $"more than {options.MostRows} rows; split the file", row.Row.Line));
        }

        ReadResult<IntervalSeries> Differences(IEnumerable<IntervalRow> of)
        {
            var collector = new IntervalCollector(options with { IsRegister = false, Stamp = StampPosition.Start }, head.Unit);
            foreach (var row in RegisterReadings.Differences([.. of], stepSeconds: (long)(options.Step?.TotalSeconds ?? 0), "rows", areMoments: true))
            {
                collector.Add(row);
            }

            return collector.Series();
        }

        return rows.Refusals is { IsEmpty: false } refused
            ? ReadResult<MeterData>.Refused(refused)
            : Combine(Differences(readings.Select(r => r.Row)), head.Export < 0 ? null : Differences(readings.Select(r => r.Row with { Value = r.Export })), head, rows.Findings);
    }

    internal static ReadResult<MeterData> Combine(ReadResult<IntervalSeries> net, ReadResult<IntervalSeries>? export, CsvHeader head, ImmutableArray<Finding> told)
    {
        ImmutableArray<Finding> warnings = [.. told, .. net.Warnings, .. (export?.Warnings ?? []).Except(net.Warnings)];
        if (!head.Unread.IsEmpty)
        {
            warnings = warnings.Add(new Finding(ErrorClass.SchemaInvalid, $"line {head.Line}",
                $"columns that are not read: {string.Join(", ", head.Unread)}; name them in ignoreColumns, or declare what they are"));
        }

        var data = net.Ok && export is null or { Ok: true } ? new MeterData { Net = net.Value!, Export = export?.Value } : null;
        return new ReadResult<MeterData>(data, [.. net.Refusals, .. (export?.Refusals ?? []).Except(net.Refusals)], warnings);
    }
}
