using System.Collections.Concurrent;
using System.Net;
using System.Reflection;
using System.Text.Json;
using GridServices.Operations.Access;
using GridServices.Operations.Audit;
using GridServices.Operations.Events;
using GridServices.Operations.Opt;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;
using GridServices.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;
using Refit;

namespace GridServices.Operations.Service.Tests.Events;

/// <summary>What is told to a service that answers as the test says.</summary>
public sealed class OptReconcilerTests
{
    private static readonly Instant Start = Instant.FromUtc(2027, 7, 1, 12, 0);
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_persons_choice_is_told_once_again_after_a_refusal_and_not_where_the_service_says_the_same()
    {
        await using var world = await World.MakeAsync("depot-1", "depot-2");
        var held = await world.EventAsync();
        await world.ChooseAsync(held, "depot-1");
        world.Api.Answer = HttpStatusCode.ServiceUnavailable;
        await world.Reconciler.SendChoicesAsync(held, Ct);
        var choice = Assert.Single(await world.Choices(held));
        Assert.Equal((null, true), (choice.ToldAt, choice.Problem is not null));

        world.Api.Answer = HttpStatusCode.OK;
        await world.Reconciler.ReconcileAsync("default", Ct);
        choice = Assert.Single(await world.Choices(held));
        Assert.Equal((true, null), (choice.ToldAt is not null, choice.Problem));
        Assert.All(world.Api.Told, t => Assert.Equal(("ven-depot-1", "e1", "optOut", "dana"), t));
        Assert.Equal(2, world.Api.Told.Count);

        // The service says so too: nothing more is told.
        await world.EventAsync(new SiteOpt(OptState.Out, OptSource.User, "dana", "economic", world.Clock.GetCurrentInstant()));
        await world.Reconciler.ReconcileAsync("default", Ct);
        Assert.Equal(2, world.Api.Told.Count);

        // Registered anew, it has forgotten.
        await world.EventAsync(SiteOpt.NotAsked);
        await world.Reconciler.ReconcileAsync("default", Ct);
        Assert.Equal(3, world.Api.Told.Count);
    }

