using GridServices.Contracts;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Operations.Access;
using GridServices.Operations.Compliance;
using GridServices.Operations.Service.Compliance;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Money;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Api;

/// <summary>Compliance reports of events.</summary>
internal static class ComplianceEndpoints
{
    private const string Csv = "text/csv";

    internal static void MapCompliance(this IEndpointRouteBuilder routes)
    {
        MapEvent(routes);
        routes.MapGet("/v1/compliance", MonthAsync).Needs(UserPermission.SeeSites)
            .WithTags("Events").WithName("getMonthlyCompliance").WithSummary("How sites did in a month, site by site and program by program")
            .WithDescription("From the reports of events that began in the month by the site's clock. limitRespected is yes only where it was yes throughout every event. withoutReport names what has none yet. format is json (default), csv (a line per site and program) or sites-csv (a line per event).")
            .Produces<MonthlyCompliance>(StatusCodes.Status200OK, OperationsWire.Json, Csv);
    }

    private static void MapEvent(IEndpointRouteBuilder routes) => routes.MapGet("/v1/events/{id}/compliance", GetAsync).Needs(UserPermission.SeeSites)
        .WithTags("Events").WithName("getEventCompliance").WithSummary("How the sites did in an event: per settlement interval, with the limit, data quality and evidence")
        .WithDescription("Made anew from what is known now: preliminary from telemetry, final once meter data are. format is json (default), csv (intervals) or sites-csv (one line per site); site picks one. What was not measured is neither delivered nor kept.")
        .Produces<ComplianceAnswer>(StatusCodes.Status200OK, OperationsWire.Json, Csv).Refuses(ErrorClass.Conflict);

    private static async Task<IResult> MonthAsync(
        HttpContext http, SiteStore sites, SettingsStore settings, MonthlyComplianceReader reader, string? month = null, string? site = null, string? program = null, string? format = null)
    {
        var actor = http.Actor();
        var shown = await sites.ShownAsync(actor.Tenant, AccessRules.Filter(actor.Grants, UserPermission.SeeSites, (await settings.GetAsync(actor.Tenant, http.RequestAborted)).Access), http.RequestAborted);
        var found = await reader.ReadAsync(actor.Tenant, BillAccess.Month(month), s => shown?.Contains(s) != false && (site is null || s == site), program, http.RequestAborted);
        return format switch
        {
            null or "json" => OperationsWire.Answer(found),
            "csv" => Results.Text(ComplianceFormats.ToMonthsCsv(found.Months), Csv),
            "sites-csv" => Results.Text(ComplianceFormats.ToSitesCsv(found.Reports.Select(r => r.Report)), Csv),
            _ => throw new ProblemException(ErrorClass.SemanticCode, "format is json, csv or sites-csv.", "format"),
        };
    }

    private static async Task<IResult> GetAsync(
        string id, HttpContext http, EventStore events, SiteStore sites, SettingsStore settings, ComplianceReader reader, string? site = null, string? format = null)
    {
        var actor = http.Actor();
        var shown = await sites.ShownAsync(actor.Tenant, AccessRules.Filter(actor.Grants, UserPermission.SeeSites, (await settings.GetAsync(actor.Tenant, http.RequestAborted)).Access), http.RequestAborted);
        var held = await EventEndpoints.RequireAsync(id, http, events, shown);
        var wanted = held.Event.Sites.Select(s => s.SiteId).Where(s => shown?.Contains(s) != false && (site is null || s == site)).ToList();
        if (site is not null && wanted.Count == 0)
        {
            throw new ProblemException(ErrorClass.NotFound, $"The event is not for site '{SafeText.Line(site)}'.");
        }

        var reports = new List<ComplianceReport>();
        foreach (var siteId in wanted)
        {
            if (await reader.ReadAsync(held, siteId, http.RequestAborted) is { } report)
            {
                reports.Add(report);
            }
        }

        return format switch
        {
            null or "json" => OperationsWire.Answer(new ComplianceAnswer(ComplianceTotal.Compute(reports), reports, [.. wanted.Except(reports.Select(r => r.Head.SiteId), StringComparer.Ordinal)])),
            "csv" => Results.Text(ComplianceFormats.ToCsv(reports), Csv),
            "sites-csv" => Results.Text(ComplianceFormats.ToSitesCsv(reports), Csv),
            _ => throw new ProblemException(ErrorClass.SemanticCode, "format is json, csv or sites-csv.", "format"),
        };
    }
}

/// <summary>The reports of an event.</summary>
/// <param name="Total">All sites together.</param>
/// <param name="Reports">Site by site.</param>
/// <param name="NotEnrolled">Sites of the event that are in no enrollment here: there are no terms to judge them by.</param>
public sealed record ComplianceAnswer(ComplianceTotal Total, IReadOnlyList<ComplianceReport> Reports, IReadOnlyList<string> NotEnrolled);
