using GridServices.Tariffs.Model;

namespace GridServices.Tariffs.Bills;

/// <summary>Step 2: demand of a cycle that lies in more than one season.</summary>
internal sealed partial class BillRun
{
    /// <summary>The share of the segment's days on which the season of a period holds; 1 and no note where it always does, or the charge is due whole.</summary>
    private (decimal Share, string? Note) SeasonShare(BillSegment segment, DemandCharge charge, string period)
    {
        if (charge.Seasons == SeasonalDemand.Whole || plan.Versions[segment.Version].FindSchedule(charge.Schedule) is not { } schedule)
        {
            return (1, null);
        }

        var (number, days) = (schedule.Periods.IndexOf(period), 0);
        for (var day = segment.Span.From; day < segment.Span.Until; day = day.PlusDays(1))
        {
            days += schedule.GetSeasonPeriods(day).Contains(number) ? 1 : 0;
        }

        return days == segment.Span.Days ? (1, null) : ((decimal)days / segment.Span.Days, $"its season holds on {days} of {segment.Span.Days} days");
    }
}
