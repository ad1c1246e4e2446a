using System.Collections.Immutable;
using System.Runtime.InteropServices;
using GridServices.Contracts;
using GridServices.Tariffs.Readers;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Tariffs.Intervals;

/// <summary>
/// Readings in any order into equal consecutive intervals: sorted, deduplicated, aligned, gaps found.
/// The same stamp with two values is a conflict, a stamp between two intervals an overlap; both refuse the data.
/// </summary>
public sealed class IntervalCollector(IntervalOptions options, IntervalUnit unit)
{
    private const int MostAlike = 2;
    private const decimal MostValue = 1e12m;
    private readonly List<IntervalRow> rows = [];
    private readonly ImmutableArray<Finding>.Builder findings = ImmutableArray.CreateBuilder<Finding>();
    private bool unordered;

    public void Add(IntervalRow row)
    {
        if (rows.Count == options.MostRows)
        {
            throw CsvLines.Refused(ErrorClass.LimitCount, $"more than {options.MostRows} rows; split the file", row.Line);
        }

        unordered |= rows.Count > 0 && row.Stamp < rows[^1].Stamp;
        if (!row.Missing && Math.Abs(row.Value) >= MostValue)
        {
            throw CsvLines.Refused(ErrorClass.SemanticNumber, $"{row.Value} is beyond any meter; check the unit", row.Line);
        }

        rows.Add(row.Missing ? row : row with { Value = row.Value * options.Multiplier });
    }

    public ReadResult<IntervalSeries> Series()
    {
        try
        {
            var series = Build();
            return ReadResult<IntervalSeries>.Read(series, findings.ToImmutable());
        }
        catch (IntervalRefusedException e)
        {
            return new ReadResult<IntervalSeries>(null, [e.Refusal], findings.ToImmutable());
        }
    }

    private IntervalSeries Build()
    {
        if (rows.Count == 0)
        {
            throw CsvLines.Refused(ErrorClass.Malformed, "there is no reading in the file", 2);
        }

        if (unordered)
        {
            rows.Sort((a, b) => a.Stamp != b.Stamp ? a.Stamp.CompareTo(b.Stamp) : a.Line.CompareTo(b.Line));
            findings.Add(new Finding(ErrorClass.DataUnordered, "rows", "the rows are out of order; they were sorted"));
        }

        if (options.Now is { } now && rows[^1].Stamp > now + Duration.FromDays(1))
        {
            throw CsvLines.Refused(ErrorClass.SemanticTime, $"the reading of {rows[^1].Stamp} lies in the future; correct the clock or the format", rows[^1].Line);
        }

        var step = Step();
        RequireOneLength(step);
        var starts = Align(step);
        return Fill(starts, step);
    }

    private long Step()
    {
        if (options.Step is { } declared)
        {
            return (long)declared.TotalSeconds;
        }

        var step = IntervalLength.Commonest(rows.Select(r => r.Stamp))
            ?? throw CsvLines.Refused(ErrorClass.SemanticDuration, "the interval length cannot be told from one stamp; declare the step", rows[0].Line);
        return IntervalLength.DividesTheDay(step) ? step : throw CsvLines.Refused(
            ErrorClass.SemanticDuration, $"most rows are {step} s apart, which does not divide the day into equal intervals; declare minutes, the length of an interval", rows[0].Line);
    }

    /// <summary>
    /// Rows that keep coming at a multiple of the step are longer intervals, not gaps: their energy, taken as one step's, would be a peak that never was.
    /// </summary>
    private void RequireOneLength(long step)
    {
        if (options.LengthsAreStated)
        {
            return;
        }

        for (var (i, alike, before) = (1, 0, 0L); i < rows.Count; i++)
        {
            // In whole steps, so that a drifting clock hides nothing.
            var steps = ((long)(rows[i].Stamp - rows[i - 1].Stamp).TotalSeconds + step / 2) / step;
            alike = steps > 1 && steps == before ? alike + 1 : 1;
            before = steps;
            if (steps > 1 && alike == MostAlike)
            {
                throw CsvLines.Refused(
                    ErrorClass.DataOverlap,
                    $"from here on the rows stand {steps * step} s apart, elsewhere {step} s: intervals of two lengths, or every gap as long as the next; give one file for each length",
                    rows[i - MostAlike].Line);
            }
        }
    }

    /// <summary>Each row's interval start on the grid of whole steps. A meter clock that drifts by up to a tenth of a step is forgiven, with a finding.</summary>
    private long[] Align(long step)
    {
        var starts = new long[rows.Count];
        var shift = options.Stamp == StampPosition.End ? step : 0;
        var phases = CommonestPhase(step);
        var drift = Math.Min(phases, step - phases) * 10 <= step;
        var grid = drift ? 0 : phases;
        var (moved, worst) = (0, 0L);
        for (var i = 0; i < starts.Length; i++)
        {
            var seconds = rows[i].Stamp.ToUnixTimeSeconds();
            var off = Mod(seconds - grid, step);
            off = off * 2 > step ? off - step : off;
            if (Math.Abs(off) * 10 > step)
            {
                throw CsvLines.Refused(ErrorClass.DataOverlap, $"the stamp lies inside another interval: intervals are {step} s long here; remove the row or give one length throughout", rows[i].Line);
            }

            moved += off == 0 ? 0 : 1;
            worst = Math.Max(worst, Math.Abs(off));
            starts[i] = seconds - off - shift;
        }

        if (moved > 0 || grid != 0)
        {
            findings.Add(new Finding(ErrorClass.DataMisaligned, "rows", moved > 0
                ? $"{moved} stamps are off the {step} s grid by up to {worst} s; they were moved to it: check the meter's clock"
                : $"the intervals start {grid} s after whole steps of {step} s"));
        }

        return starts;
    }

