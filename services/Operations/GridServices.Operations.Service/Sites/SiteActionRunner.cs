using GridServices.Hosting.Refusals;
using GridServices.Operations.Access;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Opt;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Sites;

/// <summary>Does what was planned, each step audited by itself. What a step refuses is named and holds up no other; what is done is committed every hundred steps, an opt-out event by event. A fault of another kind ends it, and what was not done is named.</summary>
internal sealed partial class SiteActionRunner(SiteStore sites, SiteHandler handler, EnrollmentStore enrollments, EnrollmentCommands commands, OperationsStore store, ILogger<SiteActionRunner> logger)
{
    private const int AtOnce = 100;

    /// <summary>Once begun it goes on to its end, also where nobody waits for the answer any more.</summary>
    internal async Task<SiteActionOutcome> RunAsync(Actor actor, SiteActionRequest request, SiteActionPlan plan)
    {
        var outcome = request.Action == SiteAction.OptOut ? await OptOutAsync(actor, request, plan) : await StepsAsync(actor, request, plan);
        return outcome with { Refused = [.. plan.Refused, .. outcome.Refused] };
    }

    /// <summary>An event at a time, with all its sites: the rule of two persons counts them together.</summary>
    private async Task<SiteActionOutcome> OptOutAsync(Actor actor, SiteActionRequest request, SiteActionPlan plan)
    {
        var (done, waiting, refused) = (0, 0, new List<SiteActionRefusal>());
        var body = new OptBody { Direction = OptDirection.Out, Reason = request.Reason, Text = request.Text };
        List<IGrouping<string, SiteActionStep>> all = [.. plan.Steps.GroupBy(s => s.Event!.Id)];
        foreach (var ofEvent in all)
        {
            var siteIds = ofEvent.Select(s => s.SiteId).ToList();
            try
            {
                var approval = await store.WriteAsync(actor, transaction => OptCommands.ChooseAsync(transaction, ofEvent.First().Event!, siteIds, body), CancellationToken.None);
                (done, waiting) = approval is null ? (done + siteIds.Count, waiting) : (done, waiting + siteIds.Count);
            }
            catch (Exception fault) when (fault is ProblemException or FormException)
            {
                refused.AddRange(siteIds.Select(id => new SiteActionRefusal(id, "bulk.stepRefused", Detail(fault))));
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                return new SiteActionOutcome(done, waiting, [.. refused, .. NotDone(actor, all.SkipWhile(e => e != ofEvent).SelectMany(e => e), fault)]);
            }
        }

        return new SiteActionOutcome(done, waiting, refused);
    }

    private async Task<SiteActionOutcome> StepsAsync(Actor actor, SiteActionRequest request, SiteActionPlan plan)
    {
        var (done, refused) = (0, new List<SiteActionRefusal>());
        var at = 0;
        foreach (var some in plan.Steps.Chunk(AtOnce))
        {
            try
            {
                var failed = await ChunkAsync(actor, request, some);
                done += some.Length - failed.Count;
                refused.AddRange(failed);
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                return new SiteActionOutcome(done, 0, [.. refused, .. NotDone(actor, plan.Steps.Skip(at), fault)]);
            }

            at += some.Length;
        }

        return new SiteActionOutcome(done, 0, refused);
    }

    /// <summary>Those that a rule refuses; the others are done.</summary>
    private Task<List<SiteActionRefusal>> ChunkAsync(Actor actor, SiteActionRequest request, SiteActionStep[] some) => store.WriteAsync(
        actor,
        async transaction =>
        {
            var access = (await SettingsStore.GetAsync(transaction.Tx, actor.Tenant)).Access;
            var faults = new List<SiteActionRefusal>();
            foreach (var step in some)
            {
                var mark = await transaction.CreateSavepointAsync();
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
        CancellationToken.None);

    /// <summary>What came of the last steps is known to nobody but the log; what they would have done is looked at again before it is done.</summary>
    private IEnumerable<SiteActionRefusal> NotDone(Actor actor, IEnumerable<SiteActionStep> left, Exception fault)
    {
        LogFailed(logger, actor.Tenant, fault);
        return left.Select(s => s.SiteId).Distinct(StringComparer.Ordinal).Select(id => new SiteActionRefusal(id, "bulk.notDone"));
    }

    /// <summary>Where it is moved by its tags must be the actor's too.</summary>
    private async Task DoAsync(AuditedTransaction transaction, SiteActionRequest request, SiteActionStep step, AccessSettings access)
    {
        if (step.Enrollment is { } planned)
        {
            var enrollment = await enrollments.FindAsync(transaction.Tx, transaction.Actor.Tenant, planned.Id) ?? throw new ProblemException(Contracts.ErrorClass.NotFound, "The enrollment is gone.");
            await commands.CommandAsync(transaction, enrollment, new LifecycleCommand(CommandKind.Suspend, request.Text));
            return;
        }

        var site = await sites.FindBySiteIdAsync(transaction.Tx, transaction.Actor.Tenant, step.SiteId) ?? throw new ProblemException(Contracts.ErrorClass.NotFound, "The site is gone.");
        var tags = request.Action == SiteAction.AddTag ? site.Tags.Append(request.Tag).Distinct(StringComparer.Ordinal) : site.Tags.Where(t => t != request.Tag);
        var changed = await handler.ChangeAsync(transaction, site, handler.ToBody(site) with { Tags = [.. tags] });
        transaction.Actor.Demand(UserPermission.EditSites, AccessTarget.From(changed), access);
    }

    private static string Detail(Exception fault) => fault is ProblemException { Problem: var problem } ? problem.Detail ?? problem.Title : fault.Message;

    [LoggerMessage(EventIds.SiteActionFailed, LogLevel.Error, "Tenant {Tenant}: an action on many sites ended before all was done; its page names what was not")]
    private static partial void LogFailed(ILogger logger, string tenant, Exception fault);
}
