using GridServices.Adapters.Service.Tests.Rig;
using GridServices.Client;
using GridServices.Client.Tests.Hub;
using GridServices.Contracts;
using GridServices.Testing;
using static GridServices.Client.Tests.Samples;

namespace GridServices.Adapters.Service.Tests.Clients;

/// <summary>The clients in other languages over real sockets: a real hub, and the scripted one that the .NET SDK is tested with.</summary>
public sealed class ClientStreamTests
{
    private const int LongAgoS = -100_000_000;
    private static readonly Envelope First = Envelope(Dr, 1, 60_000, Holds(), LongAgoS);
    private static readonly Envelope Second = Envelope(Dr, 2, 30_000, Holds(), LongAgoS);

    [Theory]
    [MemberData(nameof(ClientLanguage.All), MemberType = typeof(ClientLanguage))]
    public async Task It_obeys_tells_none_from_nothing_falls_safe_when_the_hub_dies_and_holds_over_a_restart(string language)
    {
        var folder = TestFolders.Create();
        var hub = await HubAndBroker.StartHubAsync();
        var site = HubAndBroker.NewSite();
        (string, string)[] settings = [("STALE", "PT3S"), ("STATE_FILE", Path.Combine(folder, "held.json"))];
        await HubAndBroker.StateAsync(hub, site, new Limits { ImportLimitW = 30_000 }, null, 1);
        await using (var program = await ClientLanguage.StartExampleAsync(language, hub.Address, hub.Tokens.Controller, site, settings))
        {
            await program.SaysAsync("limit 30000 controlled");
            Assert.Equal("limit 4200 init", program.Lines[0]);
            await HubAndBroker.StateAsync(hub, site, new Limits { ImportLimitW = 0 }, null, 2);
            await program.SaysAsync("limit 0 controlled");
            await HubAndBroker.StateAsync(hub, site, new Limits { ExportLimitW = 0 }, null, 3);
            await program.SaysAsync("limit none controlled");
            await HubAndBroker.StateAsync(hub, site, new Limits { Connect = false }, null, 4);
            await program.SaysAsync("limit 0 controlled");
            await HubAndBroker.StateAsync(hub, site, new Limits { ImportLimitW = 2_000 }, null, 5);
            await program.SaysAsync("limit 2000 controlled");

            // Said before it is on disk: a slow disk keeps nobody from obeying.
            await Until.HoldsAsync(() => File.ReadAllText(Path.Combine(folder, "held.json")).Replace(" ", string.Empty, StringComparison.Ordinal).Contains("\"importLimitW\":2000", StringComparison.Ordinal));
        }

        // Killed, and begun anew: what was kept holds at once, and fail-safe once the hub is gone.
        await using (var again = await ClientLanguage.StartExampleAsync(language, hub.Address, hub.Tokens.Controller, site, settings))
        {
            await again.SaysAsync("limit 2000 controlled");
            Assert.Equal("limit 2000 init", again.Lines[0]);
            await HubAndBroker.StateAsync(hub, site, new Limits { ImportLimitW = 20_000 }, null, 6);
            await again.SaysAsync("limit 20000 controlled");
            await hub.DisposeAsync();
            await again.SaysAsync("limit 4200 failsafe");
        }

        await using var alone = await ClientLanguage.StartExampleAsync(language, hub.Address, hub.Tokens.Controller, site, settings);
        await alone.SaysAsync("limit 4200 init");
        TestFolders.Remove(folder);
    }

    [Theory]
    [MemberData(nameof(ClientLanguage.All), MemberType = typeof(ClientLanguage))]
    public async Task It_reads_the_state_file_of_the_SDK_and_the_SDK_reads_its_own(string language)
    {
        var folder = TestFolders.Create();
        var (theirs, ours) = (Path.Combine(folder, "theirs.json"), Path.Combine(folder, "ours.json"));
        await using var hub = await FakeHub.StartAsync();
        hub.Plays(FakeHub.Snapshot(Set(3, First)), cut: false);
        new HeldSetFile(ours).Write(new HeldSet { SiteId = Site, Cursor = "E.1", Envelopes = [Envelope(Dr, 1, 2_000, Holds(), LongAgoS)] });
        await using (var program = await StartAsync(language, hub, ("STATE_FILE", ours)))
        {
            await program.SaysAsync("limit 60000 controlled");
            Assert.Equal("limit 2000 init", program.Lines[0]);
        }

        hub.Plays(FakeHub.Snapshot(Set(3, First)), cut: false);
        await using (var program = await StartAsync(language, hub, ("STATE_FILE", theirs)))
        {
            await program.SaysAsync("limit 60000 controlled");
            await Until.HoldsAsync(() => File.Exists(theirs));
        }

        var read = new HeldSetFile(theirs).Read(Assert.Fail, Site, hub.Url.Authority);
        Assert.Equal(("E.3", 60_000), (read!.Cursor, Assert.Single(read.Envelopes).Segments[0].Limits.ImportLimitW));
        File.AppendAllText(theirs, " ");
        await using (var program = await StartAsync(language, hub, ("STATE_FILE", theirs)))
        {
            await Until.HoldsAsync(() => program.Notices.Any(n => n.Contains("its hash does not fit", StringComparison.Ordinal)) && program.Lines is ["limit 4200 init", ..]);
        }

        TestFolders.Remove(folder);
    }

