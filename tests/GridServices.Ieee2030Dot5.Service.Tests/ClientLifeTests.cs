using System.Net;
using System.Text.Json.Nodes;
using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Storage;
using GridServices.Ieee2030Dot5.Service.Tests.Rig;
using GridServices.Testing;
using Microsoft.Data.Sqlite;

namespace GridServices.Ieee2030Dot5.Service.Tests;

/// <summary>The service against a server that serves what it should.</summary>
public sealed class ClientLifeTests
{
    private const string Doe = "11110000000000000000000000000001";

    [Theory, ClassData(typeof(BothDatabases))]
    public async Task A_control_becomes_a_limit_at_the_hub_with_its_provenance_and_is_answered(Dialect dialect)
    {
        await using var rig = await ServiceRig.StartAsync(dialect);
        await using var server = await TreeServer.StartAsync();
        server.Issue(server.Control(Doe, TreeServer.Limit("opModExpLimW", 5000), -5, 600));

        await rig.PutAsync(ServiceRig.Path, Config(server));
        var envelope = await rig.HubHasAsync(Holds(Doe));

        Assert.Equal(5000, envelope.Segments.First(s => s.Cause?.EventId == Doe).Limits.ExportLimitW);
        Assert.Equal(("IEEE 2030.5", TreeServer.Lfdi), (envelope.Provenance.Protocol, envelope.Provenance.Authority));
        await ServiceRig.UntilAsync(() => server.GetStatuses(Doe).SequenceEqual(["1", "2"]));
        Assert.Empty(rig.Hub.Rejected);
    }

    [Fact]
    public async Task First_control_takes_no_more_requests_than_the_reference_client()
    {
        await using var rig = await ServiceRig.StartAsync();
        await using var server = await TreeServer.StartAsync(pollRate: 300);
        server.Issue(server.Control(Doe, TreeServer.Limit("opModExpLimW", 5000), -5, 600));

        await rig.PutAsync(ServiceRig.Path, Config(server));
        await ServiceRig.UntilAsync(() => server.GetStatuses(Doe).Contains("2"));

        var gets = server.Requests.TakeWhile(r => r is not { Method: "POST", Path: "/rsps/1/rsp" }).Where(r => r.Method == "GET").Select(r => r.Path).ToList();

        // EPRI's C client: dcap, tm, edev, rg, der, fsa, derp, dderc, derc.
        Assert.True(gets.Count <= 9, string.Join(' ', gets));
    }

    [Fact]
    public async Task A_control_cancelled_by_the_server_ends_and_the_default_holds_again()
    {
        await using var rig = await ServiceRig.StartAsync();
        await using var server = await TreeServer.StartAsync();
        server.Issue(server.Control(Doe, TreeServer.Limit("opModExpLimW", 5000), -5, 600));
        await rig.PutAsync(ServiceRig.Path, Config(server));
        var before = await rig.HubHasAsync(Holds(Doe));

        server.Issue(server.Control(Doe, TreeServer.Limit("opModExpLimW", 5000), -5, 600, status: 2));

        var after = await rig.HubHasAsync(e => e.Revision > before.Revision && !Holds(Doe)(e));
        Assert.Equal(1500, after.Segments[0].Limits.ExportLimitW);
        await ServiceRig.UntilAsync(() => server.GetStatuses(Doe).Contains("6"));
        var control = (await rig.GetAsync(ServiceRig.Path + "/controls")).AsArray().Single()!;
        Assert.Equal("cancelled", control["status"]!.GetValue<string>());
    }

    [Theory, ClassData(typeof(BothDatabases))]
    public async Task A_restart_amid_a_control_keeps_its_drawn_times_and_its_limit_and_answers_nothing_twice(Dialect dialect)
    {
        await using var rig = await ServiceRig.StartAsync(dialect);
        await using var server = await TreeServer.StartAsync();
        server.Issue(server.Control(Doe, TreeServer.Limit("opModExpLimW", 5000), -60, 600, more: "<randomizeStart>30</randomizeStart>"));
        await rig.PutAsync(ServiceRig.Path, Config(server));
        var before = await rig.HubHasAsync(Holds(Doe));
        await rig.UntilTakenAsync(Doe, 2);
        var told = (await rig.GetAsync(ServiceRig.Path + "/controls"))[0]!;

        await rig.StopServiceAsync();
        var asked = server.Requests.Count;
        await rig.StartServiceAsync();
        await ServiceRig.UntilAsync(() => server.Requests.Skip(asked).Any(r => r.Path.StartsWith("/derp/1/derc", StringComparison.Ordinal)));
        await Task.Delay(1500, TestContext.Current.CancellationToken);

        var again = (await rig.GetAsync(ServiceRig.Path + "/controls"))[0]!;
        Assert.Equal(told["start"]!.GetValue<string>(), again["start"]!.GetValue<string>());
        Assert.Equal("active", again["status"]!.GetValue<string>());
        Assert.Equal(["1", "2"], server.GetStatuses(Doe));
        Assert.Empty(rig.Hub.Withdrawals);
        Assert.All(rig.Hub.Envelopes.Where(e => e.Revision > before.Revision), e => Assert.Contains(e.Segments, s => s.Cause?.EventId == Doe));
    }

