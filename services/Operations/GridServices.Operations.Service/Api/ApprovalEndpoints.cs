using GridServices.Contracts;
using GridServices.Hosting;
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
        group.MapGet("/", async (HttpContext http, ApprovalCommands commands, string? after = null, string? limit = null) => OperationsWire.Answer(
                (Paging.Parse(after, limit ?? "100")!).Slice(await commands.ListAsync(http.Actor().Tenant, http.RequestAborted), a => a.Id)))
            .Needs(UserPermission.SeeRecords).WithName("listApprovals").WithSummary("Requests for a second person, and what came of them").WithDescription("The latest 200.").Produces<Page<ApprovalItem>>();
        group.MapPost("/{id}/grant", GrantAsync).Needs(UserPermission.SeeSites).WithName("grantApproval").WithSummary("Allow it, as the second person, and have it done")
            .WithDescription("Who asked can't allow it, nor who could not do it either. What is done is exactly what was asked for.").Produces<ApprovalItem>().TakesIdempotencyKey().Refuses(ErrorClass.Conflict);
    }

    private static async Task<IResult> GrantAsync(string id, HttpContext http, ApprovalCommands commands, ApprovedWork work, SettingsStore settings, CancellationToken ct)
    {
        var actor = http.Actor();
        var item = await commands.OneAsync(actor.Tenant, id, ct) ?? throw new ProblemException(ErrorClass.NotFound, $"There is no request '{SafeText.Line(id)}' here.");
        if (!actor.May(PermissionFor(item.Action), (await settings.OfAsync(actor.Tenant, ct)).Access))
        {
            throw new ProblemException(ErrorClass.AuthzRole, "You may not do this yourself, so you can't allow it.");
        }

        return await http.OnceAsync(default, async transaction =>
        {
            var decided = await ApprovalCommands.GrantAsync(transaction, item);
            await work.DoAsync(transaction, decided);
            return PostAnswer.Ok(decided);
        });
    }

    private static UserPermission PermissionFor(GuardedAction action) => action switch
    {
        GuardedAction.OptOut => UserPermission.Opt,
        GuardedAction.EndEnrollment => UserPermission.EditSites,
        _ => UserPermission.RunBilling,
    };
}

/// <summary>Does what a second person has allowed.</summary>
internal sealed class ApprovedWork(EnrollmentStore enrollments, EnrollmentCommands commands, EventStore events)
{
    internal async Task DoAsync(AuditedTransaction transaction, ApprovalItem approval)
    {
        switch (approval.Action)
        {
            case GuardedAction.EndEnrollment:
                var end = StoredJson.Read<EndContent>(approval.Content);
                var held = await enrollments.OneAsync(transaction.Tx, transaction.Actor.Tenant, end.EnrollmentId) ?? throw new ProblemException(ErrorClass.NotFound, "The enrollment is gone.");
                await commands.CommandAsync(transaction, held, new LifecycleCommand(CommandKind.End, end.Reason));
                break;
            case GuardedAction.OptOut:
                var opt = StoredJson.Read<OptContent>(approval.Content);
                var e = await events.OneAsync(transaction.Actor.Tenant, opt.EventId) ?? throw new ProblemException(ErrorClass.NotFound, "The event is gone.");
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
