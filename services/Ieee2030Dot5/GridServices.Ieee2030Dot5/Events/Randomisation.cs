using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>Effective times: drawn once per mRID, half open, and never in conflict with the control before.</summary>
/// <remarks>
/// <code>
///   as sent       ├────── A ──────┼────── B ──────┤        successive: B begins where A ends
///   A drawn +30   ├────── A ─────────┤
///   in force      ├────── A ─────────┼────── B ──────┤     neither overlap nor a fall back to the default between them
/// </code>
/// </remarks>
internal static class Randomisation
{
    private const int StartUse = 11;
    private const int DurationUse = 12;
    private const int CancelUse = 13;

    public static HeldControl Draw(HeldControl fresh, ulong seed)
    {
        var (start, duration) = Offsets(fresh.MRid, fresh.Content.RandomizeStartS, fresh.Content.RandomizeDurationS, seed);
        return fresh with { StartOffsetS = start, DurationOffsetS = duration };
    }

    /// <summary>Seconds by which start and duration of an event move, each between 0 and its span.</summary>
    public static (long StartS, long DurationS) Offsets(string mRid, long startSpanS, long durationSpanS, ulong seed) =>
        (SeededRandom.Between(startSpanS, seed, mRid, StartUse), SeededRandom.Between(durationSpanS, seed, mRid, DurationUse));

    public static Instant CancelledEnd(HeldControl held, Instant now, ulong seed) =>
        CancelledEnd(held.MRid, (held.Content.RandomizeStartS, held.Content.RandomizeDurationS), (held.Start, held.End), now, seed);

    /// <summary>Behaviour rule 17: cancelled with randomisation, it ends after at most the greater of both spans; drawn once.</summary>
    public static Instant CancelledEnd(string mRid, (long StartS, long DurationS) spans, (Instant Start, Instant End) times, Instant now, ulong seed) => now < times.Start
        ? now
        : Instant.Min(times.End, now + Duration.FromSeconds(SeededRandom.Between(Math.Max(Math.Abs(spans.StartS), Math.Abs(spans.DurationS)), seed, mRid, CancelUse)));

    /// <summary>Start and end of every control: of those that have begun as they are, of the others anew.</summary>
    public static ValueList<HeldControl> ComputeTimes(ValueList<HeldControl> controls, Instant now)
    {
        var settled = new Dictionary<string, HeldControl>(StringComparer.OrdinalIgnoreCase);
        foreach (var program in controls.GroupBy(c => c.ProgramKey, StringComparer.OrdinalIgnoreCase))
        {
            ComputeProgramTimes(program, now, settled);
        }

        return controls.All(c => ReferenceEquals(settled[c.MRid], c)) ? controls : controls.Select(c => settled[c.MRid]).ToValueList();
    }

    private static void ComputeProgramTimes(IEnumerable<HeldControl> program, Instant now, Dictionary<string, HeldControl> settled)
    {
        // Those that have ended as sent, waiting to be looked back at; then, by mode, the latest real end and the one of each end as sent.
        var ended = new PriorityQueue<HeldControl, long>();
        var latest = new Dictionary<ControlMode, Instant>();
        var exact = new Dictionary<(ControlMode Mode, long EndS), Instant>();
        foreach (var held in program.OrderBy(c => c.Content.StartS).ThenBy(c => c.MRid, StringComparer.OrdinalIgnoreCase))
        {
            while (ended.TryPeek(out var before, out var endS) && endS <= held.Content.StartS)
            {
                _ = ended.Dequeue();
                foreach (var mode in before.Content.Settings.Select(s => s.Mode))
                {
                    latest[mode] = Later(latest, mode, before.End);
                    exact[(mode, endS)] = Later(exact, (mode, endS), before.End);
                }
            }

            var final = held.Begun ? held : ComputeTimes(held, latest, exact, now);
            settled[held.MRid] = final;
            if (final.Ending is null || final.Ending.At > final.Start)
            {
                ended.Enqueue(final, final.Content.EndS());
            }
        }
    }

    private static HeldControl ComputeTimes(
        HeldControl held, Dictionary<ControlMode, Instant> latest, Dictionary<(ControlMode Mode, long EndS), Instant> exact, Instant now)
    {
        var modes = held.Content.Settings.Select(s => s.Mode).ToList();
        var start = Instant.FromUnixTimeSeconds(held.Content.StartS) + Duration.FromSeconds(held.StartOffsetS);
        var successive = modes.Where(m => exact.ContainsKey((m, held.Content.StartS))).Select(m => exact[(m, held.Content.StartS)]).ToList();
        if (successive.Count > 0)
        {
            // Behaviour rule 18: the end of the one is the start of the next.
            start = successive.Max();
        }
        else if (modes.Where(latest.ContainsKey).Select(m => latest[m]).ToList() is { Count: > 0 } earlier)
        {
            start = Instant.Max(start, earlier.Max());
        }

        var end = start + Duration.FromSeconds(Math.Max(1, held.Content.DurationS + held.DurationOffsetS));
        var begun = start <= now;
        return held.Start == start && held.End == end && held.Begun == begun ? held : held with { Start = start, End = end, Begun = begun };
    }

    private static Instant Later<TKey>(Dictionary<TKey, Instant> ends, TKey key, Instant end)
        where TKey : notnull => ends.TryGetValue(key, out var held) && held > end ? held : end;
}
