using System.Globalization;
using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using GridServices.Operations.Access;
using GridServices.Operations.Opt;
using GridServices.Operations.Service.Console.Texts;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Sites;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Api;

/// <summary>What is asked of many sites at once.</summary>
public sealed record SiteActionBody
{
    public required SiteAction Action { get; init; }

    /// <summary>The hub's ids, at most 10,000, in any order.</summary>
    public required IReadOnlyList<string> SiteIds { get; init; }

    /// <summary>OpenADR's word for why; needed to opt out.</summary>
    public OptReason? Reason { get; init; }

    /// <summary>In one's own words, kept in the audit; needed to suspend.</summary>
    public string? Text { get; init; }

    /// <summary>The tag to add or remove: one word of at most 50 characters, without commas.</summary>
    public string? Tag { get; init; }

    /// <summary>The mark of a dry run: refused with 409 where another thing would be done than that said. Absent: whatever is right now is done.</summary>
    public string? Mark { get; init; }
}

/// <summary>Actions on many sites: looked at first, then done step by step.</summary>
internal static class SiteActionEndpoints
{
    private const int MostSites = 10_000;
    private const int MaxBody = 1024 * 1024;

    internal static void MapSiteActions(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/site-actions").WithTags("Site actions").Needs(UserPermission.SeeSites).AddEndpointFilter<RouteGroupBuilder, FormRefusals>();
        group.MapGet("/", ListAsync).WithName("listSiteActions").WithSummary("Actions on many sites, newest first")
            .WithDescription("With how far each is. A token for some sites sees its own alone.").Produces<Page<SiteActionRun>>();
        group.MapPost("/", PostAsync).WithName("startSiteAction").WithSummary("Opt many sites out, suspend their enrollments, or add or remove a tag")
            .WithDescription(
                "dryRun is true unless it says false: then nothing is done, and the rows say what would be. Opting out needs the permission to opt, the others that to edit sites, at each site; "
                + "where it lacks, the row is refused, and where it lacks at all of them, the request (403). A restart goes on with the next step; what a rule refuses holds up no other step.")
            .Accepts<SiteActionBody>(OperationsWire.Json).Produces<SiteActionRun>(StatusCodes.Status202Accepted).PointsToWork().TakesIdempotencyKey().Refuses(ErrorClass.Conflict);
        group.MapGet("/{id}", GetAsync).WithName("getSiteAction").WithSummary("How far an action is").WithDescription("It is over when state is done or cancelled.").Produces<SiteActionRun>();
        group.MapGet("/{id}/rows", RowsAsync).WithName("listSiteActionRows").WithSummary("Each step, and what became of it")
            .WithDescription("In their order. refused says why in code and message.").Produces<Page<SiteActionRow>>();
        group.MapPost("/{id}/cancel", CancelAsync).WithName("cancelSiteAction").WithSummary("Stop an action after the steps that are under way")
            .WithDescription("What was done stays. It needs the permission that the action itself needs (opt, or to edit sites), and for one that somebody else asked for, at the whole tenant.").Produces<SiteActionRun>().TakesIdempotencyKey();
    }

    private static async Task<IResult> ListAsync(HttpContext http, SiteActionStore actions, string? after = null, string? limit = null)
    {
        var (actor, paging) = (http.Actor(), Paging.Parse(after, limit ?? "100")!);
        return OperationsWire.Answer(paging.Cut(await actions.ListAsync(actor.Tenant, actor.IsOfTenant ? null : actor.Name, after, paging.Limit + 1, http.RequestAborted), a => a.Id));
    }

    private static async Task<IResult> PostAsync(HttpContext http, SiteActionPlanner planner, SettingsStore settings, JobTrigger jobs, string? dryRun = null)
    {
        var isDry = dryRun switch { null or "true" => true, "false" => false, _ => throw new ProblemException(ErrorClass.SemanticCode, "dryRun is true or false.", "dryRun") };
        var content = await http.Request.ReadBodyAsync(MaxBody, OperationsWire.Json);
        var body = OperationsWire.Read<SiteActionBody>(content);
        var (actor, request) = (http.Actor(), ToRequest(body));
        await RequireAsync(actor, body.Action, settings, http.RequestAborted);
        var (plan, texts) = (await planner.PlanAsync(actor, request, http.RequestAborted), new TextSet(Language.English));
        if (plan.Steps.Count == 0 && plan.Refused.All(r => r.Why == SiteActionPlanner.NotAllowed))
        {
            throw new ProblemException(ErrorClass.AuthzSite, $"'{actor.Name}' may do this at none of these sites, or there are no such sites.");
        }

        return await http.OnceAsync(content, async transaction =>
        {
            if (body.Mark is { } mark && mark != plan.MarkFor(request))
            {
                throw new ProblemException(
                    ErrorClass.Conflict, "What would be done is no longer what the dry run with this mark said; nothing was done. Make another dry run, look at its rows, and send its mark.", "/mark");
            }

            var run = await SiteActionStore.AddAsync(transaction, request, plan, isDry, SiteActionRow.Create(plan, key => texts[key]));
            if (!isDry)
            {
                transaction.AfterCommit(() => jobs.Run(SiteActionJob.Name));
            }

            return PostAnswer.Accepted($"/v1/site-actions/{run.Id}", run);
        });
    }

