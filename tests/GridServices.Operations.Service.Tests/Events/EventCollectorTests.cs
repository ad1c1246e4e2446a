using System.Net;
using System.Reflection;
using System.Text.Json;
using Dapper;
using GridServices.Operations.Events;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Compliance;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Reconcile;
using GridServices.Operations.Service.Storage;
using GridServices.Testing;
using NodaTime;
using Refit;

namespace GridServices.Operations.Service.Tests.Events;

/// <summary>After a restart nothing is known of the VENs and clients until they are listed: whose an event is, is not guessed.</summary>
public sealed class EventCollectorTests
{
    private static readonly Instant Start = Instant.FromUtc(2027, 7, 1, 12, 0);
    private static readonly string[] Sites = ["depot-1"];
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_the_list_of_VENs_a_live_event_is_neither_cancelled_nor_made_anew()
    {
        await using var parts = await OperationsParts.MakeAsync(new FakeClock(Start), "--Services:OpenAdr:Token=x");
        await parts.SitesAsync(Sites);
        var service = new Lists { ["ListEventsAsync"] = () => Lists.Answer(new VenEventPage([VenEvent("ven-1", "e1")], null)), ["ListVensAsync"] = () => Lists.Answer(Vens("ven-1")) };
        await new Looks(parts, service, new Lists()).OnceAsync();
        var held = Assert.Single(await HeldAsync(parts));
        Assert.Equal(("openadr:vtn.example/e1", null), (held.Event.Source, held.Event.CancelledAt));

        // Started anew, beside a service that answers for its events and not yet for its VENs.
        var anew = new Looks(parts, service, new Lists());
        service["ListVensAsync"] = () => Lists.Answer(default(JsonElement), HttpStatusCode.ServiceUnavailable);
        Assert.Empty(await anew.OnceAsync());
        service["ListVensAsync"] = () => Lists.Answer(Vens("ven-1"));
        Assert.Empty(await anew.OnceAsync());
        Assert.Equal(held, Assert.Single(await HeldAsync(parts)));

        // A VEN that is in the list of events a moment before it is in its own, and one that is missing there for a moment.
        service["ListEventsAsync"] = () => Lists.Answer(new VenEventPage([VenEvent("ven-1", "e1"), VenEvent("ven-2", "e2")], null));
        Assert.Empty(await anew.OnceAsync());
        service["ListVensAsync"] = () => Lists.Answer(Vens("ven-2"));
        Assert.Equal("openadr:vtn.example/e2", Assert.Single(await anew.OnceAsync()).Event.Source);
        Assert.All(await HeldAsync(parts), e => Assert.Null(e.Event.CancelledAt));

        // Gone from both it is gone.
        service["ListEventsAsync"] = () => Lists.Answer(new VenEventPage([VenEvent("ven-2", "e2")], null));
        await anew.OnceAsync();
        Assert.Equal([("openadr:vtn.example/e1", true), ("openadr:vtn.example/e2", false)], (await HeldAsync(parts)).Select(e => (e.Event.Source, e.Event.CancelledAt is not null)).Order());
    }

    [Fact]
    public async Task A_VEN_that_was_deleted_while_nobody_looked_holds_its_events_no_more()
    {
        await using var parts = await OperationsParts.MakeAsync(new FakeClock(Start), "--Services:OpenAdr:Token=x");
        await parts.SitesAsync(Sites);
        var service = new Lists { ["ListEventsAsync"] = () => Lists.Answer(new VenEventPage([VenEvent("ven-1", "e1")], null)), ["ListVensAsync"] = () => Lists.Answer(Vens("ven-1")) };
        await new Looks(parts, service, new Lists()).OnceAsync();

        // After a restart it is missing from the list of VENs only, for a moment, and then from both.
        var anew = new Looks(parts, service, new Lists());
        service["ListVensAsync"] = () => Lists.Answer(Vens("ven-2"));
        Assert.Empty(await anew.OnceAsync());
        service["ListEventsAsync"] = () => Lists.Answer(new VenEventPage([], null));
        Assert.Equal(SiteEventState.Gone, Assert.Single(Assert.Single(await anew.OnceAsync()).Event.Sites).State);
        Assert.NotNull(Assert.Single(await HeldAsync(parts)).Event.CancelledAt);
        Assert.Empty(await anew.OnceAsync());
    }

    [Fact]
    public async Task Without_the_list_of_clients_a_control_is_neither_cancelled_nor_made_anew()
    {
        await using var parts = await OperationsParts.MakeAsync(new FakeClock(Start), "--Services:Ieee2030Dot5:Token=x");
        await parts.SitesAsync(Sites);
        var service = new Lists
        {
            ["ListControlsAsync"] = () => Lists.Answer(new ControlSeenPage([Control("fleet", "AB01")], null)),
            ["ListClientsAsync"] = () => Lists.Answer(Json("""[{ "clientKey": "fleet", "serverUrl": "https://der.example/dcap", "condition": { "status": "ok" } }]""")),
            ["ListEndDevicesAsync"] = () => Lists.Answer(Json("[]")),
        };
        await new Looks(parts, new Lists(), service).OnceAsync();
        var held = Assert.Single(await HeldAsync(parts));
        Assert.Contains("der.example", held.Event.Source, StringComparison.Ordinal);

        var anew = new Looks(parts, new Lists(), service);
        var listed = service["ListClientsAsync"];
        service["ListClientsAsync"] = () => Lists.Answer(default(JsonElement), HttpStatusCode.ServiceUnavailable);
        Assert.Empty(await anew.OnceAsync());
        service["ListClientsAsync"] = listed;
        Assert.Empty(await anew.OnceAsync());
        Assert.Equal(held, Assert.Single(await HeldAsync(parts)));
    }