    [Fact]
    public async Task A_server_that_answers_500_to_all_leaves_the_schedule_in_force_and_is_followed_again_when_it_is_back() // CSIP-AUS ALL-23
    {
        await using var rig = await ServiceRig.StartAsync();
        await using var server = await TreeServer.StartAsync();
        server.Issue(server.Control(Doe, TreeServer.Limit("opModExpLimW", 5000), -5, 600));
        var config = Config(server);
        config["polling"]!["maxBackOff"] = "PT1S";
        await rig.PutAsync(ServiceRig.Path, config);
        await rig.HubHasAsync(Holds(Doe));
        await ServiceRig.UntilAsync(() => rig.Hub.Reports.Any(r => r.Streams.Any(s => s is { Status: UpstreamStatus.Ok, Stream.Service: "ieee2030-5" })));

        server.IsOut = true;
        await ServiceRig.UntilAsync(() => rig.Hub.Reports.Last().Streams.Any(s => s is { Status: UpstreamStatus.Stale, Stream.Service: "ieee2030-5" }));
        Assert.Empty(rig.Hub.Withdrawals);
        Assert.Equal("active", (await rig.GetAsync(ServiceRig.Path + "/controls"))[0]!["status"]!.GetValue<string>());

        server.Issue(server.Control("22220000000000000000000000000002", TreeServer.Limit("opModImpLimW", 700), -5, 600), server.Control(Doe, TreeServer.Limit("opModExpLimW", 5000), -5, 600));
        server.IsOut = false;
        await rig.HubHasAsync(Holds("22220000000000000000000000000002"));
        await ServiceRig.UntilAsync(() => rig.Hub.Reports.Last().Streams.Any(s => s is { Status: UpstreamStatus.Ok, Stream.Service: "ieee2030-5" }));
    }

    [Fact]
    public async Task A_deleted_client_withdraws_its_streams_and_its_successor_under_another_key_goes_on_counting()
    {
        await using var rig = await ServiceRig.StartAsync();
        await using var server = await TreeServer.StartAsync();
        await rig.PutAsync(ServiceRig.Path, Config(server));
        var first = await rig.HubHasAsync(_ => true);

        Assert.Equal(204, (int)(await rig.SendAsync(HttpMethod.Delete, ServiceRig.Path)).Status);
        await ServiceRig.UntilAsync(() => rig.Hub.Withdrawals.Any(w => w.Stream == first.Stream));
        var last = rig.Hub.Withdrawals.Last().Revision;

        await rig.PutAsync("/v1/clients/successor", Config(server));
        await rig.HubHasAsync(e => e.Stream == first.Stream && e.Revision > last);
        Assert.Empty(rig.Hub.Rejected);
    }

    [Fact]
    public async Task While_the_hub_is_away_the_utility_is_answered_and_nothing_is_lost()
    {
        await using var rig = await ServiceRig.StartAsync();
        await using var server = await TreeServer.StartAsync();
        rig.Hub.IsAway = true;
        server.Issue(server.Control(Doe, TreeServer.Limit("opModExpLimW", 5000), -5, 600));
        await rig.PutAsync(ServiceRig.Path, Config(server));
        await ServiceRig.UntilAsync(() => server.GetStatuses(Doe).Contains("2"));
        Assert.Empty(rig.Hub.Envelopes);

        rig.Hub.IsAway = false;

        await rig.HubHasAsync(Holds(Doe));
    }

    [Fact]
    public async Task A_wrong_PIN_ends_communication_until_a_person_resumes_it() // CSIP-AUS ALL-03-REJ
    {
        await using var rig = await ServiceRig.StartAsync();
        await using var server = await TreeServer.StartAsync();
        var config = Config(server);
        config["pin"] = "123455";
        await rig.PutAsync(ServiceRig.Path, config);
        await ServiceRig.UntilAsync(() => rig.GetAsync(ServiceRig.Path), c => c["notes"]!.ToJsonString().Contains("pinMismatch", StringComparison.Ordinal));
        var asked = server.Requests.Count;
        await Task.Delay(3000, TestContext.Current.CancellationToken);
        Assert.InRange(server.Requests.Count, asked, asked + 1);
        Assert.Empty(rig.Hub.Envelopes);

        config["pin"] = "111115";
        await rig.PutAsync(ServiceRig.Path, config);
        await rig.PostAsync(ServiceRig.Path + "/actions/resume");
        await rig.HubHasAsync(_ => true);
    }

