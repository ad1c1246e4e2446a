using System.Net;
using System.Text.Json.Nodes;
using Dapper;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Storage;
using GridServices.Operations.Access;
using GridServices.Operations.Events;
using GridServices.Operations.Opt;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Notify;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Sites;
using GridServices.Operations.Service.Storage;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace GridServices.Operations.Service.Tests.Sites;

/// <summary>Many sites acted on by software: a dry run first, a result per row, once per key, and on after a kill.</summary>
public sealed class SiteActionTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, ClassData(typeof(BothDatabases))]
    public async Task A_dry_run_names_each_row_and_what_it_said_is_done_once_and_nothing_else(Dialect dialect)
    {
        await using var store = TestStores.Create(dialect);
        await using var service = await OperationsUnderTest.StartAsync(store);
        var customer = await service.CustomerAsync();
        await service.SiteAsync(customer, "site-1");
        await service.SiteAsync(customer, "site-2", """, "tags": ["west"]""");
        const string asked = """{ "action": "addTag", "siteIds": ["site-1", "site-2", "site-9", "site-1"], "tag": "west" """;
        var dry = await service.PostAsync("/v1/site-actions", asked + "}", HttpStatusCode.Accepted);
        Assert.Equal((true, "done", 3, 1, 0, 2), ((bool)dry["dryRun"]!, (string)dry["state"]!, (int)dry["sites"]!, (int)dry["steps"]!, (int)dry["done"]!, (int)dry["refused"]!));
        Assert.Equal([("site-1", "planned", null), ("site-9", "refused", "notAllowed"), ("site-2", "refused", "hasTag")], await RowsAsync(service, dry));
        Assert.Empty(await TagsAsync(service, "site-1"));

        var marked = $"{asked}, \"mark\": \"{dry["mark"]}\" }}";
        var run = await service.PostAsync("/v1/site-actions?dryRun=false", marked, HttpStatusCode.Accepted, key: "k1");
        var done = await EndAsync(service, run);
        Assert.Equal((1, 2, 0), ((int)done["done"]!, (int)done["refused"]!, (int)done["waiting"]!));
        Assert.Equal([("site-1", "done", null), ("site-9", "refused", "notAllowed"), ("site-2", "refused", "hasTag")], await RowsAsync(service, run));
        Assert.Equal(["west"], await TagsAsync(service, "site-1"));

        // The same key is the same action; without it, what the dry run said is no longer so.
        Assert.Equal((string)run["id"]!, (string)(await service.PostAsync("/v1/site-actions?dryRun=false", marked, HttpStatusCode.Accepted, key: "k1"))["id"]!);
        await service.PostAsync("/v1/site-actions?dryRun=false", marked, HttpStatusCode.Conflict);
        Assert.Equal(2, (await service.GetAsync("/v1/site-actions"))["items"]!.AsArray().Count);
        var page = await service.GetAsync($"/v1/site-actions/{run["id"]}/rows?limit=2");
        Assert.Equal("site-2", (string)Assert.Single((await service.GetAsync($"/v1/site-actions/{run["id"]}/rows?limit=2&after={page["next"]}"))["items"]!.AsArray())!["siteId"]!);
        Assert.Equal("done", (string)(await service.PostAsync($"/v1/site-actions/{run["id"]}/cancel", null, HttpStatusCode.OK))["state"]!);
    }

    [Fact]
    public async Task A_request_that_lacks_something_says_where_and_who_may_not_is_refused()
    {
        await using var service = await OperationsUnderTest.StartAsync();
        var customer = await service.CustomerAsync();
        await service.SiteAsync(customer, "site-1");
        await service.SiteAsync(customer, "site-2");
        Assert.Equal(["/siteIds"], await FaultsAsync(service, """{ "action": "addTag", "siteIds": [], "tag": "west" }"""));
        Assert.Equal(["/tag"], await FaultsAsync(service, """{ "action": "removeTag", "siteIds": ["site-1"], "tag": "two words" }"""));
        Assert.Equal(["/text"], await FaultsAsync(service, """{ "action": "suspend", "siteIds": ["site-1"] }"""));
        Assert.Equal(["/reason"], await FaultsAsync(service, """{ "action": "optOut", "siteIds": ["site-1"] }"""));
        const string tag = """{ "action": "addTag", "siteIds": ["site-1", "site-2"], "tag": "west" }""";
        var viewer = service.Service.Client(await service.Service.AddTokenAsync("viewer", Role.Viewer));
        await service.SendAsync(HttpMethod.Post, "/v1/site-actions", tag, HttpStatusCode.Forbidden, http: viewer);

        // For one site: the other is refused by row, and what others asked for is not shown.
        var all = await service.PostAsync("/v1/site-actions", tag, HttpStatusCode.Accepted);
        var one = service.Service.Client(await service.Service.AddTokenAsync("one", Role.Enroller, sites: ["site-1"]));
        var run = await service.SendAsync(HttpMethod.Post, "/v1/site-actions?dryRun=false", tag, HttpStatusCode.Accepted, http: one);
        await EndAsync(service, run);
        Assert.Equal([("site-1", "done", null), ("site-2", "refused", "notAllowed")], await RowsAsync(service, run));
        await service.SendAsync(HttpMethod.Get, $"/v1/site-actions/{all["id"]}", null, HttpStatusCode.NotFound, http: one);
        await service.SendAsync(HttpMethod.Post, $"/v1/site-actions/{run["id"]}/cancel", null, HttpStatusCode.OK, http: one);

        // Who only looks on stops nothing, nor who may opt out but not edit sites.
        await service.SendAsync(HttpMethod.Post, $"/v1/site-actions/{run["id"]}/cancel", null, HttpStatusCode.Forbidden, http: viewer);
        var dispatcher = service.Service.Client(await service.Service.AddTokenAsync("dispatcher", Role.Dispatcher));
        await service.SendAsync(HttpMethod.Post, $"/v1/site-actions/{run["id"]}/cancel", null, HttpStatusCode.Forbidden, http: dispatcher);
        Assert.Equal((string)run["id"]!, (string)Assert.Single((await service.SendAsync(HttpMethod.Get, "/v1/site-actions", null, HttpStatusCode.OK, http: one))["items"]!.AsArray())!["id"]!);
    }

    [Fact]
    public async Task What_was_cut_off_in_the_middle_goes_on_with_the_next_step_and_what_is_cancelled_does_not()
    {
        await using var parts = await OperationsParts.MakeAsync();
        string[] sites = [.. Enumerable.Range(1, 230).Select(i => $"depot-{i}")];
        await parts.SitesAsync(sites);
        var id = await AskAsync(parts, new SiteActionRequest(SiteAction.AddTag, sites) { Tag = "west" });

        // As a kill after the first commit leaves it.
        Assert.True(await parts.Get<SiteActionJob>().StepAsync("default", id, (await parts.Get<SiteActionStore>().FindOrderAsync("default", id, Ct))!, [], Ct));
        var between = (await parts.Get<SiteActionStore>().FindAsync("default", id, Ct))!;
        Assert.Equal(("running", 100L), (between.State, between.Done));
        await parts.Get<SiteActionJob>().RunAsync(Ct);
        var run = (await parts.Get<SiteActionStore>().FindAsync("default", id, Ct))!;
        Assert.Equal(("done", 230L, 0L), (run.State, run.Done, run.Refused));

        // Each site was changed once: its second version, by one entry of the audit.
        var held = (await parts.Get<SiteStore>().FindBySiteIdAsync("default", "depot-1", Ct))!;
        Assert.Equal(("west", 2), (Assert.Single(held.Tags), held.Version));
        Assert.Equal(230, (await parts.Get<SiteStore>().PlacesAsync("default", sites, Ct)).Values.Count(p => p.Tags.Contains("west")));
        await parts.Get<SiteActionJob>().RunAsync("default", id, Ct);
        Assert.Equal(2, (await parts.Get<SiteStore>().FindBySiteIdAsync("default", "depot-1", Ct))!.Version);

        var second = await AskAsync(parts, new SiteActionRequest(SiteAction.RemoveTag, sites) { Tag = "west" });
        await parts.WriteAsync(transaction => SiteActionStore.EndAsync(transaction, second, "cancelled"));
        await parts.Get<SiteActionJob>().RunAsync(Ct);
        Assert.Equal(2, (await parts.Get<SiteStore>().FindBySiteIdAsync("default", "depot-1", Ct))!.Version);
        Assert.All(await parts.Get<SiteActionStore>().RowsAsync("default", second, 0, 1000, Ct), r => Assert.Equal("cancelled", r.Status));
    }

    [Fact]
    public async Task Sites_are_opted_out_of_an_event_together_and_what_a_rule_refuses_or_holds_back_is_said_by_row()
    {
        await using var parts = await OperationsParts.MakeAsync();
        await parts.SitesAsync("depot-1", "depot-2", "depot-3");
        var held = await EventAsync(parts, "e1", "depot-1", "depot-2");
        var id = await AskAsync(parts, new SiteActionRequest(SiteAction.OptOut, ["depot-1", "depot-2", "depot-3"]) { Reason = OptReason.Economic });
        await parts.Get<SiteActionJob>().RunAsync(Ct);
        var rows = await parts.Get<SiteActionStore>().RowsAsync("default", id, 0, 10, Ct);
        Assert.Equal([("depot-1", "done", held.Id), ("depot-2", "done", held.Id), ("depot-3", "refused", null)], rows.Select(r => (r.SiteId, r.Status, r.EventId)));
        Assert.Equal(2, (await parts.Get<OptStore>().ListByEventAsync("default", held.Event.Source, Ct)).Count(c => c.IsOut && c.ChosenBy == "ann"));

        // With the rule of two persons it waits, event by event; of the first one the utility has not heard yet.
        await parts.WriteAsync(transaction => SettingsStore.SaveAsync(transaction, new TenantSettings { TwoPerson = new TwoPersonRule(Enabled: true, OptOutSites: 1) }));
        await EventAsync(parts, "e2", "depot-1", "depot-2");
        var waits = await AskAsync(parts, new SiteActionRequest(SiteAction.OptOut, ["depot-1", "depot-2"]) { Reason = OptReason.Economic });
        await parts.Get<SiteActionJob>().RunAsync(Ct);
        var run = (await parts.Get<SiteActionStore>().FindAsync("default", waits, Ct))!;
        Assert.Equal((true, 4L, 0L), (run.NeedsSecond, run.Waiting, run.Done));
    }

    [Fact]
    public async Task A_site_that_the_event_let_go_or_that_moved_away_since_is_refused_by_itself_and_the_others_are_opted_out()
    {
        await using var parts = await OperationsParts.MakeAsync();
        var (customer, other) = (await parts.SitesAsync("depot-1", "depot-2", "depot-3"), await parts.SitesAsync("depot-4"));
        var held = await EventAsync(parts, "e1", "depot-1", "depot-2", "depot-3");
        var own = OperationsParts.Admin with { Grants = [new AccessGrant(UserRole.Dispatcher, new AccessScope { Customers = [customer] })] };
        var id = await AskAsync(parts, new SiteActionRequest(SiteAction.OptOut, ["depot-1", "depot-2", "depot-3"]) { Reason = OptReason.Economic }, own);
        await parts.WriteAsync(async transaction =>
        {
            await EventStore.SaveAsync(transaction, [held.Event with { Sites = [.. held.Event.Sites.Select(s => s.SiteId == "depot-2" ? s with { State = SiteEventState.Gone } : s)] }]);
            var (sites, handler) = (parts.Get<SiteStore>(), parts.Get<SiteHandler>());
            var moved = (await sites.FindBySiteIdAsync(transaction.Tx, "default", "depot-3"))!;
            await handler.ChangeAsync(transaction, moved, handler.ToBody(moved) with { CustomerId = other });
        });

        await parts.Get<SiteActionJob>().RunAsync(Ct);
        var rows = await parts.Get<SiteActionStore>().RowsAsync("default", id, 0, 10, Ct);
        Assert.Equal([("depot-1", "done", null), ("depot-2", "refused", "stepRefused"), ("depot-3", "refused", "stepRefused")], rows.Select(r => (r.SiteId, r.Status, r.Code)));
        Assert.Equal(["The event is not for this site any more.", "'ann' may not opt this site out any more."], rows.Skip(1).Select(r => r.Message));
        Assert.Equal("depot-1", Assert.Single(await parts.Get<OptStore>().ListByEventAsync("default", held.Event.Source, Ct)).SiteId);
    }

    [Fact]
    public async Task A_site_that_cannot_be_read_is_refused_by_itself_and_the_others_are_done()
    {
        await using var parts = await OperationsParts.MakeAsync();
        await parts.SitesAsync("depot-1", "depot-2", "depot-3");
        var id = await AskAsync(parts, new SiteActionRequest(SiteAction.AddTag, ["depot-1", "depot-2", "depot-3"]) { Tag = "west" });
        await parts.WriteAsync(transaction => transaction.Tx.Connection!.ExecuteAsync("UPDATE sites SET body = 'x' WHERE site_id = 'depot-2'", transaction: transaction.Tx));
        var fault = await Assert.ThrowsAsync<AggregateException>(() => parts.Get<SiteActionJob>().RunAsync("default", id, Ct));
        Assert.Contains("depot-2", Assert.Single(fault.InnerExceptions).Message, StringComparison.Ordinal);
        var run = (await parts.Get<SiteActionStore>().FindAsync("default", id, Ct))!;
        Assert.Equal(("done", 2L, 1L), (run.State, run.Done, run.Refused));
        var rows = await parts.Get<SiteActionStore>().RowsAsync("default", id, 0, 10, Ct);
        Assert.Equal([("depot-1", "done", null), ("depot-2", "refused", "stepFailed"), ("depot-3", "done", null)], rows.Select(r => (r.SiteId, r.Status, r.Code)));
    }

    [Fact]
    public async Task What_has_ended_goes_once_it_is_older_than_deliveries_are_kept_and_what_is_open_stays()
    {
        var clock = new FakeClock(SystemClock.Instance.GetCurrentInstant());
        await using var parts = await OperationsParts.MakeAsync(clock);
        await parts.SitesAsync("depot-1");
        var ended = await AskAsync(parts, new SiteActionRequest(SiteAction.AddTag, ["depot-1"]) { Tag = "west" });
        await parts.Get<SiteActionJob>().RunAsync("default", ended, Ct);
        var open = await AskAsync(parts, new SiteActionRequest(SiteAction.AddTag, ["depot-1"]) { Tag = "east" });
        clock.Advance(Duration.FromDays(new TenantSettings().DeliveryDays + 1));
        await parts.Get<DeliveryRetention>().RunAsync(Ct);
        Assert.Equal([open], (await parts.Get<SiteActionStore>().ListAsync("default", null, null, 10, Ct)).Select(a => a.Id));
        Assert.Empty(await parts.Get<SiteActionStore>().RowsAsync("default", ended, 0, 10, Ct));
        Assert.Single(await parts.Get<SiteActionStore>().RowsAsync("default", open, 0, 10, Ct));
    }

    private static async Task<string> AskAsync(OperationsParts parts, SiteActionRequest request, Actor? by = null)
    {
        var plan = await parts.Get<SiteActionPlanner>().PlanAsync(by ?? OperationsParts.Admin, request, Ct);
        return (await parts.WriteAsync(transaction => SiteActionStore.AddAsync(transaction, request, plan, false, SiteActionRow.Create(plan, key => key)), by)).Id;
    }

    private static async Task<HeldEvent> EventAsync(OperationsParts parts, string id, params string[] sites)
    {
        var (from, until) = (SystemClock.Instance.GetCurrentInstant() + Duration.FromHours(1), SystemClock.Instance.GetCurrentInstant() + Duration.FromHours(3));
        return (await parts.WriteAsync(transaction => EventStore.SaveAsync(transaction, [new Event
        {
            Tenant = "default",
            Source = $"openadr:vtn.example/{id}",
            Origin = EventOrigin.OpenAdr,
            AnnouncedAt = from,
            From = from,
            Until = until,
            Revisions = [new EventRevision { Number = 0, ToldAt = from, From = from, Until = until }],
            Sites = [.. sites.Select(s => new EventSite { SiteId = s, Through = $"ven-{s}", From = from, Until = until, Revision = 0, ToldAt = from, State = SiteEventState.Held })],
        }]))).Single();
    }

    private static Task<JsonNode> EndAsync(OperationsUnderTest service, JsonNode run) => Until.HoldsAsync(() => service.GetAsync($"/v1/site-actions/{run["id"]}"), r => (string)r["state"]! == "done");

    private static async Task<IEnumerable<(string Site, string Status, string? Code)>> RowsAsync(OperationsUnderTest service, JsonNode run) =>
        (await service.GetAsync($"/v1/site-actions/{run["id"]}/rows"))["items"]!.AsArray().Select(r => ((string)r!["siteId"]!, (string)r["status"]!, (string?)r["code"]));

    private static async Task<IEnumerable<string>> FaultsAsync(OperationsUnderTest service, string json) =>
        (await service.PostAsync("/v1/site-actions?dryRun=false", json, HttpStatusCode.UnprocessableEntity))["errors"]!.AsArray().Select(e => (string)e!["pointer"]!);

    private static async Task<IEnumerable<string>> TagsAsync(OperationsUnderTest service, string site) =>
        (await service.Service.App.Services.GetRequiredService<SiteStore>().FindBySiteIdAsync("default", site, Ct))!.Tags;
}
