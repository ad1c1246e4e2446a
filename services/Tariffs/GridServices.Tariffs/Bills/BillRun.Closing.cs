using GridServices.Tariffs.Model;

namespace GridServices.Tariffs.Bills;

/// <summary>Steps 5 and 7: minimums, riders and taxes.</summary>
internal sealed partial class BillRun
{
    private decimal yearSoFar = account.BilledThisYear;

    private void Minimums(int cycle)
    {
        var segments = plan.GetSegments(cycle).ToArray();
        var before = Math.Max(0, lines.Sum(l => l.Amount));
        var bill = before;
        foreach (var segment in segments)
        {
            // Each version lifts its own days' share of the bill; what it lifts is no part of another's.
            var share = segment.Prorate(before);
            foreach (var minimum in plan.Versions[segment.Version].Source.Minimums.Where(m => m.Per != MinimumPer.Year))
            {
                var least = minimum.Amount * (minimum.Per == MinimumPer.Day ? segment.Span.Days : Months(segment));
                var lift = AddMinimumLine(minimum, least, share, FindVersionName(segment), "the bill before it");
                (share, bill) = (share + lift, bill + lift);
            }
        }

        yearSoFar += bill;
        var last = cycle + 1 == plan.Cycles.Length ? plan.Cycles[cycle].Month.Month == 12 : plan.Cycles[cycle + 1].Month.Year != plan.Cycles[cycle].Month.Year;
        if (!last)
        {
            return;
        }

        foreach (var minimum in plan.Versions[segments[^1].Version].Source.Minimums.Where(m => m.Per == MinimumPer.Year))
        {
            if (AddMinimumLine(minimum, minimum.Amount, yearSoFar, version: null, "the year's bills") > 0 && !KnowsYear(cycle))
            {
                totals.Unpriced = true;
                notes.Add($"the minimum '{minimum.Id}' is for the year, of which the bill does not have the first cycles: it counts them as nothing, and may be too high; give account.billedThisYear, or account.serviceFrom if service began in them");
            }
        }

        yearSoFar = 0;
    }

    /// <summary>Whether the bill, the account or the first day of service says what was billed in the year up to here.</summary>
    private bool KnowsYear(int cycle)
    {
        var first = plan.Cycles.First(c => c.Month.Year == plan.Cycles[cycle].Month.Year);
        return first == plan.Cycles[0] && account.KnowsYear is { } known ? known : first.Month.Month == 1 || account.BilledThisYear != 0 || account.ServiceFrom >= first.From;
    }

    private decimal AddMinimumLine(MinimumBill minimum, decimal least, decimal bill, string? version, string what)
    {
        if (bill >= least)
        {
            return 0;
        }

        Line(LineKind.Minimum, minimum.Id, null, least - bill, currency, 1, new LineDetail(Version: version, Note: $"minimum {least:0.######}; {what} {bill:0.######}"));
        return least - bill;
    }

    private void Adjustments(int cycle)
    {
        var segments = plan.GetSegments(cycle).ToArray();
        foreach (var segment in segments)
        {
            // Lines of the cycle as a whole (credits, true-ups, yearly minimums) are taxed once, by its last version.
            var (version, isLast) = (FindVersionName(segment), segment == segments[^1]);
            foreach (var adjustment in plan.Versions[segment.Version].Source.Adjustments)
            {
                var taxed = TaxBase.Create(adjustment, plan, segment, PricedKwh(segment));
                var amount = lines.Where(l => (version is null || l.Version == version || (isLast && l.Version is null)) && IsBase(adjustment, l)).Sum(taxed.GetTaxable);
                if (amount != 0)
                {
                    Line(adjustment.Kind == AdjustmentKind.Tax ? LineKind.Tax : LineKind.Adjustment, adjustment.Id, adjustment.Name, amount, currency, adjustment.Percent / 100, new LineDetail(
                        Version: version, Note: $"{adjustment.Percent:0.######} % of {(adjustment.Base.IsEmpty ? "all lines before" : string.Join(", ", adjustment.Base))}{taxed.Note}"));
                }
            }
        }
    }

    private static bool IsBase(Adjustment adjustment, LineItem line) => IsBase(adjustment, line.Kind, line.Charge);

    internal static bool IsBase(Adjustment adjustment, LineKind kind, string charge) =>
        (adjustment.Base.IsEmpty || adjustment.Base.Contains(charge) || adjustment.Base.Contains(KindName(kind)))
        && !adjustment.Except.Contains(charge) && !adjustment.Except.Contains(KindName(kind));

    private static string KindName(LineKind kind) => kind switch
    {
        LineKind.Energy => "energy",
        LineKind.Demand => "demand",
        LineKind.Fixed => "fixed",
        LineKind.Export => "export",
        LineKind.Minimum => "minimum",
        LineKind.Tax => "tax",
        _ => "adjustment",
    };
}
