using System.Collections.Immutable;
using GridServices.Contracts;

namespace GridServices.Tariffs;

/// <summary>
/// Interval data as CSV, row by row, by a declared dialect (<see cref="IntervalOptions"/>). What is not declared is read where it has one meaning and refused,
/// with the member that declares it, where it could have two. Every column is read, left out on demand, or named in a warning.
/// </summary>
public static class CsvIntervals
{
    /// <summary>The value column as one series, with what is odd about it.</summary>
    public static ReadOutcome<IntervalSeries> Read(Stream stream, IntervalOptions options)
    {
        var read = ReadMeter(stream, options);
        return new ReadOutcome<IntervalSeries>(read.Value?.Net, read.Refusals, read.Warnings);
    }

    /// <summary>The whole file: the value, and the export register beside it where there is one.</summary>
    public static ReadOutcome<MeterData> ReadMeter(Stream stream, IntervalOptions options)
    {
        try
        {
            var lines = new CsvLines(stream);
            var head = CsvHead.Read(lines, options);
            if (options.IsRegister == true)
            {
                return OfRegister(lines, head, options);
            }

            var (net, export) = (new IntervalCollector(options, head.Unit), head.Export < 0 ? null : new IntervalCollector(options, head.Unit));
            foreach (var (row, sold) in Rows(lines, head, options))
            {
                net.Add(row);
                export?.Add(row with { Value = sold });
            }

            return Joined(net.Series(), export?.Series(), head);
        }
        catch (IntervalRefusedException e)
        {
            return ReadOutcome<MeterData>.Refused(e.Refusal);
        }
    }

    /// <summary>The rows one after another; nothing is kept, so files of any length stream through.</summary>
    /// <exception cref="IntervalRefusedException">A row cannot be read, or the values are readings of a register.</exception>
    public static (IntervalUnit Unit, IEnumerable<IntervalRow> Rows) Stream(Stream stream, IntervalOptions options)
    {
        var lines = new CsvLines(stream);
        var head = CsvHead.Read(lines, options);
        if (options.IsRegister == true)
        {
            throw CsvLines.Refused(ErrorClass.SchemaInvalid, "readings of a register are no energy per interval row by row; read the file as a whole", head.Line);
        }

        return (head.Unit, Rows(lines, head, options).Select(r => r.Row));
    }

    /// <summary>Registers are read at the moments of their stamps: the energy is what passed between two of them, so it does not matter where stamps of amounts would be.</summary>
    private static ReadOutcome<MeterData> OfRegister(CsvLines lines, CsvHead head, IntervalOptions options)
    {
        var rows = new List<(IntervalRow Row, decimal Export)>();
        foreach (var row in Rows(lines, head, options))
        {
            rows.Add(rows.Count < options.MostRows ? row : throw CsvLines.Refused(ErrorClass.LimitCount, $"more than {options.MostRows} rows; split the file", row.Row.Line));
        }

        ReadOutcome<IntervalSeries> Differences(IEnumerable<IntervalRow> readings)
        {
            var collector = new IntervalCollector(options with { IsRegister = false, Stamp = StampPosition.Start }, head.Unit);
            foreach (var row in RegisterReadings.Differences([.. readings], stepSeconds: (long)(options.Step?.TotalSeconds ?? 0), "rows", areMoments: true))
            {
                collector.Add(row);
            }

            return collector.Series();
        }

        return Joined(Differences(rows.Select(r => r.Row)), head.Export < 0 ? null : Differences(rows.Select(r => r.Row with { Value = r.Export })), head);
    }

    internal static IEnumerable<(IntervalRow Row, decimal Export)> Rows(CsvLines lines, CsvHead head, IntervalOptions options)
    {
        var stamps = new TimeStamps(options);
        for (var text = head.FirstRow ?? lines.Next(); text is not null; text = lines.Next())
        {
            if (text.Length > 0)
            {
                yield return Row(lines.Fields(text, head.Delimiter), head, stamps, options, lines.Number);
            }
        }
    }

    internal static (IntervalRow Row, decimal Export) Row(List<string> fields, CsvHead head, TimeStamps stamps, IntervalOptions options, int line)
    {
        if (fields.Count != head.Names.Length)
        {
            throw CsvLines.Refused(
                ErrorClass.Malformed, $"{fields.Count} fields where the head has {head.Names.Length}; the row is cut off or has a stray {head.Delimiter} (a decimal comma between commas needs quotes)", line);
        }

        var time = fields[head.Time];
        var hasDate = head.Date < 0 || (options.DateColumn is null && time.AsSpan().ContainsAny('-', '.', '/'));
        var stamp = stamps.Read(hasDate ? time : $"{fields[head.Date]} {time}", line);
        var value = Value(fields[head.Value], options, options.Channel, line) * head.Factor;
        var export = head.Export < 0 ? 0 : Value(fields[head.Export], options, MeterChannel.Export, line) * head.ExportFactor;
        return (new IntervalRow(line, stamp, value), export);
    }

    private static decimal Value(string text, IntervalOptions options, MeterChannel channel, int line)
    {
        var value = CsvNumbers.Read(text, options, line);
        return value >= 0 || channel == MeterChannel.Net ? value : throw CsvLines.Refused(
            ErrorClass.SemanticNumber, $"{value} is negative on a register of one direction; declare the channel as net if export is meant", line);
    }

    private static ReadOutcome<MeterData> Joined(ReadOutcome<IntervalSeries> net, ReadOutcome<IntervalSeries>? export, CsvHead head)
    {
        ImmutableArray<Finding> warnings = [.. net.Warnings, .. (export?.Warnings ?? []).Except(net.Warnings)];
        if (!head.Unread.IsEmpty)
        {
            warnings = warnings.Add(new Finding(ErrorClass.SchemaInvalid, $"line {head.Line}", $"columns that are not read: {string.Join(", ", head.Unread)}; name them in ignoreColumns, or declare what they are"));
        }

        var data = net.Ok && export is null or { Ok: true } ? new MeterData { Net = net.Value!, Export = export?.Value } : null;
        return new ReadOutcome<MeterData>(data, [.. net.Refusals, .. (export?.Refusals ?? []).Except(net.Refusals)], warnings);
    }
}