    /// <summary>Counted, not grouped: a group would hold all rows once more.</summary>
    private long CommonestPhase(long step)
    {
        var counts = new Dictionary<long, int>();
        foreach (var row in rows)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(counts, Mod(row.Stamp.ToUnixTimeSeconds(), step), out _)++;
        }

        return counts.MaxBy(c => c.Value).Key;
    }

    private static long Mod(long value, long modulus) => ((value % modulus) + modulus) % modulus;

    private IntervalSeries Fill(long[] starts, long step)
    {
        var count = (starts[^1] - starts[0]) / step + 1;
        if (count > options.MostRows)
        {
            throw CsvLines.Refused(ErrorClass.LimitCount, $"the readings span {count} intervals; at most {options.MostRows}", rows[^1].Line);
        }

        var values = new decimal[count];
        var present = new bool[count];
        var estimated = new bool[count];
        var duplicates = 0;
        for (var i = 0; i < starts.Length; i++)
        {
            var at = (starts[i] - starts[0]) / step;
            if (rows[i].Missing)
            {
                continue;
            }

            if (present[at] && values[at] != rows[i].Value)
            {
                throw CsvLines.Refused(ErrorClass.DataConflict, $"a second value for the same interval: {values[at]} and {rows[i].Value}; remove the wrong one", rows[i].Line);
            }

            duplicates += present[at] ? 1 : 0;
            (values[at], present[at], estimated[at]) = (rows[i].Value, true, rows[i].Estimated);
        }

        if (duplicates > 0)
        {
            findings.Add(new Finding(ErrorClass.DataDuplicate, "rows", $"{duplicates} rows stand twice; each was taken once"));
        }

        if (Array.TrueForAll(present, p => !p))
        {
            throw CsvLines.Refused(ErrorClass.SemanticEmpty, "no row has a reading: all are said to be missing", rows[0].Line);
        }

        SpikeCheck.Apply(options, unit, step, values, present, estimated, starts[0], findings);
        Gaps(values, present, estimated, (int)step);
        RefuseIfRegister(values, present, estimated);
        Plausible(values, step);
        return IntervalSeries.Create(Instant.FromUnixTimeSeconds(starts[0]), Duration.FromSeconds(step), unit, values)
            .Marked(Ranges(present, wanted: false), Ranges(estimated, wanted: true));
    }

    private void Gaps(decimal[] values, bool[] present, bool[] estimated, int step)
    {
        var gaps = Ranges(present, wanted: false);
        if (gaps.IsEmpty)
        {
            return;
        }

        var missing = gaps.Sum(g => g.Count);
        if (options.Gaps == GapPolicy.Refuse)
        {
            throw new IntervalRefusedException(new ReadError(ErrorClass.DataGap, "rows", $"{missing} intervals are missing in {gaps.Length} gaps, and the gap policy is to refuse"));
        }

        // A gap at either end has no neighbour to be estimated from.
        GapFilling.Fill(options.Gaps, values, present, estimated, gaps, step);
        findings.Add(new Finding(ErrorClass.DataGap, "rows", $"{missing} intervals are missing in {gaps.Length} gaps; gap policy {options.Gaps}: the bill is provisional"));
    }

    /// <summary>Values that could be readings of a register are refused; where a site limit shows what is wrong with them they are kept as estimates, so that no bill of them is final.</summary>
    private void RefuseIfRegister(decimal[] values, bool[] present, bool[] estimated)
    {
        if (unit != IntervalUnit.Kwh || options.IsRegister is not null || !RegisterReadings.AreLikely(values, present))
        {
            return;
        }

        const string Doubt = "the values never fall and are large against their differences: readings of a register, or energy per interval? Declare register: true (their differences are billed) or register: false";
        if (options.SiteLimitKw is null)
        {
            throw new IntervalRefusedException(new ReadError(ErrorClass.Plausibility, "values", Doubt));
        }

        present.CopyTo(estimated, 0);
        findings.Add(new Finding(ErrorClass.Plausibility, "values", $"{Doubt}; until then they count as estimates"));
    }

    private void Plausible(decimal[] values, long step)
    {
        if (options.SiteLimitKw is { } limit && values.Max() is var most && (unit == IntervalUnit.Kw ? most : most * 3600 / step) > limit)
        {
            findings.Add(new Finding(ErrorClass.Plausibility, "values", $"up to {most} {unit} per interval is more than the site's {limit} kW allow; check the unit"));
        }

        if (values.Length >= 96 && Array.TrueForAll(values, v => v == values[0]))
        {
            findings.Add(new Finding(ErrorClass.Plausibility, "values", $"all {values.Length} values are {values[0]}: the register may be stuck"));
        }
    }

    private static ImmutableArray<IndexRange> Ranges(bool[] flags, bool wanted)
    {
        var ranges = ImmutableArray.CreateBuilder<IndexRange>();
        for (var i = 0; i < flags.Length;)
        {
            if (flags[i] != wanted)
            {
                i++;
                continue;
            }

            var from = i;
            while (i < flags.Length && flags[i] == wanted)
            {
                i++;
            }

            ranges.Add(new IndexRange(from, i - from));
        }

        return ranges.ToImmutable();
    }
}
