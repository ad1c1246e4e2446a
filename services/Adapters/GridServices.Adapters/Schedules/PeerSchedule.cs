using GridServices.Adapters.Lines;
using NodaTime;

namespace GridServices.Adapters.Schedules;

/// <summary>One entry: holds until the next; the last for ever.</summary>
/// <param name="From">Begin.</param>
/// <param name="Watts">0 or more; null: no limit.</param>
/// <param name="By">As in <see cref="PowerStep"/>.</param>
public sealed record PeerEntry(Instant From, long? Watts, string By);

/// <summary>
/// What a peer with a clock and a memory is told: never looser than the line at any instant, even if the peer's clock is wrong by the margin,
/// and fail-safe in the end, should nobody tell it anything again.
/// <code>
///   line        ▔▔▔▔▔▔▔▔▔╲______________╱▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔
///   schedule    ▔▔▔▔▔▔▔╲__________________╱▔▔▔▔▔▔▔▔▔▔▔╲_____________  fail-safe, or less if anything later is tighter
///             now    begins earlier   ends later    now + validFor
/// </code>
/// </summary>
public static class PeerSchedule
{
    /// <summary>At least two entries; the first holds now, the last is the fail-safe one.</summary>
    public static IReadOnlyList<PeerEntry> Create(LimitLine line, Instant now, ScheduleRules rules, long failsafeW)
    {
        ArgumentNullException.ThrowIfNull(line);
        ArgumentNullException.ThrowIfNull(rules);
        var (start, end) = (Floor(now, rules.Grain), Floor(now + rules.ValidFor, rules.Grain));
        Instant[] turns = [start, .. Turns(line, end, rules).Where(t => t > start && t < end).Distinct().Order().Take(rules.MostEntries)];
        end = turns.Length > rules.MostEntries ? turns[^1] : end;
        turns = [.. turns.Where(t => t < end)];
        List<PeerEntry> entries = [];
        for (var i = 0; i < turns.Length; i++)
        {
            var next = i + 1 < turns.Length ? turns[i + 1] : end;
            var step = line.Least(turns[i] - rules.Margin, next + rules.Margin);
            if (entries.Count == 0 || entries[^1].Watts != step.Watts || !string.Equals(entries[^1].By, step.By, StringComparison.Ordinal))
            {
                entries.Add(new PeerEntry(turns[i], step.Watts, step.By));
            }
        }

        var (watts, by) = GetShutdownLimit(line, end - rules.Margin, failsafeW);
        return [.. entries, new PeerEntry(end, watts, by)];
    }

    /// <summary>What a peer is left with that may never hear of us again: the fail-safe limit, or less if the line, or what streams state for their own silence, is tighter anywhere from then on.</summary>
    public static (long Watts, string By) GetShutdownLimit(LimitLine line, Instant from, long failsafeW)
    {
        ArgumentNullException.ThrowIfNull(line);
        var least = line.LeastLeft(from);
        return least.Watts < failsafeW ? (least.Watts.Value, least.By) : (failsafeW, LimitLine.Failsafe);
    }

    // Where the line changes, the schedule changes before and after: which of the two it is follows from the windows.
    private static IEnumerable<Instant> Turns(LimitLine line, Instant end, ScheduleRules rules) => line.Steps.Skip(1).Where(s => s.From - rules.Margin < end)
        .SelectMany(s => new[] { Floor(s.From - rules.Margin, rules.Grain), Floor(s.From + rules.Margin + rules.Grain - Duration.Epsilon, rules.Grain) });

    private static Instant Floor(Instant instant, Duration grain)
    {
        var since = (instant - NodaConstants.UnixEpoch).ToInt64Nanoseconds();
        var step = grain.ToInt64Nanoseconds();
        return NodaConstants.UnixEpoch + Duration.FromNanoseconds(since - (((since % step) + step) % step));
    }
}
