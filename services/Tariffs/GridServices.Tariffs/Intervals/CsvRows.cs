using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Tariffs.Readers;
using GridServices.Wire;

namespace GridServices.Tariffs.Intervals;

/// <summary>The rows of a CSV file one after another. One that cannot be read is told with line and column, and the next is read all the same: a person corrects a file once.</summary>
internal sealed class CsvRows(CsvLines lines, CsvHeader head, IntervalOptions options)
{
    /// <summary>One less than a refusal lists, which leaves room for how many more there are.</summary>
    private const int MostTold = 99;

    private readonly TimestampReader stamps = new(options);
    private readonly CsvQuality quality = new(options);
    private readonly ImmutableArray<ReadError>.Builder refused = ImmutableArray.CreateBuilder<ReadError>();
    private int more;

    /// <summary>Rows that could not be read, in order.</summary>
    public ImmutableArray<ReadError> Refusals => more == 0
        ? refused.ToImmutable()
        : [.. refused, new ReadError(refused[0].Class, "rows", $"{more} more rows cannot be read; correct the first ones, or the declaration, and send the file again")];

    public ImmutableArray<Finding> Findings => quality.Findings();

    public IEnumerable<(IntervalRow Row, decimal Export)> Read()
    {
        for (var text = head.FirstRow ?? lines.Next(); text is not null; text = lines.Next())
        {
            if (text.Length > 0 && ParseOrNull(text) is { } row)
            {
                yield return row;
            }
        }
    }

    /// <exception cref="IntervalRefusedException">The row cannot be read.</exception>
    public (IntervalRow Row, decimal Export) Parse(string text)
    {
        var (fields, line) = (lines.Fields(text, head.Delimiter), lines.Number);
        if (fields.Count != head.Names.Length)
        {
            throw CsvLines.Refused(
                ErrorClass.Malformed, $"{fields.Count} fields where the head has {head.Names.Length}; the row is cut off or has a stray {head.Delimiter} (a decimal comma between commas needs quotes)", line);
        }

        var column = head.Time;
        try
        {
            var time = fields[head.Time];
            var hasDate = head.Date < 0 || (options.DateColumn is null && time.AsSpan().ContainsAny('-', '.', '/'));
            var stamp = stamps.Read(hasDate ? time : $"{fields[head.Date]} {time}", line);
            var (estimated, missing) = quality.Classify(head.Quality < 0 ? null : fields[head.Quality]);
            if (missing || quality.IsNoReading(fields[head.Value]))
            {
                return (new IntervalRow(line, stamp, 0, Missing: true), 0);
            }

            column = head.Value;
            var value = Value(fields[head.Value], options.Channel, line) * head.Factor;
            column = head.Export;
            return (new IntervalRow(line, stamp, value, estimated), head.Export < 0 ? 0 : Value(fields[head.Export], MeterChannel.Export, line) * head.ExportFactor);
        }
        catch (IntervalRefusedException e)
        {
            throw new IntervalRefusedException(e.Refusal with { Path = $"line {line}, column {column + 1}{(head.Line == 0 ? string.Empty : $" ({SafeText.Short(head.Names[column])})")}" });
        }
    }

    private (IntervalRow Row, decimal Export)? ParseOrNull(string text)
    {
        try
        {
            return Parse(text);
        }
        catch (IntervalRefusedException e)
        {
            if (refused.Count < MostTold)
            {
                refused.Add(e.Refusal);
            }
            else
            {
                more++;
            }

            return null;
        }
    }

    private decimal Value(string text, MeterChannel channel, int line)
    {
        var value = CsvNumbers.Read(text, options, line);
        return value >= 0 || channel == MeterChannel.Net ? value : throw CsvLines.Refused(
            ErrorClass.SemanticNumber, $"{value} is negative on a register of one direction; declare the channel as net if export is meant", line);
    }
}