    [Fact]
    public async Task An_event_whose_row_can_t_be_read_is_left_alone_and_keeps_no_other_from_being_seen()
    {
        await using var parts = await OperationsParts.MakeAsync(new FakeClock(Start), "--Services:OpenAdr:Token=x");
        await parts.SitesAsync(Sites);
        var service = new Lists { ["ListEventsAsync"] = () => Lists.Answer(new VenEventPage([VenEvent("ven-1", "e1")], null)), ["ListVensAsync"] = () => Lists.Answer(Vens("ven-1")) };
        await new Looks(parts, service, new Lists()).OnceAsync();
        var held = Assert.Single(await HeldAsync(parts));
        Task DamageAsync(string sql, string body) => parts.WriteAsync(transaction => transaction.Tx.Connection!.ExecuteAsync(sql, new { body, held.Id }, transaction.Tx));
        await DamageAsync("UPDATE events SET body = @body, version = 7 WHERE id = @Id", "{");

        var anew = new Looks(parts, service, new Lists());
        service["ListEventsAsync"] = () => Lists.Answer(new VenEventPage([VenEvent("ven-1", "e1"), VenEvent("ven-1", "e2")], null));
        Assert.Equal("openadr:vtn.example/e2", Assert.Single(await anew.OnceAsync()).Event.Source);
        var unread = new List<UnreadEvent>();
        Assert.Equal("openadr:vtn.example/e2", Assert.Single(await parts.Get<EventStore>().ListReadableAsync("default", Start, Ct, unread.Add)).Event.Source);
        Assert.Equal((held.Id, held.Event.Source), (Assert.Single(unread).Id, unread[0].Source));
        await Assert.ThrowsAsync<JsonException>(() => parts.Get<EventStore>().FindAsync("default", held.Id, Ct));
        var named = await Assert.ThrowsAsync<AggregateException>(() => parts.Get<ComplianceJob>().RunAsync(Ct));
        Assert.Contains($"event {held.Id}: ", named.ToString(), StringComparison.Ordinal);

        // Put back, it is what it was, and what its VEN said meanwhile is looked at again.
        await DamageAsync("UPDATE events SET body = @body, version = 8 WHERE id = @Id", StoredJson.Write(held.Event));
        service["ListEventsAsync"] = () => Lists.Answer(new VenEventPage([VenEvent("ven-1", "e2")], null));
        Assert.Equal(held.Event.Source, Assert.Single(await anew.OnceAsync()).Event.Source);
        Assert.NotNull((await parts.Get<EventStore>().FindAsync("default", held.Id, Ct))!.Event.CancelledAt);
    }

    private static Task<IReadOnlyList<HeldEvent>> HeldAsync(OperationsParts parts) => parts.Get<EventStore>().ListEndingAfterAsync("default", Start - Duration.FromHours(1), Ct);

    private static VenEventSeen VenEvent(string venKey, string id) => new()
    {
        VenKey = venKey,
        Sites = Sites,
        Event = new VenEvent { EventId = id, ModificationNumber = 0, Status = VenEventStatus.Active, Start = Start - Duration.FromHours(1), End = Start + Duration.FromHours(2), ReceivedAt = Start - Duration.FromHours(3) },
    };

    private static ControlSeen Control(string clientKey, string mRid) => new()
    {
        ClientKey = clientKey,
        From = Start - Duration.FromHours(1),
        Until = Start + Duration.FromHours(2),
        Control = new DerControl { SiteId = Sites[0], MRid = mRid, Program = "/derp/1", Status = ControlState.Active, ReceivedAt = Start - Duration.FromHours(3) },
    };

    private static JsonElement Vens(string venKey) => Json($$"""[{ "venKey": "{{venKey}}", "state": "registered", "vtnUrl": "https://vtn.example/OpenADR2", "condition": { "status": "ok" } }]""");

    private static JsonElement Json(string json) => JsonDocument.Parse(json).RootElement;

    /// <summary>The looks of one run of the service: what it observes is only in memory.</summary>
    private sealed class Looks(OperationsParts parts, Lists openAdr, Lists ieee)
    {
        private readonly Observations _observations = new();
        private EventCollector? _collector;

        public async Task<IReadOnlyList<HeldEvent>> OnceAsync()
        {
            var (vens, clients, calls, clock) = (openAdr.As<IOpenAdrApi>(), ieee.As<IIeee2030Dot5Api>(), parts.Get<ServiceCalls>(), parts.Get<IClock>());
            _collector ??= new EventCollector(calls, vens, clients, _observations, parts.Get<EventStore>(), parts.Get<EventEnrollments>(), parts.Get<OperationsStore>(), clock);
            await new ServicePoll(calls, vens, clients, parts.Get<IEnvelopeHubApi>(), _observations, parts.Get<ChangeFeed>(), clock).PollAsync("default", Ct);
            return await _collector.CollectAsync("default", Ct);
        }
    }
}

/// <summary>A service that is asked for lists, each answered as the test says.</summary>
internal sealed class Lists : Dictionary<string, Func<Task>>
{
    internal static Task Answer<T>(T content, HttpStatusCode status = HttpStatusCode.OK) =>
        Task.FromResult(new ApiResponse<T>(new HttpResponseMessage(status) { RequestMessage = new HttpRequestMessage(HttpMethod.Get, "http://service.example/") }, content, new RefitSettings()));

    internal T As<T>()
        where T : class
    {
        var api = DispatchProxy.Create<T, ListsStandIn>();
        ((ListsStandIn)(object)api).Lists = this;
        return api;
    }
}

/// <summary>Answers by the name of what is called.</summary>
public class ListsStandIn : DispatchProxy
{
    internal Lists Lists { get; set; } = [];

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Lists[targetMethod!.Name]();
}
