using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Clustering;
using GridServices.Hosting.Documents;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Events;
using GridServices.OpenAdr.Service.Driver;
using GridServices.OpenAdr.Service.Hub;
using GridServices.OpenAdr.Service.Meters;
using GridServices.OpenAdr.Service.Push;
using GridServices.OpenAdr.Service.Registry;
using NodaTime;
using NodaTime.Text;

namespace GridServices.OpenAdr.Service.Api;

/// <summary>The registry of VENs and the actions on them.</summary>
internal static class VenEndpoints
{
    private const int MaxBody = 4 * 1024 * 1024;

    public static void MapVens(this IEndpointRouteBuilder routes)
    {
        var vens = routes.MapGroup("/v1/vens").RequirePermission(Permission.SeeSites).WithTags("VENs");
        vens.MapGet("/", List).WithName("listVens").WithSummary("All VENs with their state").Produces<ListOrPage<VenItem>>().ListsAllNodes(item => item.GetProperty("venKey").GetString()!);
        vens.MapPut("/{venKey}", PutAsync).RequirePermission(Permission.EditSites).WithName("putVen").WithSummary("Make or change a VEN")
            .WithDescription("Every fault is named in `errors`, each with its JSON pointer and how to fix it. A changed VTN, name or venID registers anew. `warnings` name the events in force that the change ends, or that it does not understand: the VTN is told optOut of those, and their limits stay until it has that.")
            .Accepts<VenConfig>("application/json").Produces<VenDetail>().Produces<VenDetail>(StatusCodes.Status201Created).Refuses(ErrorClass.Conflict).TakesIfMatch().WritesETag();
        vens.MapGet("/{venKey}", Get).WithName("getVen").WithSummary("A VEN: configuration, state, latest notes").Produces<VenDetail>().WritesETag();
        vens.MapDelete("/{venKey}", DeleteAsync).RequirePermission(Permission.EditSites).WithName("deleteVen").WithSummary("Withdraw a VEN's streams, cancel its registration, forget it")
            .Produces(StatusCodes.Status204NoContent).TakesIfMatch();
        vens.MapPost("/{venKey}/actions/{action}", ActAsync).RequirePermission(Permission.Operate).WithName("actOnVen").WithSummary("Have a VEN do something now")
            .WithDescription("action: query-registration, register, reregister, cancel-registration, request-events, publish-metadata, request-vtn-metadata, cancel-vtn-metadata (all of it that was asked for), resend (what the VTN has not taken). Needs no body.")
            .Accepts<ActionBody>(isOptional: true, "application/json").Produces<ActionResponse>(StatusCodes.Status202Accepted);
        vens.MapGet("/{venKey}/reports", Reports).WithName("getReports").WithSummary("Report channels and the reports asked for").Produces<ReportsItem>();
    }

    private static IResult List(HttpContext http, VenHost host, IClock clock, string? after = null, string? limit = null)
    {
        var caller = http.Caller();
        var now = clock.GetCurrentInstant();
        var vens = host.Views.Where(caller.MaySee).OrderBy(v => v.Id.Key, StringComparer.Ordinal).Select(v => VenItem.From(v, now));
        return Paging.Answer(after, limit, vens, v => v.VenKey);
    }

    private static async Task<IResult> PutAsync(string venKey, HttpContext http, VenHost host, PushOptions push, CertificateFolderOptions certificates, PastSourceRules pastSources, IClock clock)
    {
        var id = http.GetEngineId(venKey);
        var read = VenConfigReader.Read(await http.Request.ReadBodyAsync(MaxBody, "application/json"), push.Listen is not null, certificates.ForTenant(id.Tenant));
        if (read.Config is not { } config)
        {
            return ConfigProblem.Answer(http, read.Faults);
        }

        http.RequireSites(config);
        if (host.TryGet(id, out var held))
        {
            http.RequireSites(held.View.Config);
        }

        var broken = held is null ? [] : EventMeaning.BrokenBy(config, held.View.Config, held.View.State, clock.GetCurrentInstant());
        http.RequireMatch(held is null ? null : EntityTags.Compute(held.View.Config));
        var isNew = await host.PutAsync(id, config, http.RequestAborted);
        http.Tag(EntityTags.Compute(config));
        var detail = VenDetail.From(http.GetVen(host, venKey), clock.GetCurrentInstant(), [.. read.Warnings, .. pastSources.Warnings(id.Tenant, config),
            .. broken, .. SharedAddress(id, config, host)]);
        return isNew ? Results.Created($"/v1/vens/{venKey}", detail) : Results.Ok(detail);
    }

    private static IEnumerable<string> SharedAddress(EngineId id, VenConfig config, VenHost host) => host.Views
        .Where(v => config.Transport == VenTransport.Push && v.Id != id && v.Id.Tenant == id.Tenant && v.Config.VtnUrl == config.VtnUrl && v.Config.TransportAddress == config.TransportAddress)
        .Take(1)
        .Select(v => $"/transportAddress: VEN '{v.Id.Key}' of the same VTN has the same address: events that name no venID as target can't be told apart; give each VEN a path of its own");

