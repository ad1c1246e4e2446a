using GridServices.Tariffs.Model;
using NodaTime;

namespace GridServices.Tariffs.Bills;

/// <summary>The share of a demand charge's price that is due so long after the first day of service. Bills and live meters share it.</summary>
internal static class PhaseInShare
{
    public static decimal Compute(DemandCharge charge, LocalDate serviceFrom, LocalDate cycleFrom)
    {
        if (charge.GraceCycles is { } grace && cycleFrom < serviceFrom.PlusMonths(grace))
        {
            return 0;
        }

        return charge.PhaseIn.FirstOrDefault(s => cycleFrom < serviceFrom.PlusMonths(s.UntilMonths)) is { } step ? step.Percent / 100 : 1;
    }

    /// <summary>1 = the first month of service, and any time before.</summary>
    public static int GetMonth(LocalDate serviceFrom, LocalDate cycleFrom) => Math.Max(0, Period.Between(serviceFrom, cycleFrom, PeriodUnits.Months).Months) + 1;
}