    private static SiteActionRequest ToRequest(SiteActionBody body)
    {
        var request = new SiteActionRequest(body.Action, [.. body.SiteIds.Distinct(StringComparer.Ordinal)]) { Reason = body.Reason ?? default, Text = body.Text, Tag = body.Tag ?? string.Empty };
        var (check, texts) = (new FormCheck().Text("/text", body.Text, 500, required: false), new TextSet(Language.English));
        foreach (var (field, key) in SiteActionPlanner.Faults(request))
        {
            check.Fault(field == "site" ? "/siteIds" : $"/{field}", texts[key], ErrorClass.SemanticEmpty);
        }

        check.Unless(request.SiteIds.Count <= MostSites, "/siteIds", $"names more than {MostSites} sites", ErrorClass.SemanticNumber)
            .Unless(body.Action != SiteAction.OptOut || body.Reason is not null, "/reason", "is missing: the utility is told why", ErrorClass.SemanticEmpty).ThrowIfAny();
        return request;
    }

    private static async Task<IResult> GetAsync(string id, HttpContext http, SiteActionStore actions) => OperationsWire.Answer(await FindAsync(id, http, actions));

    private static async Task<IResult> RowsAsync(string id, HttpContext http, SiteActionStore actions, string? after = null, string? limit = null)
    {
        var paging = Paging.Parse(after, limit ?? "100")!;
        var from = after is null ? 0
            : long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : throw new ProblemException(ErrorClass.SemanticCode, "after is the next of the page before.", "after");
        var run = await FindAsync(id, http, actions);
        var rows = await actions.RowsAsync(http.Actor().Tenant, run.Id, from, paging.Limit + 1, http.RequestAborted);
        return OperationsWire.Answer(paging.Cut(rows, r => r.Number.ToString(CultureInfo.InvariantCulture)));
    }

    private static async Task<IResult> CancelAsync(string id, HttpContext http, SiteActionStore actions, SettingsStore settings)
    {
        var (run, actor) = (await FindAsync(id, http, actions), http.Actor());
        await RequireAsync(actor, run.ActionKind, settings, http.RequestAborted);
        if (run.CreatedBy != actor.Name)
        {
            // It may be of any site: who may do this at some stops the own ones alone.
            await http.RequireAsync(SiteActionPlanner.PermissionFor(run.ActionKind), AccessTarget.Tenant);
        }

        return await http.OnceAsync(default, async transaction =>
        {
            await SiteActionStore.EndAsync(transaction, run.Id, "cancelled");
            return PostAnswer.Ok(await SiteActionStore.FindAsync(transaction.Tx, transaction.Actor.Tenant, run.Id));
        });
    }

    /// <exception cref="ProblemException">AUTHZ_ROLE: the actor may do this nowhere.</exception>
    private static async Task RequireAsync(Actor actor, SiteAction action, SettingsStore settings, CancellationToken ct)
    {
        var needed = SiteActionPlanner.PermissionFor(action);
        if (!actor.May(needed, (await settings.GetAsync(actor.Tenant, ct)).Access))
        {
            throw new ProblemException(ErrorClass.AuthzRole, $"'{actor.Name}' may not do this: none of its roles has the permission {EnumNames<UserPermission>.GetName(needed)}.");
        }
    }

    /// <summary>Who is for some sites sees what was asked for in the own name.</summary>
    private static async Task<SiteActionRun> FindAsync(string id, HttpContext http, SiteActionStore actions) =>
        await actions.FindAsync(http.Actor().Tenant, id, http.RequestAborted) is { } run && (http.Actor().IsOfTenant || run.CreatedBy == http.Actor().Name)
            ? run
            : throw new ProblemException(ErrorClass.NotFound, $"There is no action '{SafeText.Line(id)}' here.");
}
