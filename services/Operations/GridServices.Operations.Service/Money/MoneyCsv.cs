using System.Text;
using GridServices.Contracts;
using GridServices.Operations.Bulk;
using GridServices.Operations.Compliance;
using GridServices.Operations.Money;

namespace GridServices.Operations.Service.Money;

/// <summary>Bills, settlements, allocations and comparisons as CSV. What is not known is empty.</summary>
internal static class MoneyCsv
{
    internal const string MediaType = "text/csv";

    /// <summary>One line per bill line, and the payable amount last.</summary>
    internal static string Bill(BillAnswer answer)
    {
        var rows = (answer.Bill?.LineItems ?? []).Select(l => new string?[]
        {
            l.Kind, l.Charge, l.Name, l.Period, CsvText.Number(l.Tier), CsvText.Number(l.Quantity), l.Unit, CsvText.Number(l.Rate), CsvText.Number(l.Amount), answer.Currency,
            string.Join(' ', l.PeakAt.Select(TimeText.Format)), l.Formula, l.Note,
        });
        string?[] last = ["payable", null, null, null, null, null, null, null, CsvText.Number(answer.Payable), answer.Currency, null, null, $"{EnumNames<BillState>.GetName(answer.State)} {answer.Problem}".Trim()];
        return Text(["kind", "charge", "name", "period", "tier", "quantity", "unit", "rate", "amount", "currency", "peak_at", "formula", "note"], rows.Append(last));
    }

    /// <summary>One line per settlement interval, then the days of the baseline, then the amounts.</summary>
    internal static string Settlement(Settlement s)
    {
        var status = EnumNames<ReportStatus>.GetName(s.Status);
        IEnumerable<string?[]> intervals = s.Intervals.Select(i => new string?[] { "interval", TimeText.Format(i.From), TimeText.Format(i.Until), CsvText.Number(i.BaselineKw), CsvText.Number(i.ActualKw), CsvText.Number(i.DeliveredKwh), i.ActualSource, null, null, status });
        IEnumerable<string?[]> days = s.Days.Select(d => new string?[] { d.Used ? "day used" : "day excluded", NodaTime.Text.LocalDatePattern.Iso.Format(d.Date), null, null, null, null, d.Reason, null, null, status });
        IEnumerable<string?[]> amounts = new (string Name, decimal? Amount)[] { ("energy payment", s.EnergyPayment), ("shortfall penalty", s.ShortfallPenalty), ("total", s.Total), ("previous total", s.PreviousTotal), ("still due", s.Delta) }
            .Where(a => a.Name != "shortfall penalty" || a.Amount != 0) // no program states one so far: 0.00 would say that nothing fell short
            .Select(a => new string?[] { a.Name, TimeText.Format(s.From), TimeText.Format(s.Until), null, null, a.Name == "energy payment" ? CsvText.Number(s.EnergyKwh) : null, null, CsvText.Number(a.Amount), s.Currency, status });
        return Text(["what", "from", "until", "baseline_kw", "actual_kw", "delivered_kwh", "source_or_reason", "amount", "currency", "status"], intervals.Concat(days).Concat(amounts));
    }

    /// <summary>One line per user, and the site last: the amounts sum to the bill.</summary>
    internal static string Users(BillAllocation a) => Text(
        ["user", "sessions", "kwh", "payable", "paid", "currency"],
        a.Users.Select(u => new string?[] { u.User, CsvText.Number(u.Sessions), CsvText.Number(u.Kwh), CsvText.Number(u.Payable), CsvText.Number(u.Paid), a.Currency })
            .Append(["(site)", null, CsvText.Number(a.SiteKwh), CsvText.Number(a.SitePayable), null, a.Currency]));

    internal static string Sessions(BillAllocation a) => Text(
        ["id", "evse", "user", "kwh", "payable", "paid", "currency"],
        a.Sessions.Select(s => new string?[] { s.SessionId, s.Evse, s.User, CsvText.Number(s.Kwh), CsvText.Number(s.Payable), CsvText.Number(s.Paid), a.Currency })
            .Append(["(site)", null, null, CsvText.Number(a.SiteKwh), CsvText.Number(a.SitePayable), null, a.Currency]));

    internal static string Comparison(InvoiceComparison c) => Text(
        ["name", "period", "our_quantity", "our_rate", "our_amount", "their_quantity", "their_rate", "their_amount", "difference", "reason", "explanation"],
        c.Lines.Select(l => new string?[]
        {
            (l.Ours ?? l.Theirs)!.Name, (l.Ours ?? l.Theirs)!.Period, CsvText.Number(l.Ours?.Quantity), CsvText.Number(l.Ours?.Rate), CsvText.Number(l.Ours?.Amount), CsvText.Number(l.Theirs?.Quantity), CsvText.Number(l.Theirs?.Rate),
            CsvText.Number(l.Theirs?.Amount), CsvText.Number(l.Difference), EnumNames<DifferenceReason>.GetName(l.Reason), l.Explanation,
        }).Append(["total", null, null, null, CsvText.Number(c.OursTotal), null, null, CsvText.Number(c.TheirsTotal), CsvText.Number(c.Difference), null, null]));

    private static string Text(IEnumerable<string> head, IEnumerable<string?[]> rows) =>
        rows.Aggregate(new StringBuilder(CsvText.Line(head)).Append("\r\n"), (text, row) => text.Append(CsvText.Line(row)).Append("\r\n")).ToString();
}
