using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.OpenAdr.Service.Tests.Rig;
using NodaTime;

namespace GridServices.OpenAdr.Service.Tests.Hub;

public sealed class TelemetryTests
{
    [Fact]
    public async Task Readings_from_the_hub_become_points_reach_the_VTN_and_survive_a_restart()
    {
        await using var rig = await VenRig.StartAsync();
        await rig.RegisterAsync();
        var start = SystemClock.Instance.GetCurrentInstant() - Duration.FromMinutes(5);
        Feed(rig, 0, 120, start);

        await VenRig.UntilAsync(() => PointsAsync(rig), n => n >= 119);
        await rig.Vtn.PostAsync($"/sim/vens/{await rig.VenIdAsync()}/request-reports", new JsonObject { ["granularity"] = "PT1S", ["reportBack"] = "PT1S", ["rId"] = "power" });
        Feed(rig, 120, 10, SystemClock.Instance.GetCurrentInstant());
        await VenRig.UntilAsync(() => rig.Vtn.GetAsync("/sim/reports"), r => r.Count > 0);

        await Task.Delay(1500, TestContext.Current.CancellationToken);
        await rig.StopServiceAsync();
        await rig.StartServiceAsync();

        Assert.InRange(await PointsAsync(rig), 119, 256);
        await VenRig.UntilAsync(() => rig.Hub.FeedbackCursors.Count >= 2);
        Assert.NotNull(rig.Hub.FeedbackCursors.Last());
    }

