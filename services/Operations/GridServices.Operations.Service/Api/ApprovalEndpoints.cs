using GridServices.Contracts;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using GridServices.Operations.Access;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Opt;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Api;

/// <summary>What waits for a second person.</summary>
internal static class ApprovalEndpoints
{
    internal static void MapApprovals(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/approvals").WithTags("Approvals").AddEndpointFilter<RouteGroupBuilder, FormRefusals>();
        group.MapGet("/", ListAsync).Needs(UserPermission.SeeRecords).WithName("listApprovals").WithSummary("Requests for a second person, and what came of them")
            .WithDescription("The latest 200. A token for some sites sees those that are about its sites alone.").Produces<Page<ApprovalItem>>();
        group.MapPost("/{id}/grant", GrantAsync).Needs(UserPermission.SeeSites).WithName("grantApproval").WithSummary("Allow it, as the second person, and have it done")
            .WithDescription("Who asked can't allow it, nor who could not do it either, at every site that it is about. What is done is exactly what was asked for.").Produces<ApprovalItem>().TakesIdempotencyKey().Refuses(ErrorClass.Conflict);
    }

    private static async Task<IResult> ListAsync(HttpContext http, ApprovalCommands commands, SiteStore sites, SettingsStore settings, string? after = null, string? limit = null)
    {
        var actor = http.Actor();
        var filter = AccessRules.Filter(actor.Grants, UserPermission.SeeRecords, (await settings.GetAsync(actor.Tenant, http.RequestAborted)).Access);
        var shown = await sites.ShownAsync(actor.Tenant, filter, http.RequestAborted);
        var items = new List<ApprovalItem>();
        foreach (var item in await commands.ListAsync(actor.Tenant, http.RequestAborted))
        {
            if (shown is null || (await commands.ListSitesAsync(actor.Tenant, item, http.RequestAborted)).All(shown.Contains))
            {
                items.Add(item);
            }
        }

        return OperationsWire.Answer(Paging.Parse(after, limit ?? "100")!.Slice(items, a => a.Id));
    }

    private static async Task<IResult> GrantAsync(string id, HttpContext http, ApprovalCommands commands, ApprovedWork work, SiteStore sites, SettingsStore settings, CancellationToken ct)
    {
        var actor = http.Actor();
        var item = await commands.FindAsync(actor.Tenant, id, ct) ?? throw new ProblemException(ErrorClass.NotFound, $"There is no request '{SafeText.Line(id)}' here.");
        var permission = AccessRules.PermissionFor(item.Action);
        if (!actor.May(permission, (await settings.GetAsync(actor.Tenant, ct)).Access))
        {
            throw new ProblemException(ErrorClass.AuthzRole, "You may not do this yourself, so you can't allow it.");
        }

        foreach (var siteId in await commands.ListSitesAsync(actor.Tenant, item, ct))
        {
            await http.RequireAsync(permission, await sites.FindBySiteIdAsync(actor.Tenant, siteId, ct) is { } site ? AccessTarget.From(site) : new AccessTarget { SiteId = siteId });
        }

        return await http.OnceAsync(default, async transaction =>
        {
            var decided = await ApprovalCommands.GrantAsync(transaction, item);
            await work.ExecuteAsync(transaction, decided);
            return PostAnswer.Ok(decided);
        });
    }
}

/// <summary>Does what a second person has allowed.</summary>
internal sealed class ApprovedWork(EnrollmentStore enrollments, EnrollmentCommands commands, EventStore events)
{
    internal async Task ExecuteAsync(AuditedTransaction transaction, ApprovalItem approval)
    {
        switch (approval.Action)
        {
            case GuardedAction.EndEnrollment:
                var end = StoredJson.Read<EndContent>(approval.Content);
                var held = await enrollments.FindAsync(transaction.Tx, transaction.Actor.Tenant, end.EnrollmentId) ?? throw new ProblemException(ErrorClass.NotFound, "The enrollment is gone.");
                await commands.CommandAsync(transaction, held, new LifecycleCommand(CommandKind.End, end.Reason));
                break;
            case GuardedAction.OptOut:
                var opt = StoredJson.Read<OptContent>(approval.Content);
                var e = await events.FindAsync(transaction.Actor.Tenant, opt.EventId) ?? throw new ProblemException(ErrorClass.NotFound, "The event is gone.");
                foreach (var siteId in opt.SiteIds)
                {
                    await OptStore.ChooseAsync(transaction, e, siteId, opt.Choice.Direction, opt.Choice.Reason, opt.Choice.Text);
                }

                break;
            default:
                throw new ProblemException(ErrorClass.Conflict, "This is done at the Tariffs service.");
        }
    }
}
