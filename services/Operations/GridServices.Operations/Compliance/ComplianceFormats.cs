using System.Text;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Operations.Bulk;
using GridServices.Operations.Events;
using GridServices.Operations.Json;
using NodaTime;

namespace GridServices.Operations.Compliance;

/// <summary>The report as JSON and CSV. A page for print is the console's.</summary>
public static class ComplianceFormats
{
    private static readonly string[] Columns =
    [
        "program", "event", "site_id", "from_local", "from", "until", "baseline_kw", "actual_kw", "delivered_kw", "nominated_kw", "limit_kw", "over_limit_kwh", "quality", "counts", "verdict", "status", "report_sha256",
    ];

    private static readonly string[] SiteColumns =
    [
        "program", "event", "site_id", "site_name", "window", "opt", "opt_by", "opt_reason", "delivered_kwh", "counted_kwh", "nominated_kwh", "score", "verdict", "status", "limit_respected", "over_seconds", "over_wh", "unknown_seconds", "report_sha256",
    ];

    private static readonly string[] MonthColumns =
    [
        "site_id", "program", "month", "events", "met", "partly", "missed", "opted_out", "excused", "no_data", "provisional", "delivered_kwh", "counted_kwh", "nominated_kwh", "score", "limit_respected", "over_seconds", "over_wh", "unknown_seconds", "status",
    ];

    public static string ToJson(ComplianceReport report) => JsonSerializer.Serialize(report, OperationsJson.Options);

    /// <exception cref="JsonException">Not a report.</exception>
    public static ComplianceReport Read(string json) => JsonSerializer.Deserialize<ComplianceReport>(json, OperationsJson.Options)!;

    /// <summary>One line per settlement interval; what is not known is empty, and no limit is <c>none</c>.</summary>
    public static string ToCsv(IEnumerable<ComplianceReport> reports)
    {
        var text = new StringBuilder(CsvText.Line(Columns)).Append("\r\n");
        foreach (var report in reports)
        {
            var zone = DateTimeZoneProviders.Tzdb[report.Head.Zone];
            foreach (var row in report.Rows)
            {
                text.Append(CsvText.Line(
                [
                    report.Head.ProgramCode, report.Head.Source, report.Head.SiteId, ZonedText.Format(row.From, zone), TimeText.Format(row.From), TimeText.Format(row.Until),
                    CsvText.Number(row.BaselineKw), CsvText.Number(row.ActualKw), CsvText.Number(row.DeliveredKw), CsvText.Number(row.NominatedKw), Limit(row), CsvText.Number(row.OverLimitKwh),
                    EnumNames<DataQuality>.GetName(row.Quality), row.Counts ? "yes" : "no", report.VerdictText, EnumNames<ReportStatus>.GetName(report.Status), report.Hash,
                ])).Append("\r\n");
            }
        }

        return text.ToString();
    }

    /// <summary>One line per site of an event, or per event of a site.</summary>
    public static string ToSitesCsv(IEnumerable<ComplianceReport> reports)
    {
        var text = new StringBuilder(CsvText.Line(SiteColumns)).Append("\r\n");
        foreach (var r in reports)
        {
            text.Append(CsvText.Line(
            [
                r.Head.ProgramCode, r.Head.Source, r.Head.SiteId, r.Head.SiteName, r.Head.WindowText, EnumNames<OptState>.GetName(r.Head.Opt.State), r.Head.Opt.Who ?? EnumNames<OptSource>.GetName(r.Head.Opt.By), r.Head.Opt.Reason,
                CsvText.Number(r.DeliveredKwh), CsvText.Number(r.CountedKwh), CsvText.Number(r.NominatedKwh), CsvText.Number(r.Score), r.VerdictText, EnumNames<ReportStatus>.GetName(r.Status),
                EnumNames<LimitAnswer>.GetName(r.Limit.Respected), CsvText.Number(r.Limit.OverSeconds), CsvText.Number(r.Limit.OverWh), CsvText.Number(r.Limit.UnknownSeconds), r.Hash,
            ])).Append("\r\n");
        }

        return text.ToString();
    }

    /// <summary>One line per site, program and month.</summary>
    public static string ToMonthsCsv(IEnumerable<ComplianceMonth> months)
    {
        var text = new StringBuilder(CsvText.Line(MonthColumns)).Append("\r\n");
        foreach (var (siteId, program, month, total) in months)
        {
            var v = total.Verdicts;
            text.Append(CsvText.Line(
            [
                siteId, program, NodaTime.Text.YearMonthPattern.Iso.Format(month), CsvText.Number(v.All), CsvText.Number(v.Met), CsvText.Number(v.Partly), CsvText.Number(v.Missed), CsvText.Number(v.OptedOut), CsvText.Number(v.Excused), CsvText.Number(v.NoData), CsvText.Number(v.Provisional),
                CsvText.Number(total.DeliveredKwh), CsvText.Number(total.CountedKwh), CsvText.Number(total.NominatedKwh), CsvText.Number(total.Score),
                EnumNames<LimitAnswer>.GetName(total.LimitRespected), CsvText.Number(total.OverSeconds), CsvText.Number(total.OverWh), CsvText.Number(total.UnknownSeconds), EnumNames<ReportStatus>.GetName(total.Status),
            ])).Append("\r\n");
        }

        return text.ToString();
    }

    private static string Limit(ComplianceRow row) =>
        row.LimitW is { } watts ? CsvText.Number(watts / 1000m) : row.LimitKnown ? "none" : string.Empty;
}