    private static IResult Get(string venKey, HttpContext http, VenHost host, IClock clock)
    {
        var ven = http.GetVen(host, venKey);
        http.Tag(EntityTags.Compute(ven.View.Config));
        return Results.Ok(VenDetail.From(ven, clock.GetCurrentInstant()));
    }

    private static async Task<IResult> DeleteAsync(string venKey, HttpContext http, VenHost host)
    {
        var ven = http.GetVen(host, venKey);
        http.RequireMatch(EntityTags.Compute(ven.View.Config));
        await host.DeleteAsync(ven.Id, http.RequestAborted);
        return Results.NoContent();
    }

    private static async Task<IResult> ActAsync(string venKey, string action, HttpContext http, VenHost host, IClock clock, string? reportBackDuration = null, string? rides = null)
    {
        var ven = http.GetVen(host, venKey);
        var (chosen, faults) = await ActionRequest.ReadAsync(http, action, Actions);
        if (chosen is null)
        {
            return ConfigProblem.Answer(http, faults);
        }

        var order = new VenInput.OperatorAction(chosen.Value, ParseReportBack(chosen.Value, reportBackDuration)) { Rides = ParseRides(chosen.Value, rides) };
        var notes = await ven.SubmitAsync(order, http.RequestAborted);
        var answer = new ActionResponse(VenItem.GetState(ven.View), VenCondition.From(ven.View, clock.GetCurrentInstant()), [.. notes.Select(n => SafeText.Line(n.Text))]);
        return Results.Json(answer, statusCode: StatusCodes.Status202Accepted);
    }

    private static bool ParseRides(VenAction action, string? text) => (action, text) switch
    {
        (_, null) or (_, "false") => false,
        (VenAction.RequestVtnMetadata, "true") => true,
        (VenAction.RequestVtnMetadata, _) => throw new ProblemException(ErrorClass.SemanticCode, "rides is true or false.", "rides"),
        _ => throw new ProblemException(ErrorClass.SemanticCode, "rides goes with request-vtn-metadata only; leave it out.", "rides"),
    };

    private static Duration ParseReportBack(VenAction action, string? text)
    {
        if (text is null)
        {
            return Duration.Zero;
        }

        if (action != VenAction.RequestVtnMetadata)
        {
            throw new ProblemException(ErrorClass.SemanticDuration, "reportBackDuration goes with request-vtn-metadata only; leave it out.", "reportBackDuration");
        }

        var read = PeriodPattern.NormalizingIso.Parse(text);
        return read.Success && read.Value is { Years: 0, Months: 0 } period && period.ToDuration() is var each && each >= Duration.FromSeconds(1) && each <= Duration.FromDays(366)
            ? each
            : throw new ProblemException(ErrorClass.SemanticDuration, "reportBackDuration must be an ISO 8601 duration of 1 s to 366 days without months and years, like PT1H.", "reportBackDuration");
    }

    private static readonly Dictionary<string, VenAction> Actions = new(StringComparer.Ordinal)
    {
        ["query-registration"] = VenAction.QueryRegistration,
        ["register"] = VenAction.Register,
        ["reregister"] = VenAction.Reregister,
        ["cancel-registration"] = VenAction.CancelRegistration,
        ["request-events"] = VenAction.RequestEvents,
        ["publish-metadata"] = VenAction.PublishMetadata,
        ["request-vtn-metadata"] = VenAction.RequestVtnMetadata,
        ["cancel-vtn-metadata"] = VenAction.CancelVtnMetadata,
        ["resend"] = VenAction.Resend,
    };

    private static IResult Reports(string venKey, HttpContext http, VenHost host, PastFetchService histories)
    {
        var view = http.GetVen(host, venKey).View;
        var channels = view.Config.Reports.Select(r =>
        {
            var points = view.State.Points.GetValueOrDefault(r.RId, []);
            return new ChannelItem(r.RId, r.Kind, r.Source, points.Count, points.Count > 0 ? points[^1].At : null);
        });
        var requested = view.State.Reports.Select(r => new RequestedReport(r.ReportRequestId, r.Kind, r.RIds, r.Granularity, r.ReportBack, r.Due, r.Until, histories.FindProblem(view.Id, r)));
        var metadata = view.State.Metadata.Select(m => new MetadataItem(m.ReportRequestId, m.ReportBack, m.Due, m.Until));
        var ofVtn = view.State.VtnReports.Select(r => new VtnReportItem(r.ReportRequestId, r.ReportBack));
        return Results.Ok(new ReportsItem([.. channels], [.. requested], [.. metadata], [.. ofVtn]));
    }
}
