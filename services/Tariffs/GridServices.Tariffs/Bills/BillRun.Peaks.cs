using System.Collections.Immutable;
using NodaTime;

namespace GridServices.Tariffs;

/// <summary>Step 0: peaks of all cycles, and what ratchets and means make of them.</summary>
internal sealed partial class BillRun
{
    private const string BillingDemandKey = "\0billing-demand";
    private readonly Dictionary<(string Charge, int Version, int Cycle), Dictionary<string, Peak>> found = [];
    private decimal[]? billingDemand;

    private void FindPeaks()
    {
        for (var cycle = 0; cycle < plan.Cycles.Length; cycle++)
        {
            foreach (var segment in plan.SegmentsOf(cycle))
            {
                var tariff = plan.Versions[segment.Version].Source;
                foreach (var charge in tariff.Demand)
                {
                    if (charge is { Coincident: null, Assess: DemandAssessment.BillingPeriod })
                    {
                        found[(charge.Id, segment.Version, cycle)] = PeaksOf(segment.Version, charge, cycle);
                    }
                }

                if (tariff.BillingDemand is { } rule)
                {
                    found[(BillingDemandKey, segment.Version, cycle)] = PeaksOf(segment.Version, rule.Schedule, rule.Window, cycle);
                }
            }
        }

        if (plan.Versions.Any(v => v.Source.Energy.Any(NeedsDemand)))
        {
            billingDemand = [.. Enumerable.Range(0, plan.Cycles.Length).Select(BillingDemandOf)];
        }
    }

    private static bool NeedsDemand(EnergyCharge charge) =>
        charge.Rates.Any(r => r.Tiers.Any(t => t.Unit is TierUnit.KwhPerKw or TierUnit.KwhPerKwDaily));

    private Dictionary<string, Peak> PeaksOf(int version, DemandCharge charge, int cycle) => charge.Basis == DemandBasis.Kva
        ? ApparentPeaks(version, charge, cycle)
        : PeaksOf(version, charge.Schedule, charge.Window, cycle);

    private Dictionary<string, Peak> PeaksOf(int version, string? schedule, DemandWindow? window, int cycle)
    {
        NoteWindow(window);
        var periods = Names(version, schedule);
        Span<Peak> best = stackalloc Peak[periods.Length];
        var span = plan.Spans[cycle];
        peaks.Find(plan.TableOf(version, schedule), span.From, span.From + span.Count, window, best);
        var named = new Dictionary<string, Peak>(StringComparer.Ordinal);
        for (var p = 0; p < best.Length; p++)
        {
            if (best[p].IsFound)
            {
                named[periods[p]] = best[p];
            }
        }

        return named;
    }

    private Dictionary<string, Peak> ApparentPeaks(int version, DemandCharge charge, int cycle)
    {
        NoteWindow(charge.Window);
        var reactive = Reactive(charge.Id);
        var span = plan.Spans[cycle];
        var names = Names(version, charge.Schedule);
        var named = new Dictionary<string, Peak>(StringComparer.Ordinal);
        foreach (var window in peaks.Windows(plan.TableOf(version, charge.Schedule), span.From, span.From + span.Count, charge.Window))
        {
            var (kw, kvar) = (peaks.Kw(window), reactive.Kw(window));
            var square = kw * kw + kvar * kvar;
            if (window.Period >= 0 && (!named.TryGetValue(names[window.Period], out var best) || square > best.Kw))
            {
                named[names[window.Period]] = Peak.At(square, window.From);
            }
        }

        return named.ToDictionary(p => p.Key, p => p.Value with { Kw = SquareRoot.Compute(p.Value.Kw) }, StringComparer.Ordinal);
    }

    private PeakFinder Reactive(string charge) => data.Reactive is { } series
        ? new PeakFinder(plan, series)
        : throw new BillRefusedException($"the charge '{charge}' needs reactive intervals (kvar or kvarh); give them beside the active ones");

    private void NoteWindow(DemandWindow? window)
    {
        if (peaks.IsCoarser(window))
        {
            notes.Add($"the demand window is {window!.Minutes} min but the data are in steps of {given.Net.StepSeconds / 60} min; the intervals were used as they are, and true peaks may be higher");
        }
        else if (peaks.IsOffClock(window))
        {
            notes.Add($"intervals of {window!.Minutes} min lie across the edges of the demand window of {window.Minutes} min on the local clock; they were used as they are, finer intervals would tell the windows' own means");
        }
        else if (peaks.ReachesBack(window) && plan.Spans[0].From == 0)
        {
            notes.Add($"the first rolling windows of {window!.Minutes} min reach back before the data; what was drawn there is not in them: give the last {window.Minutes} min before the first cycle too");
        }
    }

    private static ImmutableArray<Instant> Starts(Peak peak) => peak.IsFound ? [Instant.FromUnixTimeSeconds(peak.From)] : [];

    private ImmutableArray<string> Names(int version, string? schedule) => plan.Versions[version].ScheduleOf(schedule)?.Periods ?? AllPeriods;

    private static readonly ImmutableArray<string> AllPeriods = ["all"];

    private decimal BillingDemandOf(int cycle)
    {
        var version = plan.SegmentsOf(cycle).Last().Version;
        if (plan.Versions[version].Source.BillingDemand is not { } rule)
        {
            Span<Peak> best = stackalloc Peak[1];
            var span = plan.Spans[cycle];
            peaks.Find(plan.TableOf(version, schedule: null), span.From, span.From + span.Count, window: null, best);
            return best[0].Kw;
        }

        var own = found[(BillingDemandKey, version, cycle)].Where(p => rule.Periods.IsEmpty || rule.Periods.Contains(p.Key)).Select(p => p.Value.Kw).DefaultIfEmpty(0).Max();
        var periods = rule.Periods.IsEmpty ? Names(version, rule.Schedule) : rule.Periods;
        var billed = rule.Ratchet is { } ratchet ? Ratcheted(ratchet, BillingDemandKey, periods, own, cycle).Kw : own;
        return Math.Max(billed, rule.MinimumKw);
    }

    /// <summary>The kW billed after a ratchet, and which peak bound if it was not this cycle's own.</summary>
    private (decimal Kw, string? Note) Ratcheted(Ratchet ratchet, string charge, IReadOnlyList<string> periods, decimal own, int cycle)
    {
        var history = History(charge, ratchet.SourcePeriods.IsEmpty ? periods : ratchet.SourcePeriods).ToArray();
        Miss(charge, ratchet, plan.Cycles[cycle].Month, history.Select(p => p.Month).Concat(plan.Cycles.Select(c => c.Month)));
        return RatchetRule.Apply(ratchet, plan.Cycles[cycle].Month, own, history);
    }

    /// <summary>Every known peak of the charge in the periods, from this bill and from before.</summary>
    private IEnumerable<(YearMonth Month, decimal Kw)> History(string charge, IReadOnlyList<string> periods)
    {
        foreach (var prior in account.PriorPeaks)
        {
            if ((prior.Charge is null || prior.Charge == charge) && (prior.Period is null || periods.Contains(prior.Period)))
            {
                yield return (prior.Month, prior.Kw);
            }
        }

        foreach (var (key, byPeriod) in found)
        {
            foreach (var period in string.Equals(key.Charge, charge, StringComparison.Ordinal) ? periods : [])
            {
                if (byPeriod.TryGetValue(period, out var peak))
                {
                    yield return (plan.Cycles[key.Cycle].Month, peak.Kw);
                }
            }
        }
    }
}
