using System.Text.Json;
using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.Operations.Opt;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Events;

/// <summary>
/// Holds what the services say against what was chosen: a person's choice first, else an opt plan that touches the event. Where a service says otherwise, be it
/// new, registered anew or changed by a machine, it is told again, with who chose and why.
/// </summary>
internal sealed partial class OptReconciler(
    EventStore events, OptStore choices, OptPlanStore plans, OptScheduleStore schedules, ServiceCalls calls, IOpenAdrApi openAdr, OperationsStore operations, IClock clock, ILogger<OptReconciler> logger)
{
    /// <summary>Applies choices and plans to every event that is not over.</summary>
    internal async Task ReconcileAsync(string tenant, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        var standing = await plans.EndingAfterAsync(tenant, now, ct);
        foreach (var held in await events.OverAfterAsync(tenant, now, ct))
        {
            if (held.Event.Origin == EventOrigin.OpenAdr && held.Event.CancelledAt is null)
            {
                await ReconcileAsync(held, standing, ct);
            }
        }
    }

    /// <summary>Applies them to one event, at once after a person chose.</summary>
    internal async Task ReconcileAsync(HeldEvent held, IReadOnlyList<OptPlan> standing, CancellationToken ct)
    {
        var chosen = (await choices.OfEventAsync(held.Event.Tenant, held.Event.Source, ct)).ToDictionary(c => c.SiteId, StringComparer.Ordinal);
        foreach (var site in held.Event.Sites.Where(s => s.State == SiteEventState.Held))
        {
            var wanted = chosen.GetValueOrDefault(site.SiteId) ?? PlanOf(held.Event, site, standing);
            if (wanted is null || site.Opt.State == (wanted.IsOut ? OptState.Out : OptState.In))
            {
                continue;
            }

            if (!chosen.ContainsKey(site.SiteId) && wanted.IsOut && await IsScheduledNowAsync(held.Event.Tenant, site, ct))
            {
                continue;
            }

            if (site.Opt is { By: OptSource.User, At: { } at } && at > wanted.ChosenAt)
            {
                // Somebody chose otherwise at the service, later: that is shown, and a person decides.
                await FlagAsync(wanted, site, chosen.ContainsKey(site.SiteId), ct);
            }
            else
            {
                await TellAsync(held, site, wanted, isPerson: chosen.ContainsKey(site.SiteId), ct);
            }
        }
    }

    /// <summary>A schedule went to the VEN just now, and the event is wholly within: the VEN opts out by itself. Where it does not within a minute, it is told of the event.</summary>
    private async Task<bool> IsScheduledNowAsync(string tenant, EventSite site, CancellationToken ct)
    {
        var just = clock.GetCurrentInstant() - Duration.FromMinutes(1);
        return site.EnrollmentId is { } enrollment && (await schedules.OfEnrollmentAsync(tenant, enrollment, ct))
            .Any(s => s is { Direction: OptDirection.Out, State: OptScheduleState.Waiting or OptScheduleState.Held } && s.MadeAt > just && s.Covers(site.From, site.Until));
    }

    private static OptChoiceRow? PlanOf(Event e, EventSite site, IReadOnlyList<OptPlan> standing)
    {
        var plan = OptPlans.For(new OptEvent(e.Source, site.From, site.Until), e.Tenant, site.SiteId, site.EnrollmentId, standing);
        return plan is null ? null : new OptChoiceRow
        {
            Tenant = e.Tenant,
            Source = e.Source,
            SiteId = site.SiteId,
            Direction = EnumNames<OptDirection>.GetName(plan.Direction),
            Reason = EnumNames<OptReason>.GetName(plan.Reason),
            Text = $"opt plan{(plan.Text is null ? string.Empty : $": {plan.Text}")}",
            ChosenBy = plan.Updated.By,
            ChosenAt = plan.Updated.At,
        };
    }

    private Task FlagAsync(OptChoiceRow wanted, EventSite site, bool isPerson, CancellationToken ct) =>
        isPerson ? choices.ToldAsync(wanted, null, $"changed at the service by {site.Opt.Who ?? "somebody"} at {site.Opt.At}", ct) : Task.CompletedTask;

    private async Task TellAsync(HeldEvent held, EventSite site, OptChoiceRow wanted, bool isPerson, CancellationToken ct)
    {
        var eventId = held.Event.Source[(held.Event.Source.IndexOf('/', StringComparison.Ordinal) + 1)..];
        var choice = JsonSerializer.SerializeToElement(new JsonObject
        {
            ["optType"] = wanted.IsOut ? "optOut" : "optIn",
            ["reason"] = wanted.Text is null ? wanted.Reason : $"{wanted.Reason}: {wanted.Text}",
            ["actor"] = wanted.ChosenBy,
        });
        var reply = await calls.CallAsync(ServiceName.OpenAdr, held.Event.Tenant, token => openAdr.PutOptAsync(token, site.Through, eventId, choice, ct), ct);
        if (isPerson)
        {
            await choices.ToldAsync(wanted, reply.IsDone ? clock.GetCurrentInstant() : null, reply.Problem, ct);
        }

        if (reply.IsDone)
        {
            await RecordAsync(held, site, wanted, isPerson, ct);
        }
        else
        {
            LogNotTold(logger, eventId, site.SiteId, wanted.Direction, reply.Problem ?? string.Empty);
        }
    }

    private Task RecordAsync(HeldEvent held, EventSite site, OptChoiceRow wanted, bool isPerson, CancellationToken ct) => operations.WriteAsync(
        Actor.Job(held.Event.Tenant, "opt"),
        transaction => transaction.AuditAsync("event", held.Id, "optTold", StoredJson.Write(site.Opt), StoredJson.Write(wanted), isPerson ? "a person's choice" : "an opt plan", site.SiteId),
        ct);

    [LoggerMessage(EventIds.OptKeeperUntold, LogLevel.Warning, "Event {EventId}: that {SiteId} is opted {Direction} could not be told: {Problem} (tried again)")]
    private static partial void LogNotTold(ILogger logger, string eventId, string siteId, string direction, string problem);
}
