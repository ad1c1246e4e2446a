using System.Text.Json;
using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Events;
using GridServices.Operations.Opt;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Events;

/// <summary>
/// Holds what the services say against what was chosen: a person's choice first, else an opt plan that touches the event. Where a service says otherwise, be it
/// new, registered anew or changed by a machine, it is told again, with who chose and why. What was told for a plan that is gone goes back to the program's policy.
/// </summary>
internal sealed partial class OptReconciler(
    EventStore events, OptStore choices, OptPlanStore plans, OptScheduleStore schedules, EnrollmentStore enrollments, SettingsStore settings, ApprovalCommands approvals, ServiceCalls calls, IOpenAdrApi openAdr, OperationsStore operations, IClock clock,
    ILogger<OptReconciler> logger)
{
    /// <summary>Applies choices and plans to every event that is not over.</summary>
    internal async Task ReconcileAsync(string tenant, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        var called = (await events.ListReadableAsync(tenant, now, ct)).Where(e => e.Event is { Origin: EventOrigin.OpenAdr, CancelledAt: null }).ToList();

        // A plan speaks for the whole of an event that it touches, also once it has itself ended.
        var standing = await plans.ListEndingAfterAsync(tenant, called.Select(e => e.Event.From).Append(now).Min(), ct);
        var rule = (await settings.GetAsync(tenant, ct)).TwoPerson;
        foreach (var held in called)
        {
            try
            {
                await ReconcileAsync(held, standing, rule, ct);
            }
            catch (Exception fault) when (fault is not (OutOfMemoryException or OperationCanceledException))
            {
                // It is tried again at the next look, and takes no other event with it.
                LogFailed(logger, held.Event.Source, fault);
            }
        }
    }

    /// <summary>Applies persons' choices to one event, at once after they chose; plans are left to the next look.</summary>
    internal Task SendChoicesAsync(HeldEvent held, CancellationToken ct) => ReconcileAsync(held, null, new TwoPersonRule(Enabled: false), ct);

    private async Task ReconcileAsync(HeldEvent held, IReadOnlyList<OptPlan>? standing, TwoPersonRule rule, CancellationToken ct)
    {
        var chosen = (await choices.ListByEventAsync(held.Event.Tenant, held.Event.Source, ct)).ToDictionary(c => c.SiteId, StringComparer.Ordinal);
        var (told, open) = await choices.ListToldByEventAsync(held.Event.Tenant, held.Event.Source, ct);
        var planned = new List<(EventSite Site, OptChoiceRow Wanted)>();
        var outByPlan = new List<(string SiteId, string By)>();
        foreach (var site in held.Event.Sites.Where(s => s.State == SiteEventState.Held))
        {
            if (OptSync.FindOwn(site.Opt, open[site.SiteId]) is { } arrived)
            {
                await RecordArrivedAsync(held, site, arrived, chosen.GetValueOrDefault(site.SiteId), ct);
            }

            var wanted = chosen.GetValueOrDefault(site.SiteId) ?? (standing is null ? null : ChooseByPlan(held.Event, site, standing) ?? await ChooseByPolicyAsync(held, site, OptSync.FindOwn(site.Opt, told[site.SiteId]), ct));
            var step = wanted is null ? OptStep.Nothing : OptSync.Decide(site.Opt, wanted.IsOut ? OptState.Out : OptState.In, wanted.ChosenAt, told[site.SiteId]);
            if (wanted is { Basis: OptBasis.Plan, IsOut: true } && step != OptStep.Flag)
            {
                outByPlan.Add((site.SiteId, wanted.ChosenBy));
            }

            if (step == OptStep.Nothing || (wanted is { Basis: OptBasis.Plan, IsOut: true } && await IsScheduledNowAsync(held.Event.Tenant, site, ct)))
            {
                continue;
            }

            if (step == OptStep.Tell && wanted is { Basis: OptBasis.Plan, IsOut: true })
            {
                planned.Add((site, wanted));
                continue;
            }

            await (step == OptStep.Flag ? FlagAsync(wanted!, site, ct) : SendAsync(held, site, wanted!, open[site.SiteId], ct));
        }

        foreach (var ofOne in planned.GroupBy(p => p.Wanted.ChosenBy, StringComparer.OrdinalIgnoreCase))
        {
            await SendPlannedAsync(held, [.. ofOne.OrderBy(p => p.Wanted.ChosenAt).ThenBy(p => p.Site.SiteId, StringComparer.Ordinal)], outByPlan, chosen, (told, open), rule, ct);
        }
    }

    /// <summary>A person's plans count together with what the same person opted out of the event already: for what exceeds that which one may, a second person is asked.</summary>
    private async Task SendPlannedAsync(
        HeldEvent held, IReadOnlyList<(EventSite Site, OptChoiceRow Wanted)> planned, List<(string SiteId, string By)> outByPlan, Dictionary<string, OptChoiceRow> chosen,
        (ILookup<string, SentOpt> All, ILookup<string, SentOpt> Open) told, TwoPersonRule rule, CancellationToken ct)
    {
        var (by, now) = (planned[0].Wanted.ChosenBy, planned.Select(p => p.Site.SiteId).ToHashSet(StringComparer.Ordinal));
        var before = chosen.Values.Where(c => c.IsOut && IsBy(c.ChosenBy)).Select(c => c.SiteId)
            .Concat(outByPlan.Where(o => IsBy(o.By)).Select(o => o.SiteId))
            .Concat(told.All.Where(t => held.Event.Site(t.Key)?.Opt.State == OptState.Out && t.Any(o => o is { State: OptState.Out, Basis: OptBasis.Plan } && IsBy(o.Who))).Select(t => t.Key)).Where(s => !now.Contains(s)).Distinct(StringComparer.Ordinal).Count();
        var alone = rule.NeedsSecond(GuardedAction.OptOut, planned.Count, before) ? Math.Max(0, rule.OptOutSites - before) : planned.Count;
        foreach (var (site, wanted) in planned.Take(alone))
        {
            await SendAsync(held, site, wanted, told.Open[site.SiteId], ct);
        }

        if (planned.Skip(alone).ToList() is [var first, ..] beyond)
        {
            var reason = EnumNames<OptReason>.TryParse(first.Wanted.Reason, out var word) ? word : OptReason.Schedule;
            var sites = beyond.Select(p => p.Site.SiteId).Order(StringComparer.Ordinal).ToList();
            await approvals.RequestOnceAsync(held.Event.Tenant, by, new OptContent(held.Id, sites, new OptBody { Direction = OptDirection.Out, Reason = reason, Text = first.Wanted.Text }), ct);
        }

        bool IsBy(string who) => string.Equals(who, by, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>What was told for a plan is the service's word for a person's. Once no plan wants it any more the policy answers again; where that leaves it to people, they are told.</summary>
    private async Task<OptChoiceRow?> ChooseByPolicyAsync(HeldEvent held, EventSite site, SentOpt? ours, CancellationToken ct)
    {
        if (ours is not { Basis: OptBasis.Plan })
        {
            return null;
        }

        var enrollment = site.EnrollmentId is { } id ? await enrollments.FindAsync(held.Event.Tenant, id, ct) : null;
        var gone = new OptChoiceRow
        {
            Tenant = held.Event.Tenant,
            Source = held.Event.Source,
            SiteId = site.SiteId,
            Direction = ours.State == OptState.Out ? "out" : "in",
            Reason = EnumNames<OptReason>.GetName(OptReason.Participating),
            Text = "the opt plan that had answered the event holds no longer",
            ChosenBy = ours.Who,
            ChosenAt = clock.GetCurrentInstant(),
            Basis = OptBasis.Policy,
        };
        switch (enrollment?.AnswersBy)
        {
            case OptPolicy.Auto:
                return gone with { Direction = "in" };
            case OptPolicy.Never:
                return gone with { Direction = "out", Reason = EnumNames<OptReason>.GetName(OptReason.NotParticipating) };
            default:
                await HandOverAsync(held, site, gone, ours, ct);
                return null;
        }
    }

    /// <summary>Once: from then on what stands there is nobody's plan. In one commit: what is no plan's any more is told nobody again.</summary>
    private async Task HandOverAsync(HeldEvent held, EventSite site, OptChoiceRow gone, SentOpt ours, CancellationToken ct)
    {
        await operations.WriteAsync(
            Actor.Job(held.Event.Tenant, "opt"),
            async transaction =>
            {
                await OptStore.RecordAttemptAsync(transaction.Tx, gone, ours.Reason, clock.GetCurrentInstant(), clock.GetCurrentInstant());
                await transaction.AuditAsync(
                    "event", held.Id, "optPlanGone", StoredJson.Write(site.Opt), null, "the opt plan that had answered the event holds no longer, and the policy leaves the answer to people: choose", site.SiteId);
            },
            ct);
        LogPlanGone(logger, held.Event.Source, site.SiteId, ours.State);
    }

    /// <summary>A schedule went to the VEN just now, and the event is wholly within: the VEN opts out by itself. Where it does not within a minute, it is told of the event.</summary>
    private async Task<bool> IsScheduledNowAsync(string tenant, EventSite site, CancellationToken ct)
    {
        var just = clock.GetCurrentInstant() - Duration.FromMinutes(1);
        return site.EnrollmentId is { } enrollment && (await schedules.ListByEnrollmentAsync(tenant, enrollment, ct))
            .Any(s => s is { Direction: OptDirection.Out, State: OptScheduleState.Waiting or OptScheduleState.Held } && s.MadeAt > just && s.Covers(site.From, site.Until));
    }

    private static OptChoiceRow? ChooseByPlan(Event e, EventSite site, IReadOnlyList<OptPlan> standing)
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
            Basis = OptBasis.Plan,
        };
    }

    private Task FlagAsync(OptChoiceRow wanted, EventSite site, CancellationToken ct) =>
        wanted.Basis == OptBasis.Person ? choices.RecordOutcomeAsync(wanted, null, $"changed at the service by {site.Opt.Who ?? "somebody"} at {site.Opt.At}", ct) : Task.CompletedTask;

    private async Task SendAsync(HeldEvent held, EventSite site, OptChoiceRow wanted, IEnumerable<SentOpt> open, CancellationToken ct)
    {
        var eventId = held.Event.Source[(held.Event.Source.IndexOf('/', StringComparison.Ordinal) + 1)..];
        var choice = JsonSerializer.SerializeToElement(new JsonObject
        {
            ["optType"] = wanted.IsOut ? "optOut" : "optIn",
            ["reason"] = wanted.Why,
            ["actor"] = wanted.ChosenBy,
        });
        if (!open.Contains(wanted.ToSent()))
        {
            await choices.RecordAttemptAsync(wanted, wanted.Why, clock.GetCurrentInstant(), ct);
        }

        var reply = await calls.CallAsync(ServiceName.OpenAdr, held.Event.Tenant, token => openAdr.PutOptAsync(token, site.Through, eventId, choice, ct), ct);
        if (wanted.Basis == OptBasis.Person)
        {
            await choices.RecordOutcomeAsync(wanted, reply.IsDone ? clock.GetCurrentInstant() : null, reply.Problem, ct);
        }

        if (reply.IsDone)
        {
            await RecordAsync(held, site, wanted, ct);
        }
        else
        {
            LogNotTold(logger, eventId, site.SiteId, wanted.Direction, reply.Problem ?? string.Empty);
        }
    }

    private Task RecordAsync(HeldEvent held, EventSite site, OptChoiceRow wanted, CancellationToken ct) => operations.WriteAsync(
        Actor.Job(held.Event.Tenant, "opt"),
        async transaction =>
        {
            if (await OptStore.NoteAsync(transaction, held.Event.Source, site.SiteId, wanted.ToSent()))
            {
                await transaction.AuditAsync("event", held.Id, "optTold", StoredJson.Write(site.Opt), StoredJson.Write(wanted), GetBasis(wanted.Basis), site.SiteId);
            }
        },
        ct);

    /// <summary>What was told has arrived, as the service itself says: its answer was lost, or this service ended before it was written down.</summary>
    private async Task RecordArrivedAsync(HeldEvent held, EventSite site, SentOpt arrived, OptChoiceRow? chosen, CancellationToken ct)
    {
        await operations.WriteAsync(
            Actor.Job(held.Event.Tenant, "opt"),
            async transaction =>
            {
                if (await OptStore.NoteAsync(transaction, held.Event.Source, site.SiteId, arrived))
                {
                    await transaction.AuditAsync("event", held.Id, "optTold", null, StoredJson.Write(arrived), $"{GetBasis(arrived.Basis)}; the service says that it has it", site.SiteId);
                }
            },
            ct);
        if (chosen?.ToSent() == arrived)
        {
            await choices.RecordOutcomeAsync(chosen, clock.GetCurrentInstant(), null, ct);
        }
    }

    private static string GetBasis(OptBasis basis) => basis switch { OptBasis.Person => "a person's choice", OptBasis.Plan => "an opt plan", _ => "the policy, for the opt plan holds no longer" };

    [LoggerMessage(EventIds.OptKeeperUntold, LogLevel.Warning, "Event {EventId}: that {SiteId} is opted {Direction} could not be told: {Problem} (tried again)")]
    private static partial void LogNotTold(ILogger logger, string eventId, string siteId, string direction, string problem);

    [LoggerMessage(EventIds.OptKeeperFailed, LogLevel.Error, "Event {Source}: what was chosen could not be held against what the service says; it is tried again")]
    private static partial void LogFailed(ILogger logger, string source, Exception fault);

    [LoggerMessage(EventIds.OptPlanGone, LogLevel.Warning, "Event {Source}: the opt plan that had told {SiteId} to be {State} holds no longer, and the policy leaves the answer to people")]
    private static partial void LogPlanGone(ILogger logger, string source, string siteId, OptState state);
}
