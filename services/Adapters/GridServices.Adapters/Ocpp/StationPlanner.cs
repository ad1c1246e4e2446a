using GridServices.Adapters.Lines;
using GridServices.Adapters.Schedules;
using NodaTime;

namespace GridServices.Adapters.Ocpp;

/// <summary>One station as the planner sees it.</summary>
/// <param name="Station">What it is.</param>
/// <param name="MayDo">The most it may be doing, now and later.</param>
/// <param name="Answers">False: what it was told last is all that is known of it, and nobody can change it.</param>
public sealed record StationStatus(ChargingStation Station, PowerCurve MayDo, bool Answers);

/// <summary>
/// What each station is to be told, so that all of them together stay below the site's limit at every instant, whatever arrives and whatever does not:
/// <code>
///   who does not answer counts with the most it may be doing, and the others divide what is left;
///   who is to have less is told so at once;
///   who is to have more gets no more than what the others surely leave, so that the sum never rises above the limit on the way.
/// </code>
/// </summary>
public static class StationPlanner
{
    /// <summary>What the site's stations may draw together, as a peer with a clock is told it: with margins, and a fail-safe end.</summary>
    /// <param name="line">The site's limit.</param>
    /// <param name="now">The present.</param>
    /// <param name="rules">How far ahead; the end comes at multiples of half of it, so that the profiles of all stations end together.</param>
    /// <param name="failsafeW">Holds from the end on, or less.</param>
    /// <param name="stations">Who they are.</param>
    /// <param name="sharePercent">The stations' part of the limit.</param>
    public static PowerCurve Cap(LimitLine line, Instant now, ScheduleRules rules, long failsafeW, IReadOnlyList<ChargingStation> stations, int sharePercent)
    {
        ArgumentNullException.ThrowIfNull(rules);
        return Curve(PeerSchedule.Create(line, now, rules.EndingTogether(now), failsafeW), stations, sharePercent);
    }

    /// <summary>What is left to the stations by who goes: fail-safe at once, or less where anything later is tighter.</summary>
    public static PowerCurve GetShutdownCurve(LimitLine line, Instant now, long failsafeW, IReadOnlyList<ChargingStation> stations, int sharePercent)
    {
        var (watts, by) = PeerSchedule.GetShutdownLimit(line, now, failsafeW);
        return Curve([new PeerEntry(Instant.FromUnixTimeSeconds(now.ToUnixTimeSeconds()), watts, by)], stations, sharePercent);
    }

    /// <summary>Of each station, in their order, what it is to be told.</summary>
    /// <param name="statuses">All stations of the site.</param>
    /// <param name="cap">What they may draw together, from now on.</param>
    /// <param name="margin">So wrong a station's clock may be, either way.</param>
    /// <param name="mostPeriods">Points of a profile at most.</param>
    public static IReadOnlyList<PowerCurve> Targets(IReadOnlyList<StationStatus> statuses, PowerCurve cap, Duration margin, int mostPeriods)
    {
        ArgumentNullException.ThrowIfNull(statuses);
        ArgumentNullException.ThrowIfNull(cap);
        // Two clocks may be wrong against each other by both margins.
        var apart = margin + margin;
        var desired = Desired(statuses, cap, apart);
        PowerCurve[] mayDo = [.. statuses.Select(s => s.MayDo)];
        PowerCurve[] wide = [.. mayDo.Select(c => c.Widened(apart))];
        var targets = new PowerCurve[statuses.Count];
        for (var i = 0; i < statuses.Count; i++)
        {
            var others = wide.Where((_, o) => o != i).ToList();
            var (own, wish, station) = (mayDo[i], desired[i], statuses[i].Station);
            targets[i] = PowerCurve.Create(
                PowerCurve.GetTurns([cap, own, wish, .. others]),
                at => station.Step(Math.Min(wish.At(at), Math.Max(own.At(at), cap.At(at) - others.Sum(o => o.At(at))))))
                .From(cap.Points[0].From).Shortened(mostPeriods);
            wide[i] = PowerCurve.Greatest([own, targets[i]]).Widened(apart);
        }

        return targets;
    }

    private static PowerCurve Curve(IReadOnlyList<PeerEntry> entries, IReadOnlyList<ChargingStation> stations, int sharePercent)
    {
        var all = stations.Sum(s => s.MaxW);
        return PowerCurve.Create(entries.Select(e => e.From), at => Math.Min(Share.Compute(entries.Last(e => e.From <= at).Watts, sharePercent) ?? all, all));
    }

    // What each would have if all obeyed at once. Who does not answer is asked for its part as if it did.
    private static PowerCurve[] Desired(IReadOnlyList<StationStatus> statuses, PowerCurve cap, Duration apart)
    {
        ChargingStation[] all = [.. statuses.Select(s => s.Station)];
        ChargingStation[] answering = [.. statuses.Where(s => s.Answers).Select(s => s.Station)];
        PowerCurve[] silent = [.. statuses.Where(s => !s.Answers).Select(s => s.MayDo.Widened(apart))];
        Instant[] turns = [.. PowerCurve.GetTurns([cap, .. silent]).Where(t => t >= cap.Points[0].From).Distinct().Order()];
        var shares = turns.Select(at => Shares(at)).ToList();
        return [.. statuses.Select((_, i) => Unhurried(turns, shares, i, apart))];

        long[] Shares(Instant at)
        {
            var asked = StationAllocator.Divide(cap.At(at), all);
            var left = new Queue<long>(StationAllocator.Divide(Math.Max(0, cap.At(at) - silent.Sum(s => s.At(at))), answering));
            return [.. statuses.Select((s, i) => s.Answers ? left.Dequeue() : asked[i])];
        }
    }

    // Where one gets more while another gets less, the one waits until the other's clock has surely come there too.
    private static PowerCurve Unhurried(Instant[] turns, List<long[]> shares, int i, Duration apart)
    {
        var mixed = Enumerable.Range(1, turns.Length - 1)
            .Where(k => shares[k][i] > shares[k - 1][i] && shares[k].Zip(shares[k - 1]).Any(pair => pair.First < pair.Second)).ToList();
        return PowerCurve.Create(
            [.. turns, .. mixed.Select(k => turns[k] + apart)],
            at => mixed.Where(k => turns[k] <= at && turns[k] > at - apart).Select(k => shares[k - 1][i]).Append(shares[Array.FindLastIndex(turns, t => t <= at)][i]).Min());
    }
}
