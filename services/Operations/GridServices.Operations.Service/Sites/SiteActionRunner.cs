using GridServices.Hosting.Refusals;
using GridServices.Operations.Opt;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Sites;

/// <summary>Does what was planned, each step audited by itself. What a step refuses is named and holds up no other; what is done is committed every hundred steps, an opt-out event by event. A fault of another kind ends it, and what was not done is named.</summary>
internal sealed partial class SiteActionRunner(SiteActionSteps steps, OperationsStore store, ILogger<SiteActionRunner> logger)
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
            var faults = new List<SiteActionRefusal>();
            foreach (var step in some)
            {
                if (await steps.TryAsync(transaction, request, step.SiteId, step.Enrollment?.Id) is { } why)
                {
                    faults.Add(new SiteActionRefusal(step.SiteId, "bulk.stepRefused", why));
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

    private static string Detail(Exception fault) => fault is ProblemException { Problem: var problem } ? problem.Detail ?? problem.Title : fault.Message;

    [LoggerMessage(EventIds.SiteActionFailed, LogLevel.Error, "Tenant {Tenant}: an action on many sites ended before all was done; its page names what was not")]
    private static partial void LogFailed(ILogger logger, string tenant, Exception fault);
}
