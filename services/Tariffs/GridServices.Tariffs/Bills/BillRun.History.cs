using System.Globalization;
using GridServices.Tariffs.Model;
using NodaTime;

namespace GridServices.Tariffs.Bills;

/// <summary>Which earlier peaks ratchets and means asked for and did not find.</summary>
internal sealed partial class BillRun
{
    private readonly SortedDictionary<string, SortedSet<YearMonth>> unknownPeaks = new(StringComparer.Ordinal);

    private readonly SortedDictionary<string, SortedSet<YearMonth>> partPeaks = new(StringComparer.Ordinal);

    private void NoteMissing(string charge, Ratchet ratchet, YearMonth month, IEnumerable<YearMonth> known)
    {
        if (!ratchet.AppliesInMonths.IsEmpty && !ratchet.AppliesInMonths.Contains(month.Month))
        {
            return;
        }

        var wanted = ratchet.Basis == RatchetBasis.CalendarYear
            ? Enumerable.Range(1, 12).Select(m => new YearMonth(month.Year, m))
            : Enumerable.Range(1, ratchet.LookbackMonths).Select(back => Before(month, back));
        NoteMissing(charge, wanted.Where(m => m != month && (ratchet.SourceMonths.IsEmpty || ratchet.SourceMonths.Contains(m.Month))), known);
    }

    private void NoteMissing(string charge, PeakMean mean, YearMonth month, IEnumerable<YearMonth> known) =>
        NoteMissing(charge, Enumerable.Range(1, mean.Months - 1).Select(back => Before(month, back)), known);

    private void NoteMissing(string charge, IEnumerable<YearMonth> wanted, IEnumerable<YearMonth> known)
    {
        YearMonth[] asked = [.. wanted];
        YearMonth[] part = [.. account.PartMonths.Where(p => (p.Charge == charge || charge == BillingDemandKey) && asked.Contains(p.Month)).Select(p => p.Month)];
        if (part.Length > 0)
        {
            (partPeaks.TryGetValue(charge, out var held) ? held : partPeaks[charge] = []).UnionWith(part);
        }

        var missed = asked.Except(known).ToArray();
        if (missed.Length > 0)
        {
            (unknownPeaks.TryGetValue(charge, out var months) ? months : unknownPeaks[charge] = []).UnionWith(missed);
        }
    }

    private static YearMonth Before(YearMonth month, int months) => month.OnDayOfMonth(1).PlusMonths(-months).ToYearMonth();

    private void NoteHistory()
    {
        foreach (var (charge, months) in partPeaks)
        {
            notes.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{DescribeCharge(charge)} looks at peaks of other months; of {months.Count} of them ({months.Min.Year}-{months.Min.Month:00} to {months.Max.Year}-{months.Max.Month:00}) the kVA are known in part, and the bill may be too low: put the missing kvar, or give account.priorPeaks"));
        }

        foreach (var (charge, months) in unknownPeaks)
        {
            notes.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{DescribeCharge(charge)} looks at peaks of other months; of {months.Count} of them ({months.Min.Year}-{months.Min.Month:00} to {months.Max.Year}-{months.Max.Month:00}) none is known, and the bill may be too low: give account.priorPeaks"));
        }
    }

    private static string DescribeCharge(string charge) => charge == BillingDemandKey ? "the billing demand" : $"the charge '{charge}'";
}
