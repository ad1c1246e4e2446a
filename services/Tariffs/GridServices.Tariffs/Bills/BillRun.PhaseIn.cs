using GridServices.Tariffs.Model;

namespace GridServices.Tariffs.Bills;

/// <summary>Step 2: which share of a demand charge's price is due.</summary>
internal sealed partial class BillRun
{
    private readonly Dictionary<(string Charge, int Version), decimal> billedKw = [];

    /// <summary>1 and no note for a charge without grace, phase-in and load-factor shares.</summary>
    private (decimal Share, string? Note) ComputeShare(BillSegment segment, DemandCharge charge, decimal ownKw)
    {
        var (time, timeNote) = TimeShare(charge, segment.Cycle);
        var (use, useNote) = LoadFactorShare(charge, segment.Cycle, ownKw);
        return (time * use, JoinReasons([timeNote, useNote]));
    }

    private (decimal Share, string? Note) TimeShare(DemandCharge charge, int cycle)
    {
        if (charge.GraceCycles is null && charge.PhaseIn.IsEmpty)
        {
            return (1, null);
        }

        if (account.ServiceFrom is not { } start)
        {
            notes.Add($"the charge '{charge.Id}' is less in the first months of service, but the first day is not known: it is billed in full; give account.serviceFrom");
            return (1, null);
        }

        var share = PhaseInShare.Compute(charge, start, plan.Cycles[cycle].From);
        return (share, share == 1 ? null : $"{share * 100:0.####} % of the price: the cycle begins in month {PhaseInShare.GetMonth(start, plan.Cycles[cycle].From)} of service, which began on {start:uuuu-MM-dd}");
    }

    private (decimal Share, string? Note) LoadFactorShare(DemandCharge charge, int cycle, decimal kw)
    {
        if (charge.LoadFactorShares.IsEmpty)
        {
            return (1, null);
        }

        var hours = (decimal)(plan.GetStart(plan.Cycles[cycle].Until) - plan.GetStart(plan.Cycles[cycle].From)).TotalHours;
        var step = charge.LoadFactorShares.FirstOrDefault(s => totals.ImportKwh <= s.UpTo * kw * hours);
        var percent = step?.Percent ?? 100;
        return (percent / 100, $"load factor {(kw == 0 ? 0 : totals.ImportKwh / (kw * hours)):0.####} = {totals.ImportKwh:0.######} kWh / ({kw:0.######} kW x {hours:0.##} h): {percent:0.####} % of the price");
    }
}