    [Fact]
    public async Task A_history_is_kept_on_disk_and_reaches_the_VTN_after_a_restart()
    {
        await using var rig = await VenRig.StartAsync();
        await rig.PutAsync(VenRig.Path, WithHistory(rig));
        await VenRig.UntilAsync(rig.StateAsync, s => s == "registered");
        Feed(rig, 0, 30, SystemClock.Instance.GetCurrentInstant() - Duration.FromMinutes(1));
        await VenRig.UntilAsync(() => PointsAsync(rig, channel: 1), n => n == 30);

        await rig.StopServiceAsync();
        await rig.StartServiceAsync();
        await VenRig.UntilAsync(rig.StateAsync, s => s == "registered");
        var view = (await rig.GetAsync(VenRig.Path + "/reports"))["channels"]![1]!;
        await rig.Vtn.PostAsync($"/sim/vens/{await rig.VenIdAsync()}/request-reports", new JsonObject { ["granularity"] = "PT0S", ["reportBack"] = "PT1S", ["rId"] = "past" });
        var reports = await VenRig.UntilAsync(() => rig.Vtn.GetAsync("/sim/reports"), r => r.Count > 0);

        Assert.Equal(("HISTORY_USAGE", 30), (view["kind"]!.GetValue<string>(), view["pointsKept"]!.GetValue<int>()));
        Assert.Contains("HISTORY_USAGE", reports[0]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_history_channel_begins_with_what_the_hub_keeps_of_its_site()
    {
        await using var rig = await VenRig.StartAsync();
        var start = SystemClock.Instance.GetCurrentInstant() - Duration.FromMinutes(3);
        rig.Hub.Past.AddRange(Enumerable.Range(0, 120).Select(i => ("site-1", new Reading { At = start + Duration.FromSeconds(i), NetPowerW = i })));
        rig.Hub.Past.Add(("site-2", new Reading { At = start - Duration.FromSeconds(10), NetPowerW = 1 }));
        rig.Hub.Past.Add(("site-1", new Reading { At = start - Duration.FromHours(1), NetPowerW = 1 }));

        await rig.PutAsync(VenRig.Path, WithHistory(rig));

        await VenRig.UntilAsync(() => PointsAsync(rig, channel: 1), n => n == 120);

        // A VEN that was deleted begins with nothing when it is made again.
        Assert.Equal(HttpStatusCode.NoContent, (await rig.SendAsync(HttpMethod.Delete, VenRig.Path)).Status);
        await rig.PutAsync(VenRig.Path, WithHistory(rig));
        await VenRig.UntilAsync(() => PointsAsync(rig, channel: 1), n => n == 120);
    }

    [Fact]
    public async Task A_VEN_whose_VTN_hangs_keeps_no_other_from_its_past()
    {
        await using var rig = await VenRig.StartAsync();
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var start = SystemClock.Instance.GetCurrentInstant() - Duration.FromMinutes(3);
        rig.Hub.Past.AddRange(Enumerable.Range(0, 120).SelectMany(i => new[] { "site-9", "site-1" }.Select(site => (site, new Reading { At = start + Duration.FromSeconds(i), NetPowerW = i }))));
        var hanging = WithHistory(rig);
        (hanging["vtnUrl"], hanging["venName"], hanging["siteId"]) = ($"http://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}/OpenADR2/Simple/2.0b", "a", "site-9");
        hanging["profile"] = new JsonObject { ["requestTimeout"] = "PT10M" };
        await rig.PutAsync("/v1/vens/a", hanging);
        await VenRig.UntilAsync(() => Task.FromResult(silent.Pending()), asked => asked);

        await rig.PutAsync(VenRig.Path, WithHistory(rig));

        await VenRig.UntilAsync(() => PointsAsync(rig, channel: 1), n => n == 120);
    }

    [Fact]
    public async Task Receipts_of_its_envelopes_are_shown_with_the_VEN()
    {
        await using var rig = await VenRig.StartAsync();
        await rig.RegisterAsync();
        await rig.Vtn.IssueAsync("e1");
        var envelope = await rig.HubHasAsync(e => e.Segments.Count == 1);
        var receipt = new Receipt { EnvelopeId = envelope.EnvelopeId, Revision = envelope.Revision, State = ReceiptState.Accepted, At = SystemClock.Instance.GetCurrentInstant() };

        rig.Hub.Feedback.Add(("e.1", new FeedbackItem { SiteId = "site-1", Stream = envelope.Stream, Receipt = receipt }));

        var told = await VenRig.UntilAsync(async () => (await rig.GetAsync(VenRig.Path))["receipts"]!.AsArray(), r => r.Count == 1);
        Assert.Equal("accepted", told[0]!["receipt"]!["state"]!.GetValue<string>());
    }

    [Fact]
    public async Task Readings_of_another_site_are_passed_over()
    {
        await using var rig = await VenRig.StartAsync();
        await rig.RegisterAsync();
        lock (rig.Hub.Feedback)
        {
            rig.Hub.Feedback.Add(("e.1", new FeedbackItem { SiteId = "site-2", Reading = new Reading { At = SystemClock.Instance.GetCurrentInstant(), NetPowerW = 1 } }));
        }

        await Task.Delay(1500, TestContext.Current.CancellationToken);

        Assert.Equal(0, await PointsAsync(rig));
    }

    [Fact]
    public async Task Readings_that_never_pause_are_not_held_back()
    {
        await using var rig = await VenRig.StartAsync();
        await rig.RegisterAsync();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var feeding = FeedWithoutPauseAsync(rig, enough.Token);

        await VenRig.UntilAsync(() => PointsAsync(rig), n => n > 0);

        Assert.False(feeding.IsCompleted, "the readings paused before any became a point");
        await enough.CancelAsync();
        await feeding;
    }

    private static JsonObject WithHistory(VenRig rig)
    {
        var config = VenRig.Config(rig.Vtn.Url);

        // The past that is asked for begins so many samplings before now: it holds these readings however long the machine takes to ask.
        config["reportBufferPoints"] = 1_000;
        config["reports"]!.AsArray().Add(new JsonObject { ["kind"] = "HISTORY_USAGE", ["rId"] = "past", ["source"] = "site.netPowerW", ["samplingInterval"] = "PT1S" });
        return config;
    }

    private static async Task FeedWithoutPauseAsync(VenRig rig, CancellationToken ct)
    {
        for (var i = 0; i < 3_000 && !ct.IsCancellationRequested; i++)
        {
            Feed(rig, i, 1, SystemClock.Instance.GetCurrentInstant());
            await Task.Delay(100, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static void Feed(VenRig rig, int from, int count, Instant start)
    {
        for (var i = 0; i < count; i++)
        {
            var reading = new Reading { At = start + Duration.FromSeconds(i), NetPowerW = 1000 + i };
            rig.Hub.Feedback.Add(($"e.{from + i + 1}", new FeedbackItem { SiteId = "site-1", Reading = reading }));
        }
    }

    private static async Task<int> PointsAsync(VenRig rig, int channel = 0) => (await rig.GetAsync(VenRig.Path + "/reports"))["channels"]![channel]!["pointsKept"]!.GetValue<int>();
}
