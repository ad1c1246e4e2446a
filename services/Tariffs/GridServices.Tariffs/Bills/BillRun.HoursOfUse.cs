using System.Collections.Immutable;
using GridServices.Tariffs.Model;

namespace GridServices.Tariffs.Bills;

/// <summary>Steps 1 and 2: price pairs by the year's hours of use.</summary>
internal sealed partial class BillRun
{
    private const int MonthsOfYear = 12;

    private void HoursOfUse(int cycle)
    {
        foreach (var segment in plan.GetSegments(cycle))
        {
            foreach (var charge in plan.Versions[segment.Version].Source.HoursOfUse)
            {
                Pair(segment, charge);
            }
        }
    }

    private void Pair(BillSegment segment, HoursOfUseCharge charge)
    {
        var year = plan.Cycles[segment.Cycle].Month.Year;
        int[] cycles = [.. Enumerable.Range(0, plan.Cycles.Length).Where(c => plan.Cycles[c].Month.Year == year)];
        var isWhole = cycles.Select(c => plan.Cycles[c].Month).Distinct().Count() == MonthsOfYear;
        var peak = YearPeak(segment.Version, charge, year, cycles);
        var kw = rounding.RoundKw(peak.Kw);
        var (pair, note) = isWhole ? Measured(charge, kw, cycles) : Stated(charge);
        Line(LineKind.Energy, charge.Id, charge.Name, PricedKwh(segment), "kWh", pair.EnergyPrice, new LineDetail(Version: FindVersionName(segment), Note: note));
        Line(LineKind.Demand, charge.Id, charge.Name, kw * Years(segment.Span), "kW-year", pair.DemandPrice, new LineDetail(
            Version: FindVersionName(segment), PeakAt: InCycle(peak, segment.Cycle) ? Starts(peak) : [],
                Note: $"{kw:0.######} kW, the highest of {(isWhole ? "the year" : "the year as far as it is known")}; {note}"));
    }

    private (HoursOfUsePair Pair, string Note) Measured(HoursOfUseCharge charge, decimal kw, int[] cycles)
    {
        var kwh = cycles.Sum(c => data.Net.Kwh(Import(plan.Spans[c].From, plan.Spans[c].Count)));
        totals.Unpriced |= !data.Net.Missing.IsEmpty;
        return (ChoosePair(charge, h => kwh < h * kw), string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"{kwh:0.###} kWh / {kw:0.###} kW = {(kw == 0 ? 0 : kwh / kw):0.##} h of use in the year"));
    }

    private (HoursOfUsePair Pair, string Note) Stated(HoursOfUseCharge charge)
    {
        var hours = account.HoursOfUse.TryGetValue(charge.Id, out var stated) ? stated : throw new BillRefusedException(
            $"the prices of '{charge.Id}' are those of the calendar year's hours of use, and the bill does not cover the year; give account.hoursOfUse['{charge.Id}'], or the intervals and cycles of the whole year");
        return (ChoosePair(charge, h => hours < h), $"{hours:0.##} h of use in the year, as the account says");
    }

    internal static HoursOfUsePair ChoosePair(HoursOfUseCharge charge, Func<decimal, bool> isBelow) =>
        charge.Pairs.First(p => p.UpToHours is not { } hours || isBelow(hours));

    private Peak YearPeak(int version, HoursOfUseCharge charge, int year, int[] cycles)
    {
        var best = Peak.None;
        foreach (var cycle in cycles)
        {
            var own = ComputePeaks(version, schedule: null, charge.Window, cycle).GetValueOrDefault("all", Peak.None);
            best = own.Kw > best.Kw ? own : best;
        }

        var prior = account.PriorPeaks.Where(p => (p.Charge is null || p.Charge == charge.Id) && p.Month.Year == year).Select(p => p.Kw).DefaultIfEmpty(0).Max();
        return prior > best.Kw ? Peak.None with { Kw = prior } : best;
    }

    private bool InCycle(Peak peak, int cycle)
    {
        var at = plan.Grid.IndexAt(peak.From);
        return peak.IsFound && at >= plan.Spans[cycle].From && at < plan.Spans[cycle].From + plan.Spans[cycle].Count;
    }
}
