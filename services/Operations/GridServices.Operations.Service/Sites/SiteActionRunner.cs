using GridServices.Hosting;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Sites;

/// <summary>Does what was planned, each step audited by itself. What a step refuses is named and holds up no other; what is done is committed every few steps, and the same again finds less to do.</summary>
internal sealed class SiteActionRunner(SiteActionPlanner planner, SiteStore sites, SiteHandler handler, EnrollmentStore enrollments, EnrollmentCommands commands, OperationsStore store)
{
    private const int AtOnce = 100;

    internal async Task<SiteActionOutcome> RunAsync(Actor actor, SiteActionRequest request, CancellationToken ct)
    {
        // What was confirmed may have changed meanwhile: it is looked at again.
        var plan = await planner.PlanAsync(actor, request, ct);
        var outcome = request.Action == SiteAction.OptOut ? await OptOutAsync(actor, request, plan, ct) : await StepsAsync(actor, request, plan, ct);
        return outcome with { Refused = [.. plan.Refused, .. outcome.Refused] };
    }

    /// <summary>An event at a time, with all its sites: the rule of two persons counts them together.</summary>
    private async Task<SiteActionOutcome> OptOutAsync(Actor actor, SiteActionRequest request, SiteActionPlan plan, CancellationToken ct)
    {
        var (done, waiting, refused) = (0, 0, new List<SiteActionRefusal>());
        var body = new OptBody { Direction = OptDirection.Out, Reason = request.Reason, Text = request.Text };
        foreach (var ofEvent in plan.Steps.GroupBy(s => s.Event!.Id))
        {
            var siteIds = ofEvent.Select(s => s.SiteId).ToList();
            try
            {
                var approval = await store.WriteAsync(actor, transaction => OptCommands.ChooseAsync(transaction, ofEvent.First().Event!, siteIds, body), ct);
                (done, waiting) = approval is null ? (done + siteIds.Count, waiting) : (done, waiting + siteIds.Count);
            }
            catch (Exception fault) when (fault is ProblemException or FormException)
            {
                refused.AddRange(siteIds.Select(id => new SiteActionRefusal(id, "bulk.stepRefused", Detail(fault))));
            }
        }

        return new SiteActionOutcome(done, waiting, refused);
    }

    private async Task<SiteActionOutcome> StepsAsync(Actor actor, SiteActionRequest request, SiteActionPlan plan, CancellationToken ct)
    {
        var (done, refused) = (0, new List<SiteActionRefusal>());
        foreach (var some in plan.Steps.Chunk(AtOnce))
        {
            var failed = await store.WriteAsync(
                actor,
                async transaction =>
                {
                    var access = (await SettingsStore.OfAsync(transaction.Tx, actor.Tenant)).Access;
                    var faults = new List<SiteActionRefusal>();
                    foreach (var step in some)
                    {
                        var mark = await transaction.MarkAsync();
                        try
                        {
                            await DoAsync(transaction, request, step, access);
                        }
                        catch (Exception fault) when (fault is ProblemException or FormException)
                        {
                            await transaction.RollbackToAsync(mark);
                            faults.Add(new SiteActionRefusal(step.SiteId, "bulk.stepRefused", Detail(fault)));
                        }
                    }

                    return faults;
                },
                ct);
            done += some.Length - failed.Count;
            refused.AddRange(failed);
        }

        return new SiteActionOutcome(done, 0, refused);
    }

    /// <summary>Where it is moved by its tags must be the actor's too.</summary>
    private async Task DoAsync(AuditedTransaction transaction, SiteActionRequest request, SiteActionStep step, AccessSettings access)
    {
        if (step.Enrollment is { } planned)
        {
            var enrollment = await enrollments.OneAsync(transaction.Tx, transaction.Actor.Tenant, planned.Id) ?? throw new ProblemException(Contracts.ErrorClass.NotFound, "The enrollment is gone.");
            await commands.CommandAsync(transaction, enrollment, new LifecycleCommand(CommandKind.Suspend, request.Text));
            return;
        }

        var site = await sites.BySiteIdAsync(transaction.Tx, transaction.Actor.Tenant, step.SiteId) ?? throw new ProblemException(Contracts.ErrorClass.NotFound, "The site is gone.");
        var tags = request.Action == SiteAction.AddTag ? site.Tags.Append(request.Tag).Distinct(StringComparer.Ordinal) : site.Tags.Where(t => t != request.Tag);
        var changed = await handler.ChangeAsync(transaction, site, handler.BodyOf(site) with { Tags = [.. tags] });
        transaction.Actor.Demand(UserPermission.EditSites, AccessTarget.From(changed), access);
    }

    private static string Detail(Exception fault) => fault is ProblemException { Problem: var problem } ? problem.Detail ?? problem.Title : fault.Message;
}