    [Fact]
    public async Task Somebody_who_chose_otherwise_at_the_service_later_is_shown_and_not_overruled()
    {
        await using var world = await World.MakeAsync("depot-1");
        var held = await world.EventAsync();
        await world.ChooseAsync(held, "depot-1");
        await world.EventAsync(new SiteOpt(OptState.In, OptSource.User, "utility-desk", "by telephone", world.Clock.GetCurrentInstant() + Duration.FromMinutes(1)));
        await world.Reconciler.ReconcileAsync("default", Ct);
        Assert.Empty(world.Api.Told);
        Assert.Contains("changed at the service by utility-desk", Assert.Single(await world.Choices(held)).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plan_answers_the_event_and_once_it_is_gone_the_policy_does()
    {
        await using var world = await World.MakeAsync("depot-1");
        await world.EventAsync();
        var plan = await world.PlanAsync("depot-1");
        await world.Reconciler.ReconcileAsync("default", Ct);
        Assert.Equal(("ven-depot-1", "e1", "optOut", "dana"), Assert.Single(world.Api.Told));
        await world.EventAsync(new SiteOpt(OptState.Out, OptSource.User, "dana", world.Api.Reasons.Single(), world.Clock.GetCurrentInstant()));

        // Without an enrollment that says how to answer, it is left to people, once.
        await world.Parts.WriteAsync(transaction => world.Parts.Get<OptPlanHandler>().DeleteAsync(transaction, plan));
        await world.Reconciler.ReconcileAsync("default", Ct);
        await world.Reconciler.ReconcileAsync("default", Ct);
        Assert.Single(world.Api.Told);
        var audited = await world.Parts.Get<Audit.AuditLog>().ListAsync("default", new Audit.AuditQuery(100), Ct);
        Assert.Single(audited, a => a.Write.Action == "event.optPlanGone");
    }

    [Fact]
    public async Task That_a_plan_is_gone_is_told_although_the_first_try_to_write_it_down_failed()
    {
        await using var world = await World.MakeAsync("depot-1");
        await world.EventAsync();
        var plan = await world.PlanAsync("depot-1");
        await world.Reconciler.ReconcileAsync("default", Ct);
        await world.EventAsync(new SiteOpt(OptState.Out, OptSource.User, "dana", world.Api.Reasons.Single(), world.Clock.GetCurrentInstant()));
        await world.Parts.WriteAsync(transaction => world.Parts.Get<OptPlanHandler>().DeleteAsync(transaction, plan));
        world.AuditClock.IsBroken = true;
        await world.Reconciler.ReconcileAsync("default", Ct);
        world.AuditClock.IsBroken = false;
        await world.Reconciler.ReconcileAsync("default", Ct);
        await world.Reconciler.ReconcileAsync("default", Ct);
        Assert.Single(await world.Parts.Get<Audit.AuditLog>().ListAsync("default", new Audit.AuditQuery(100), Ct), a => a.Write.Action == "event.optPlanGone");
    }

    [Fact]
    public async Task Plans_of_one_person_for_more_sites_than_the_rule_allows_ask_a_second_person_for_the_rest()
    {
        await using var world = await World.MakeAsync("depot-1", "depot-2", "depot-3");
        await world.Parts.WriteAsync(transaction => SettingsStore.SaveAsync(transaction, new TenantSettings { TwoPerson = new TwoPersonRule(Enabled: true, OptOutSites: 2) }));
        await world.EventAsync();
        foreach (var site in new[] { "depot-1", "depot-2", "depot-3" })
        {
            await world.PlanAsync(site);
        }

        await world.Reconciler.ReconcileAsync("default", Ct);
        Assert.Equal(2, world.Api.Told.Count);
        var waiting = Assert.Single(await world.Parts.Get<ApprovalCommands>().ListAsync("default", Ct));
        Assert.Equal((GuardedAction.OptOut, "dana"), (waiting.Action, waiting.RequestedBy));

        // It is asked for once, however often it is looked at.
        await world.Reconciler.ReconcileAsync("default", Ct);
        Assert.Single(await world.Parts.Get<ApprovalCommands>().ListAsync("default", Ct));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_told_is_written_down_once_where_this_service_ended_or_the_answer_was_lost_before_it_could_be(bool hasEnded)
    {
        await using var world = await World.MakeAsync("depot-1");
        var held = await world.EventAsync();
        await world.ChooseAsync(held, "depot-1");
        world.AuditClock.IsBroken = hasEnded;
        world.Api.Answer = hasEnded ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable;
        await world.Reconciler.ReconcileAsync("default", Ct);
        world.AuditClock.IsBroken = false;
        Assert.Empty(await ToldAsync());

        // The service has it, as it says itself.
        await world.EventAsync(new SiteOpt(OptState.Out, OptSource.User, "dana", "economic", world.Clock.GetCurrentInstant()));
        await world.Reconciler.ReconcileAsync("default", Ct);
        await world.Reconciler.ReconcileAsync("default", Ct);
        Assert.Single(world.Api.Told);
        Assert.Contains("a person's choice", Assert.Single(await ToldAsync()).Write.Reason, StringComparison.Ordinal);
        var choice = Assert.Single(await world.Choices(held));
        Assert.Equal((true, null), (choice.ToldAt is not null, choice.Problem));

        // Told anew, as to one that was registered anew, it is written down anew.
        world.Api.Answer = HttpStatusCode.OK;
        await world.EventAsync(SiteOpt.NotAsked);
        await world.Reconciler.ReconcileAsync("default", Ct);
        Assert.Equal(2, (await ToldAsync()).Count());

        async Task<IEnumerable<AuditEntry>> ToldAsync() => (await world.Parts.Get<Audit.AuditLog>().ListAsync("default", new Audit.AuditQuery(100), Ct)).Where(a => a.Write.Action == "event.optTold");
    }

    /// <summary>Parts with a reconciler over a service that is not there.</summary>
    private sealed class World : IAsyncDisposable
    {
        private static readonly Actor Dana = new("default", "dana", AuditActorKind.User) { Grants = [new AccessGrant(UserRole.Admin)] };
        private readonly string[] _siteIds;

        private World(OperationsParts parts, FakeClock clock, BreakableClock auditClock, string[] siteIds)
        {
            (Parts, Clock, AuditClock, _siteIds) = (parts, clock, auditClock, siteIds);
            var api = DispatchProxy.Create<IOpenAdrApi, OpenAdrStandIn>();
            Api = (OpenAdrStandIn)api;
            Reconciler = new OptReconciler(
                parts.Get<EventStore>(), parts.Get<OptStore>(), parts.Get<OptPlanStore>(), parts.Get<OptScheduleStore>(), parts.Get<EnrollmentStore>(), parts.Get<SettingsStore>(), parts.Get<ApprovalCommands>(), parts.Get<ServiceCalls>(), api,
                parts.Get<OperationsStore>(), clock, NullLogger<OptReconciler>.Instance);
        }

        public OperationsParts Parts { get; }

        public FakeClock Clock { get; }

        /// <summary>The clock of what is written with its audit: broken, it is not written.</summary>
        public BreakableClock AuditClock { get; }

        public OpenAdrStandIn Api { get; }

        public OptReconciler Reconciler { get; }

        public static async Task<World> MakeAsync(params string[] siteIds)
        {
            var clock = new FakeClock(Start);
            var auditClock = new BreakableClock(clock);
            var parts = await OperationsParts.MakeAsync(auditClock, "--Services:OpenAdr:Token=x");
            await parts.SitesAsync(siteIds);
            return new World(parts, clock, auditClock, siteIds);
        }

        /// <summary>An event from an hour from now on, as the service says it of the first site; of the others it says nothing.</summary>
        public async Task<HeldEvent> EventAsync(SiteOpt? first = null)
        {
            var (from, until) = (Start + Duration.FromHours(1), Start + Duration.FromHours(3));
            var e = new Event
            {
                Tenant = "default",
                Source = "openadr:vtn.example/e1",
                Origin = EventOrigin.OpenAdr,
                AnnouncedAt = Start,
                From = from,
                Until = until,
                Revisions = [new EventRevision { Number = 0, ToldAt = Start, From = from, Until = until }],
                Sites = [.. _siteIds.Select((id, i) => new EventSite { SiteId = id, Through = $"ven-{id}", From = from, Until = until, Revision = 0, ToldAt = Start, State = SiteEventState.Held, Opt = i == 0 && first is not null ? first : SiteOpt.NotAsked })],
            };
            return (await Parts.WriteAsync(transaction => EventStore.SaveAsync(transaction, [e]), Dana)).Single();
        }

        public Task<ApprovalItem?> ChooseAsync(HeldEvent held, string siteId) =>
            Parts.WriteAsync(transaction => OptCommands.ChooseAsync(transaction, held, [siteId], new OptBody { Direction = OptDirection.Out, Reason = OptReason.Economic }), Dana);

        public Task<OptPlan> PlanAsync(string siteId) => Parts.WriteAsync(
            transaction => Parts.Get<OptPlanHandler>().CreateAsync(transaction, new OptPlanBody { SiteId = siteId, From = Start, Until = Start + Duration.FromDays(1), Direction = OptDirection.Out, Reason = OptReason.Economic }), Dana);

        public Task<IReadOnlyList<OptChoiceRow>> Choices(HeldEvent held) => Parts.Get<OptStore>().ListByEventAsync("default", held.Event.Source, Ct);

        public ValueTask DisposeAsync() => Parts.DisposeAsync();
    }
}

/// <summary>Throws while it is broken.</summary>
internal sealed class BreakableClock(IClock clock) : IClock
{
    public bool IsBroken { get; set; }

    public Instant GetCurrentInstant() => IsBroken ? throw new InvalidOperationException("the clock is broken") : clock.GetCurrentInstant();
}

/// <summary>An OpenAdr service that takes opt choices, or refuses them, and is asked for nothing else.</summary>
public class OpenAdrStandIn : DispatchProxy
{
    internal HttpStatusCode Answer { get; set; } = HttpStatusCode.OK;

    /// <summary>VEN, event, direction and who, in order.</summary>
    internal ConcurrentQueue<(string Ven, string Event, string Opt, string Who)> Told { get; } = new();

    internal ConcurrentQueue<string> Reasons { get; } = new();

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod?.Name != nameof(IOpenAdrApi.PutOptAsync))
        {
            throw new NotSupportedException(targetMethod?.Name);
        }

        var choice = (JsonElement)args![3]!;
        Told.Enqueue(((string)args[1]!, (string)args[2]!, choice.GetProperty("optType").GetString()!, choice.GetProperty("actor").GetString()!));
        Reasons.Enqueue(choice.GetProperty("reason").GetString()!);
        return Task.FromResult(new ApiResponse<JsonElement>(new HttpResponseMessage(Answer) { RequestMessage = new HttpRequestMessage(HttpMethod.Put, "http://openadr.example/") }, JsonSerializer.SerializeToElement(new { }), new RefitSettings()));
    }
}
