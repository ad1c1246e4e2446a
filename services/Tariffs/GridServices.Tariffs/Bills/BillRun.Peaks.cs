using System.Collections.Immutable;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Bills;

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
            foreach (var segment in plan.GetSegments(cycle))
            {
                var tariff = plan.Versions[segment.Version].Source;
                foreach (var charge in tariff.Demand)
                {
                    if (charge is { Coincident: null, Assess: DemandAssessment.BillingPeriod })
                    {
                        found[(charge.Id, segment.Version, cycle)] = ComputePeaks(segment.Version, charge, cycle);
                    }
                }

                foreach (var charge in tariff.Fixed.Where(c => !c.Classes.IsEmpty))
                {
                    found[(charge.Id, segment.Version, cycle)] = ComputePeaks(segment.Version, schedule: null, charge.Window, cycle);
                }

                if (tariff.BillingDemand is { } rule)
                {
                    found[(BillingDemandKey, segment.Version, cycle)] = ComputePeaks(segment.Version, rule.Schedule, rule.Window, cycle);
                }
            }
        }

        if (plan.Versions.Any(v => v.Source.Energy.Any(NeedsDemand)))
        {
            billingDemand = [.. Enumerable.Range(0, plan.Cycles.Length).Select(ComputeBillingDemand)];
        }
    }

    internal static bool NeedsDemand(EnergyCharge charge) =>
        charge.Rates.Any(r => r.Tiers.Any(t => t.Unit is TierUnit.KwhPerKw or TierUnit.KwhPerKwDaily));

    private Dictionary<string, Peak> ComputePeaks(int version, DemandCharge charge, int cycle) => charge.Basis == DemandBasis.Kva
        ? ApparentPeaks(version, charge.Id, charge.Schedule, charge.Window, charge.PowerFactor, cycle)
        : ComputePeaks(version, charge.Schedule, charge.Window, cycle);

    private Dictionary<string, Peak> ComputePeaks(int version, string? schedule, DemandWindow? window, int cycle)
    {
        NoteWindow(window);
        var periods = Names(version, schedule);
        Span<Peak> best = stackalloc Peak[periods.Length];
        var span = plan.Spans[cycle];
        var table = plan.GetTable(version, schedule);
        peaks.Find(table, span.From, span.From + span.Count, window, best);
        var named = new Dictionary<string, Peak>(StringComparer.Ordinal);
        for (var p = 0; p < best.Length; p++)
        {
            // A month that was measured and drew nothing has a peak of 0; one that was not measured, or not whole, has none.
            if (best[p].IsFound || (span.Count == plan.Expected(cycle) && IsMeasured(table, p, span)))
            {
                named[periods[p]] = best[p];
            }
        }

        return named;
    }

    /// <summary>Whether every interval of the period was read.</summary>
    private bool IsMeasured(RunTable table, int period, IndexRange span)
    {
        var any = false;
        foreach (var run in table.Between(span.From, span.From + span.Count))
        {
            if (run.Period != period)
            {
                continue;
            }

            if (data.Net.Missing.Any(m => Math.Min(m.From + m.Count, run.End) > Math.Max(m.From, run.Start)))
            {
                return false;
            }

            any = true;
        }

        return any;
    }

    /// <summary>Peaks in kVA. A window whose kvar were not measured has the stated power factor or does not count: it is never taken for one without kvar.</summary>
    private Dictionary<string, Peak> ApparentPeaks(int version, string charge, string? schedule, DemandWindow? window, decimal? powerFactor, int cycle)
    {
        if (data.Reactive is null && powerFactor is { } stated)
        {
            notes.Add($"the meter has no kvar: kVA of '{charge}' are kW / {stated:0.####}, the power factor that the tariff states");
            return ComputePeaks(version, schedule, window, cycle).ToDictionary(p => p.Key, p => p.Value with { Kw = p.Value.Kw / stated }, StringComparer.Ordinal);
        }

        NoteWindow(window);
        var reactive = Reactive(charge);
        var span = plan.Spans[cycle];
        var names = Names(version, schedule);
        var named = new Dictionary<string, Peak>(StringComparer.Ordinal);
        foreach (var at in peaks.Windows(plan.GetTable(version, schedule), span.From, span.From + span.Count, window).Where(w => w.Period >= 0))
        {
            if (Square(reactive, at, charge, powerFactor) is { } square && (!named.TryGetValue(names[at.Period], out var best) || square > best.Kw))
            {
                named[names[at.Period]] = Peak.At(square, at.From);
            }
        }

        return named.ToDictionary(p => p.Key, p => p.Value with { Kw = SquareRoot.Compute(p.Value.Kw) }, StringComparer.Ordinal);
    }

    /// <summary>kVA² of a window; null where its kvar are not known.</summary>
    private decimal? Square(PeakFinder reactive, WindowSpan window, string charge, decimal? powerFactor)
    {
        // Export is no demand, in kVA as in kW; its square would be.
        var kw = Math.Max(0, peaks.Kw(window));
        if (!reactive.HasGap(window))
        {
            var kvar = reactive.Kw(window);
            return kw * kw + kvar * kvar;
        }

        notes.Add(powerFactor is { } factor
            ? $"kvar are missing in some windows of '{charge}': there kVA are kW / {factor:0.####}, the power factor that the tariff states"
            : $"kvar are missing in some windows of '{charge}': their kVA are not known and may be higher than the peak that is billed");
        return powerFactor is { } stated ? kw * kw / (stated * stated) : null;
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
        else if (peaks.IsSplit(window))
        {
            notes.Add($"intervals of {given.Net.StepSeconds / 60m:0.##} min do not divide the demand window of {window!.Minutes} min: those that its edges cut count on both sides by their share of time");
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

    private ImmutableArray<string> Names(int version, string? schedule) => plan.Versions[version].FindSchedule(schedule)?.Periods ?? AllPeriods;

    private static readonly ImmutableArray<string> AllPeriods = ["all"];

    private decimal ComputeBillingDemand(int cycle)
    {
        var version = plan.GetSegments(cycle).Last().Version;
        if (plan.Versions[version].Source.BillingDemand is not { } rule)
        {
            Span<Peak> best = stackalloc Peak[1];
            var span = plan.Spans[cycle];
            peaks.Find(plan.GetTable(version, schedule: null), span.From, span.From + span.Count, window: null, best);
            return best[0].Kw;
        }

        var own = found[(BillingDemandKey, version, cycle)].Where(p => rule.Periods.IsEmpty || rule.Periods.Contains(p.Key)).Select(p => p.Value.Kw).DefaultIfEmpty(0).Max();
        var periods = rule.Periods.IsEmpty ? Names(version, rule.Schedule) : rule.Periods;
        var billed = rule.Ratchet is { } ratchet ? Ratcheted(ratchet, BillingDemandKey, periods, own, cycle).Kw : own;
        return Math.Max(billed * (rule.LossFactor ?? 1), rule.MinimumKw);
    }

    /// <summary>The kW billed after a ratchet, and which peak bound if it was not this cycle's own.</summary>
    private (decimal Kw, string? Note) Ratcheted(Ratchet ratchet, string charge, IReadOnlyList<string> periods, decimal own, int cycle)
    {
        var history = History(charge, ratchet.SourcePeriods.IsEmpty ? periods : ratchet.SourcePeriods).ToArray();
        NoteMissing(charge, ratchet, plan.Cycles[cycle].Month, history.Select(p => p.Month).Concat(plan.Cycles.Select(c => c.Month)));
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