    [Theory]
    [MemberData(nameof(ClientLanguage.All), MemberType = typeof(ClientLanguage))]
    public async Task A_cut_is_resumed_from_its_cursor(string language)
    {
        await using var hub = await FakeHub.StartAsync();
        hub.Plays(FakeHub.Snapshot(Set(1, First))).Plays(FakeHub.Change(2, Second), cut: false);
        await using var program = await StartAsync(language, hub);
        await program.SaysAsync("limit 30000 controlled");
        Assert.Equal(["", "E.1"], hub.Openings);
        Assert.Equal(0, hub.SetsAsked);
    }

    [Theory]
    [MemberData(nameof(ClientLanguage.All), MemberType = typeof(ClientLanguage))]
    public async Task A_missing_sequence_is_fetched(string language)
    {
        await using var hub = await FakeHub.StartAsync();
        hub.Set = Set(5, Second).Set;
        hub.Plays(FakeHub.Snapshot(Set(1, First)) + FakeHub.Beat(5), cut: false);
        await using var program = await StartAsync(language, hub);
        await program.SaysAsync("limit 30000 controlled");
        Assert.Equal([""], hub.Openings);
        Assert.Equal(1, hub.SetsAsked);
    }

    [Theory]
    [MemberData(nameof(ClientLanguage.All), MemberType = typeof(ClientLanguage))]
    public async Task Garbage_is_no_half_limit_and_the_whole_set_is_wanted_after_it(string language)
    {
        string[] garbage =
        [
            "event: envelope\nid: E.2\ndata: {\"specversion\":\"1.0\"}\n\n", FakeHub.Change(2, Envelope(Dr, 2, -5_000, Holds(), LongAgoS)),
            "event: heartbeat\ndata: null\n\n", "event: heartbeat\ndata: {\n\n",
        ];
        await using var hub = await FakeHub.StartAsync();
        foreach (var text in garbage)
        {
            hub.Plays(FakeHub.Snapshot(Set(1, First)) + text, cut: false);
        }

        hub.Plays(FakeHub.Snapshot(Set(2, Second)), cut: false);
        await using var program = await StartAsync(language, hub);
        await program.SaysAsync("limit 30000 controlled");
        Assert.Equal(["limit 4200 init", "limit 60000 controlled", "limit 30000 controlled"], program.Lines.Distinct());
        Assert.All(hub.Openings, from => Assert.Empty(from));
        await Until.HoldsAsync(() => program.Notices.Count(n => n.Contains("line to the hub is down", StringComparison.Ordinal)) == garbage.Length);
    }

    [Theory]
    [MemberData(nameof(ClientLanguage.All), MemberType = typeof(ClientLanguage))]
    public async Task A_hub_that_lost_its_store_ends_nothing(string language)
    {
        await using var hub = await FakeHub.StartAsync();
        hub.Plays(FakeHub.Snapshot(Set(7, First))).Plays(FakeHub.Snapshot(Incomplete("F", 0)), cut: false);
        await using var program = await StartAsync(language, hub);
        await program.SaysAsync("limit 60000 holding");
        Assert.Equal(["", "E.7"], hub.Openings);
        await Until.HoldsAsync(() => program.Notices.Any(n => n.Contains("another history (F after E)", StringComparison.Ordinal)));
    }

    // An opening counts as silence too, on a busy machine a second of it. Comments are no words: a proxy that keeps a dead line open hides nothing.
    [Theory]
    [MemberData(nameof(ClientLanguage.All), MemberType = typeof(ClientLanguage))]
    public async Task A_silent_line_is_given_up_and_opened_anew(string language)
    {
        await using var hub = await FakeHub.StartAsync();
        hub.Plays(FakeHub.Snapshot(Set(1, First)) + ": still here\n\n", cut: false).Plays(FakeHub.Change(2, Second), cut: false);

        // Also to an opening after one that came too late.
        for (var more = 0; more < 50; more++)
        {
            hub.Plays(FakeHub.Snapshot(Set(2, Second)), cut: false);
        }

        await using var program = await StartAsync(language, hub, ("IDLE_S", "5"));
        await program.SaysAsync("limit 30000 controlled");
        await Until.HoldsAsync(() => program.Notices.Any(n => n.Contains("the hub fell silent", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("python", 503, "E.1")]
    [InlineData("python", 401, "E.1")]
    [InlineData("python", 410, "")]
    [InlineData("python", 302, "")]
    [InlineData("python", 200, "")]
    [InlineData("typescript", 503, "E.1")]
    [InlineData("typescript", 401, "E.1")]
    [InlineData("typescript", 410, "")]
    [InlineData("typescript", 302, "")]
    [InlineData("typescript", 200, "")]
    public async Task A_refused_opening_is_tried_again_with_or_without_the_cursor(string language, int status, string third)
    {
        await using var hub = await FakeHub.StartAsync();
        hub.Plays(FakeHub.Snapshot(Set(1, First))).Plays("""{"type":"t","title":"Gone","status":410,"detail":"no"}""", status: status, contentType: "application/json")
            .Plays(FakeHub.Snapshot(Set(2, Second)), cut: false);
        await using var program = await StartAsync(language, hub);
        await program.SaysAsync("limit 30000 controlled");
        Assert.Equal(["", "E.1", third], hub.Openings);
    }

    private static Task<ClientProgram> StartAsync(string language, FakeHub hub, params (string Name, string Value)[] more) =>
        ClientLanguage.StartExampleAsync(language, hub.Url, "t", Site, more);
}
