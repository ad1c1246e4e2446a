using GridServices.Contracts;
using GridServices.Operations.Access;
using GridServices.Operations.Compliance;
using GridServices.Operations.Service.Compliance;
using GridServices.Operations.Service.Console.Charts;
using GridServices.Operations.Service.Console.Format;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Storage;
using Microsoft.AspNetCore.Mvc;
using NodaTime;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>How one site did in one event: to read, to print, as CSV and as JSON.</summary>
[Needs(UserPermission.SeeSites)]
internal sealed class CompliancePage(PageUi ui, EventStore events, SiteStore sites, ComplianceReader reader) : ConsolePage(ui)
{
    internal ComplianceReport Report { get; private set; } = null!;

    internal DateTimeZone? Zone { get; private set; }

    internal PowerPlot Plot { get; private set; } = null!;

    internal string Utc => new Times(Ui.T, ClockChoice.Utc, DateTimeZone.Utc).Span(Report.Head.From, Report.Head.Until);

    internal IEnumerable<(string Label, string Hash)> Evidence =>
    [
        (Ui.T["compliance.hash"], Report.Hash), (Ui.T["compliance.meterHash"], Report.Evidence.MeterHash), (Ui.T["compliance.telemetryHash"], Report.Evidence.TelemetryHash),
        (Ui.T["compliance.receiptsHash"], Report.Evidence.ReceiptsHash), .. Report.Evidence.Messages.Select(hash => (Ui.T["compliance.message"], hash)),
    ];

    internal override object Document => Report;

    public async Task<IActionResult> OnGetAsync([FromRoute] string id, [FromRoute] string siteId, string? format)
    {
        var ct = HttpContext.RequestAborted;
        var held = await events.FindAsync(Ui.Tenant, id, ct) ?? throw CreateNotFound("event", id);
        var site = await sites.FindBySiteIdAsync(Ui.Tenant, siteId, ct) is { } found && Ui.May(UserPermission.SeeSites, AccessTarget.From(found)) ? found : throw CreateNotFound("site", siteId);
        Report = await reader.ReadAsync(held, siteId, ct) ?? throw CreateNotFound("compliance report for", siteId);
        Zone = Times.Find(site.TimeZone);
        Plot = new PowerPlot(
            "plot", Ui.T["compliance.plot", site.Name], Ui.T["compliance.plotDescription", Ui.T.Word("verdict", Report.Verdict), Report.Rows.Count],
            Report.Head.From, Report.Head.Until ?? Instant.Max(Ui.Now, Report.Head.From + Duration.FromHours(1)))
        {
            Measured = Series(row => row.ActualKw),
            Baseline = Series(row => row.BaselineKw),
            Limits = [.. Report.Rows.Where(row => row is { LimitKnown: true, LimitW: not null }).Select(row => new PlotLimit(row.From, row.Until, row.LimitW!.Value, Tier.Contractual, Ui.N.Limit(row.LimitW)))],
        };
        return format switch
        {
            "csv" or "xlsx" => TableFile(ComplianceFormats.ToCsv([Report]), $"compliance-{siteId}-{NodaTime.Text.InstantPattern.General.Format(Report.Head.From).Replace(":", string.Empty, StringComparison.Ordinal)}", format == "xlsx"),
            "json" => Content(ComplianceFormats.ToJson(Report), "application/json"),
            _ => Page(),
        };
    }

    /// <summary>Each interval as a step: its power from its start to its end.</summary>
    private List<PowerPoint> Series(Func<ComplianceRow, decimal?> kilowatts) =>
        [.. Report.Rows.SelectMany(row => new[] { new PowerPoint(row.From, kilowatts(row) * 1000), new PowerPoint(row.Until, kilowatts(row) * 1000) })];
}
