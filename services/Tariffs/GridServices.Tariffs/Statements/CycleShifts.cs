using System.Collections.Immutable;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Requests;
using GridServices.Tariffs.Time;

namespace GridServices.Tariffs.Statements;

/// <summary>The same meter billed over days that begin or end a little earlier or later, where its data reach.</summary>
internal sealed class CycleShifts(BillRequest request, Bill bill)
{
    private const int MostDays = 3;
    private ImmutableArray<(BillingCycle Cycle, Bill Bill)>? made;

    /// <summary>Nearest first; empty where the request has several cycles.</summary>
    public ImmutableArray<(BillingCycle Cycle, Bill Bill)> All => made ??= [.. Compute()];

    private IEnumerable<(BillingCycle Cycle, Bill Bill)> Compute()
    {
        if (request.Cycles is not [var cycle])
        {
            yield break;
        }

        var shifts = from start in Enumerable.Range(-MostDays, 2 * MostDays + 1)
                     from end in Enumerable.Range(-MostDays, 2 * MostDays + 1)
                     where (start, end) != (0, 0)
                     orderby Math.Abs(start) + Math.Abs(end), start, end
                     select new BillingCycle(cycle.From.PlusDays(start), cycle.Until.PlusDays(end));
        foreach (var shifted in shifts.Where(s => s.From < s.Until && Reaches(s)))
        {
            if (Billed(shifted) is { } other && other.Months.Sum(m => m.MissingIntervals) <= bill.Months.Sum(m => m.MissingIntervals))
            {
                yield return (shifted, other);
            }
        }
    }

    private bool Reaches(BillingCycle cycle)
    {
        var (zone, net) = (request.Tariffs[0].Zone, request.Data.Net);
        return zone.AtStartOfDay(cycle.From).ToInstant() >= net.Start && zone.AtStartOfDay(cycle.Until).ToInstant() <= net.End;
    }

    private Bill? Billed(BillingCycle cycle)
    {
        try
        {
            return (request with { Cycles = [cycle] }).Bill();
        }
        catch (BillRefusedException)
        {
            // No version of the tariff holds on these days.
            return null;
        }
    }
}
