using GridServices.Operations.Access;
using GridServices.Operations.Compliance;
using GridServices.Operations.Json;
using GridServices.Operations.Service.Compliance;
using GridServices.Operations.Service.Money;
using GridServices.Operations.Service.Storage;
using Microsoft.AspNetCore.Mvc;
using NodaTime.Text;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>How sites did in a month, site by site and program by program: to read, to print, as CSV and as JSON.</summary>
[Needs(UserPermission.SeeSites)]
internal sealed class ComplianceMonthPage(PageUi ui, SiteStore sites, MonthlyComplianceReader reader) : ConsolePage(ui)
{
    internal MonthlyCompliance Found { get; private set; } = null!;

    internal string? Site { get; private set; }

    internal string MonthText => YearMonthPattern.Iso.Format(Found.Month);

    internal override object Document => Found;

    public async Task<IActionResult> OnGetAsync(string? month, string? site, string? format)
    {
        var ct = HttpContext.RequestAborted;
        var of = month is null ? Ui.Now.InUtc().Date.ToYearMonth() : BillAccess.Month(month);
        Site = site is { Length: > 0 } ? site : null;
        var shown = await sites.ShownAsync(Ui.Tenant, Ui.Sites(UserPermission.SeeSites), ct);
        Found = await reader.ReadAsync(Ui.Tenant, of, s => shown?.Contains(s) != false && (Site is null || s == Site), null, ct);
        return format switch
        {
            "csv" or "xlsx" => TableFile(ComplianceFormats.ToMonthsCsv(Found.Months), $"compliance-{MonthText}", format == "xlsx"),
            "sites-csv" or "sites-xlsx" => TableFile(ComplianceFormats.ToSitesCsv(Found.Reports.Select(r => r.Report)), $"compliance-events-{MonthText}", format == "sites-xlsx"),
            "json" => Content(System.Text.Json.JsonSerializer.Serialize(Found, OperationsJson.Options), "application/json"),
            _ => Page(),
        };
    }

    /// <summary>"met 2 · partly 1": the words that there are.</summary>
    internal string Verdicts(ComplianceTotal total)
    {
        var v = total.Verdicts;
        (int Count, ComplianceVerdict Verdict)[] all =
        [
            (v.Met, ComplianceVerdict.Met), (v.Partly, ComplianceVerdict.Partly), (v.Missed, ComplianceVerdict.Missed), (v.OptedOut, ComplianceVerdict.OptedOut),
            (v.Excused, ComplianceVerdict.Excused), (v.NoData, ComplianceVerdict.NoData), (v.Provisional, ComplianceVerdict.Provisional),
        ];
        return string.Join(" · ", all.Where(a => a.Count > 0).Select(a => $"{Ui.T.Word("verdict", a.Verdict)} {Ui.N.Count(a.Count)}"));
    }

    /// <summary>"no: 900 s, 2.5 kWh above the limit".</summary>
    internal string Limit(LimitAnswer respected, decimal overSeconds, decimal overWh, decimal unknownSeconds) =>
        $"{Ui.T.Word("respected", respected)} · {Ui.T["compliance.over", Ui.N.Plain(overSeconds), Ui.N.Energy(overWh)]}{(unknownSeconds > 0 ? $" · {Ui.T["compliance.unknown", Ui.N.Plain(unknownSeconds)]}" : string.Empty)}";
}