    [Fact]
    public async Task Readings_from_the_hub_are_mirrored_to_the_server() // CSIP-AUS ALL-06
    {
        await using var rig = await ServiceRig.StartAsync();
        await using var server = await TreeServer.StartAsync();
        var config = Config(server);
        config["reporting"] = JsonNode.Parse("""{ "postRate": "PT2S" }""");
        await rig.PutAsync(ServiceRig.Path, config);
        await ServiceRig.UntilAsync(() => server.Requests.Any(r => r is { Method: "POST", Path: "/mup" }));

        var now = NodaTime.SystemClock.Instance.GetCurrentInstant();
        for (var i = 0; i < 8; i++)
        {
            rig.Hub.Feedback.Add(($"c{i}", new FeedbackItem { SiteId = "site-1", Reading = new Reading { At = now + NodaTime.Duration.FromSeconds(i), NetPowerW = 4200 } }));
        }

        await ServiceRig.UntilAsync(() => server.Requests.Any(r => r.Method == "POST" && r.Path.StartsWith("/mup/", StringComparison.Ordinal) && r.Body.Contains("4200", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_row_that_cannot_be_read_keeps_its_client_alone_down_and_a_PUT_takes_its_place_with_higher_revisions()
    {
        await using var rig = await ServiceRig.StartAsync();
        await using var server = await TreeServer.StartAsync();
        server.Issue(server.Control(Doe, TreeServer.Limit("opModExpLimW", 5000), -5, 600));
        await rig.PutAsync(ServiceRig.Path, Config(server));
        var before = await rig.HubHasAsync(Holds(Doe));
        var second = Config(server);
        second["siteId"] = "site-2";
        await rig.PutAsync("/v1/clients/site-2", second);
        await rig.HubHasAsync(e => e.SiteId == "site-2" && Holds(Doe)(e));
        await rig.StopServiceAsync();
        await using (var db = new SqliteConnection($"Data Source={Directory.EnumerateFiles(rig.Folder, "*.db").Single()}"))
        {
            Assert.Equal(1, await db.ExecuteAsync("UPDATE client_states SET state = '{\"entry\": 5}' WHERE client_key = 'site-1'"));
        }

        var asked = server.Requests.Count;
        await rig.StartServiceAsync();
        await ServiceRig.UntilAsync(() => server.Requests.Count > asked);
        await rig.GetAsync("/v1/clients/site-2");
        var (status, problem) = await rig.SendAsync(HttpMethod.Get, ServiceRig.Path);
        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Contains("can't be read", problem!["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        using var client = rig.Service.Client();
        Assert.Contains("\nieee2030_clients_unreadable 1\n", await client.GetStringAsync("/metrics"), StringComparison.Ordinal);

        // Another client can be put meanwhile, too, though not for its site: a row that is restored would make two of one.
        var third = Config(server);
        Assert.Equal(HttpStatusCode.Conflict, (await rig.SendAsync(HttpMethod.Put, "/v1/clients/site-3", third.ToJsonString())).Status);
        third["siteId"] = "site-3";
        await rig.PutAsync("/v1/clients/site-3", third);

        // Whoever may not see its site learns nothing of it, and can't take its place with a site of his own.
        var other = await rig.Service.AddTokenAsync("other", Role.Operator, sites: ["site-9"]);
        third["siteId"] = "site-9";
        Assert.Equal(HttpStatusCode.Forbidden, (await rig.SendAsync(HttpMethod.Get, ServiceRig.Path, token: other)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await rig.SendAsync(HttpMethod.Put, ServiceRig.Path, third.ToJsonString(), other)).Status);
        await rig.PutAsync(ServiceRig.Path, Config(server));

        // Nobody knows how far the stream had come, so it goes on far beyond.
        var after = await rig.HubHasAsync(e => e.SiteId == "site-1" && e.Revision > 1_000_000_000 && Holds(Doe)(e));
        Assert.Equal(before.Stream, after.Stream);
        Assert.Contains("\nieee2030_clients_unreadable 0\n", await client.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    private static JsonObject Config(TreeServer server) => new()
    {
        ["serverUrl"] = new Uri(server.Url, "/dcap").ToString(),
        ["siteId"] = "site-1",
        ["lfdi"] = TreeServer.Lfdi,
        ["pin"] = "111115",
        ["nameplate"] = new JsonObject { ["maxW"] = 10_000 },
        ["polling"] = new JsonObject { ["floor"] = "PT0.2S" },
    };

    private static Func<Envelope, bool> Holds(string mRid) => e => e.Segments.Any(s => s.Cause?.EventId == mRid);
}
