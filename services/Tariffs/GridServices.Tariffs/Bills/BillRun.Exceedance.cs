using System.Collections.Immutable;
using GridServices.Tariffs.Model;
using NodaTime;

namespace GridServices.Tariffs.Bills;

/// <summary>Step 2: the square-root excess over contracted power.</summary>
internal sealed partial class BillRun
{
    private void SquareRootExcess(BillSegment segment, ContractedPower charge, ContractedRate rate, decimal contracted)
    {
        NoteWindow(charge.Window);
        var over = Exceedances(plan, peaks, charge, rate.Period, contracted, segment.Version, segment.Cycle, rounding);
        if (over.IsEmpty)
        {
            return;
        }

        // The windows are the whole cycle's; a version that holds for part of it prices them for its share of days.
        var (coefficient, root) = (rate.ExcessCoefficient ?? 1, SquareRoot.Compute(over.Sum(o => o.Kw * o.Kw)));
        Line(LineKind.Demand, charge.Id, charge.Name, root, "kW", segment.Prorate(coefficient * rate.ExcessPrice!.Value), new LineDetail(
            rate.Period, null, FindVersionName(segment), [.. over.Select(o => Instant.FromUnixTimeSeconds(o.Window.From))], Note:
            $"root of the sum of squares of {over.Length} windows above {contracted:0.######} kW contracted; price {coefficient:0.######} x {rate.ExcessPrice:0.######}{(segment.IsWhole ? "" : $", {segment.Span.Days} of {segment.CycleDays} days")}"));
    }

    /// <summary>Every window of a period above the contracted kW, and by how many kW.</summary>
    internal static ImmutableArray<(WindowSpan Window, decimal Kw)> Exceedances(
        BillPlan plan, PeakFinder peaks, ContractedPower charge, string period, decimal contracted, int version, int cycle, Rounding rounding)
    {
        var number = plan.Versions[version].FindSchedule(charge.Schedule)?.Periods.IndexOf(period) ?? 0;
        var span = plan.Spans[cycle];
        return [.. peaks.Windows(plan.GetTable(version, charge.Schedule), span.From, span.From + span.Count, charge.Window)
            .Where(w => w.Period == number)
            .Select(w => (Window: w, Kw: rounding.RoundKw(peaks.Kw(w)) - contracted))
            .Where(w => w.Kw > 0)];
    }
}
