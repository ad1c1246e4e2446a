using GridServices.Contracts;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Readers;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Tariffs.Meters;

/// <summary>
/// A CSV file of any length as blocks of 32 of a meter's days, one after another: no more than a block is held. Its rows stand in the order of time, but for those of one block.
/// Gaps are estimated within a block; one at its edge stays a gap. A block in which no row has a reading is one: it has no value and no refusal.
/// </summary>
public sealed class CsvBlocks
{
    private static readonly Duration Length = Duration.FromDays(32);
    private readonly IntervalOptions options;
    private readonly MeterGrid grid;
    private readonly CsvHeader head;
    private readonly CsvRows rows;
    private readonly IEnumerator<(IntervalRow Row, decimal Export)> source;
    private Instant start;
    private Instant? end;
    private Duration? step;
    private bool isOver;

    /// <summary>A value was lower than the one before, so the file is of no register, whatever the rows of one block look like.</summary>
    private bool hasFallen;

    private CsvBlocks(Stream stream, IntervalOptions options, MeterGrid grid)
    {
        (this.options, this.grid, step) = (options, grid, options.Step);
        var lines = new CsvLines(stream);
        head = CsvHeader.Read(lines, options);
        rows = new CsvRows(lines, head, options);
        source = rows.Read().GetEnumerator();
    }

    /// <summary>Each block in the order of time; where a row cannot be read, the last outcome refuses the file with every such row, and no block follows it.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="options">How it is written. Registers are no energy per interval, and need the whole file at once.</param>
    /// <param name="grid">Of the meter that it is of.</param>
    public static IEnumerable<ReadResult<MeterData>> Read(Stream stream, IntervalOptions options, MeterGrid grid)
    {
        var opened = Open(stream, options, grid, out var blocks);
        if (opened is not null)
        {
            yield return opened;
        }

        while (blocks?.Next() is { } block)
        {
            yield return block;
        }
    }

    private static ReadResult<MeterData>? Open(Stream stream, IntervalOptions options, MeterGrid grid, out CsvBlocks? blocks)
    {
        blocks = null;
        if (options.IsRegister == true || options.Check is not null)
        {
            return ReadResult<MeterData>.Refused(new ReadError(ErrorClass.LimitSize, "register",
                "a register, or its readings at both ends, needs the whole file at once; give it in files of at most 16 MiB"));
        }

        try
        {
            blocks = new CsvBlocks(stream, options, grid);
            return blocks.source.MoveNext() ? blocks.Begin() : Empty(blocks);
        }
        catch (IntervalRefusedException e)
        {
            return ReadResult<MeterData>.Refused(e.Refusal);
        }
    }

    private static ReadResult<MeterData> Empty(CsvBlocks blocks)
    {
        blocks.isOver = true;
        return ReadResult<MeterData>.Refused(blocks.rows.Refusals is { IsEmpty: false } refused ? refused : [new ReadError(ErrorClass.Malformed, "line 2", "there is no reading in the file")]);
    }

    private ReadResult<MeterData>? Begin()
    {
        start = grid.GetStart(grid.Locate(grid.GetStart(At(source.Current.Row))).Day, 0);
        return null;
    }

    /// <summary>A stamp at the end of its interval belongs to the time before it.</summary>
    private Instant At(IntervalRow row) => options.Stamp == StampPosition.End ? row.Stamp - Duration.FromSeconds(1) : row.Stamp;

    private ReadResult<MeterData>? Next()
    {
        if (isOver)
        {
            return null;
        }

        try
        {
            return Block();
        }
        catch (IntervalRefusedException e)
        {
            isOver = true;
            return new ReadResult<MeterData>(null, [.. rows.Refusals, e.Refusal], []);
        }
    }

    private ReadResult<MeterData> Block()
    {
        while (At(source.Current.Row) >= start + Length)
        {
            start += Length;
        }

        var known = options with { Step = step, IsRegister = hasFallen ? false : options.IsRegister };
        var (net, export) = (new IntervalCollector(known, head.Unit), head.Export < 0 ? null : new IntervalCollector(known, head.Unit));
        do
        {
            var (row, sold) = source.Current;
            if (At(row) >= start + Length)
            {
                return Closed(net, export);
            }

            if (At(row) < start)
            {
                throw CsvLines.Refused(ErrorClass.DataUnordered, $"{row.Stamp} stands after rows of a later month; sort a file of this length by time", row.Line);
            }

            net.Add(row);
            export?.Add(row with { Value = sold });
        }
        while (source.MoveNext());
        isOver = true;
        return Closed(net, export);
    }

    private ReadResult<MeterData> Closed(IntervalCollector net, IntervalCollector? export)
    {
        if (!rows.Refusals.IsEmpty)
        {
            return Drained();
        }

        var drawn = net.Series();
        if (drawn.Refusals is [{ Class: ErrorClass.SemanticEmpty }] && options.Gaps != GapPolicy.Refuse)
        {
            return new ReadResult<MeterData>(null, [], [new Finding(ErrorClass.DataGap, "rows", $"no row has a reading from {start} until {start + Length}: all are said to be missing")]);
        }

        var block = CsvIntervals.Combine(drawn, export?.Series(), head, rows.Findings);
        hasFallen |= block.Ok && Falls(block.Value!.Net);
        if (!block.Ok || FindMismatch(block.Value!.Net) is not { } misfit)
        {
            isOver |= !block.Ok;
            (end, step) = (block.Value?.Net.End, step ?? (block.Ok ? Duration.FromSeconds(block.Value!.Net.StepSeconds) : null));
            return block;
        }

        isOver = true;
        return ReadResult<MeterData>.Refused(misfit);
    }

    private static bool Falls(IntervalSeries series)
    {
        var (last, gap) = (long.MinValue, 0);
        for (var i = 0; i < series.Count; i++)
        {
            while (gap < series.Missing.Length && series.Missing[gap].From + series.Missing[gap].Count <= i)
            {
                gap++;
            }

            if (gap == series.Missing.Length || i < series.Missing[gap].From)
            {
                if (series.Values[i] < last)
                {
                    return true;
                }

                last = series.Values[i];
            }
        }

        return false;
    }

    /// <summary>A person corrects a file once: the rest is read for its faults.</summary>
    private ReadResult<MeterData> Drained()
    {
        while (!isOver && source.MoveNext())
        {
        }

        isOver = true;
        return ReadResult<MeterData>.Refused(rows.Refusals);
    }

    private ReadError? FindMismatch(IntervalSeries block)
    {
        if (block.StepSeconds < grid.StepSeconds && (block.Start < start || block.End > start + Length))
        {
            return new ReadError(ErrorClass.DataMisaligned, "rows", $"a stamp beside {start + Length} is off its interval; correct the stamps, or give the file in parts of at most 16 MiB");
        }

        return options.Gaps == GapPolicy.Refuse && end < block.Start
            ? new ReadError(ErrorClass.DataGap, "rows", $"intervals are missing from {end} until {block.Start}, and the gap policy is to refuse") : null;
    }
}
