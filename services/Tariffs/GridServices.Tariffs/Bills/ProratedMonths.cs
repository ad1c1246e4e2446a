using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;

namespace GridServices.Tariffs.Bills;

/// <summary>How many monthly prices are due for a billing cycle under a tariff's rule.</summary>
internal static class ProratedMonths
{
    private const int DaysOfMonth = 30;

    public static decimal Compute(BillingCycle cycle, Proration? proration)
    {
        if (proration is null)
        {
            return cycle.Months;
        }

        var isWhole = cycle.Days >= (proration.WholeFromDays ?? int.MaxValue) && cycle.Days <= (proration.WholeUntilDays ?? int.MaxValue);
        return isWhole ? 1 : proration.Rule switch
        {
            ProrationRule.None => 1,
            ProrationRule.ThirtyDays => (decimal)cycle.Days / DaysOfMonth,
            _ => cycle.CalendarMonthShares,
        };
    }

    /// <summary>The share of a segment, by days.</summary>
    public static decimal Compute(BillPlan plan, BillSegment segment) =>
        segment.Prorate(Compute(plan.Cycles[segment.Cycle], plan.Versions[segment.Version].Source.Proration));

}
