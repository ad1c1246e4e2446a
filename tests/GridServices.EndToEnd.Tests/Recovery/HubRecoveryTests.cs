using System.Net;
using GridServices.Hosting.Storage;
using GridServices.Testing;

namespace GridServices.EndToEnd.Tests.Recovery;

/// <summary>The hub's store is lost or put back under a live event: nothing in force is loosened without a notice, all is right again without a person.</summary>
public sealed class HubRecoveryTests
{
    private const long Yesterday = 70_000;
    private const long Today = 30_000;

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_lost_store_is_told_as_incomplete_until_the_publisher_has_restated(Dialect dialect)
    {
        await using var rig = await LiveAsync(dialect);
        var before = (await rig.EnvelopesAsync()).Epoch;

        await rig.StopHubAsync();
        await rig.Hub.LoseAsync();
        await rig.StartHubAsync();

        await rig.UntilInForceAsync(Today);
        await JudgeAsync(rig, before);
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task Until_its_publisher_speaks_a_hub_without_its_store_says_incomplete(Dialect dialect)
    {
        await using var rig = await LiveAsync(dialect);
        var before = (await rig.EnvelopesAsync()).Epoch;

        await rig.StopPublisherAsync();
        await rig.StopHubAsync();
        await rig.Hub.LoseAsync();
        await rig.StartHubAsync();
        await RecoveryRig.UntilAsync("the loss is told", () => Task.FromResult(rig.Watch.Told.Any(told => told is { Event: "snapshot", Incomplete: true, Limit: null } && told.Epoch != before)));

        await rig.StartPublisherAsync();
        await rig.UntilInForceAsync(Today);
        await JudgeAsync(rig, before);
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task Until_its_publisher_speaks_a_hub_that_was_put_back_says_incomplete(Dialect dialect)
    {
        await using var rig = await RecoveryRig.StartAsync(dialect);
        await rig.SayAsync(1, Yesterday);
        await rig.UntilInForceAsync(Yesterday);
        var copy = await rig.Hub.BackUpAsync();
        await rig.SayAsync(2, Today);
        await rig.UntilInForceAsync(Today);
        await rig.Watch.DemandAsync(Today);

        await rig.StopPublisherAsync();
        await rig.StopHubAsync();
        await rig.Hub.RestoreAsync(copy);
        await rig.StartHubAsync();
        await RecoveryRig.UntilAsync("the loss is told", () => Task.FromResult(rig.Watch.Told.Any(told => told is { Event: "snapshot", Incomplete: true, Limit: Yesterday })));

        await rig.StartPublisherAsync();
        await rig.UntilInForceAsync(Today);
        Assert.Empty(rig.Watch.Loosened);
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task Yesterdays_copy_is_another_history_by_the_marker_that_was_kept(Dialect dialect)
    {
        await using var rig = await RewoundAsync(dialect, (_, _) => { });
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task Yesterdays_copy_is_another_history_without_its_marker(Dialect dialect)
    {
        await using var rig = await RewoundAsync(dialect, (hub, _) => hub.LoseMarker());
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_machine_that_was_put_back_with_its_marker_is_found_out_by_what_the_publisher_has_seen(Dialect dialect)
    {
        await using var rig = await RewoundAsync(dialect, (hub, copy) => hub.RestoreMarker(copy));
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_cursor_of_a_lost_tail_gets_a_snapshot_and_never_a_silent_skip(Dialect dialect)
    {
        await using var rig = await LiveAsync(dialect);
        var copy = await rig.Hub.BackUpAsync();
        for (var revision = 3; revision <= 6; revision++)
        {
            await rig.SayAsync(revision, Today + revision);
        }

        await rig.UntilInForceAsync(Today + 6);
        var tail = await rig.EnvelopesAsync();
        var cursor = $"{tail.Epoch}.{tail.Sequence}";

        await rig.StopHubAsync();
        await rig.StopPublisherAsync();
        await rig.Hub.RestoreAsync(copy);
        await rig.StartHubAsync();
        using var client = rig.Controller();
        using var asked = await client.GetAsync(new Uri($"/v1/sites/{PublisherApp.Site}/envelopes?since={cursor}", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Gone, asked.StatusCode);
        var present = await rig.EnvelopesAsync();
        Assert.True(present.Incomplete);
        Assert.Equal([PublisherApp.Source], present.WaitingFor!);
        Assert.NotEqual(tail.Epoch, present.Epoch);

        // The same sequences are given out again; the old cursor must not be taken for one of them.
        await rig.StartPublisherAsync();
        await rig.UntilInForceAsync(Today + 6);
        using var again = await client.GetAsync(new Uri($"/v1/sites/{PublisherApp.Site}/envelopes?since={cursor}", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Gone, again.StatusCode);
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_hub_that_is_restarted_is_still_of_the_same_history(Dialect dialect)
    {
        await using var rig = await LiveAsync(dialect);
        var before = await rig.EnvelopesAsync();
        await rig.StopHubAsync();
        await rig.StartHubAsync();
        await rig.UntilInForceAsync(Today);
        Assert.Equal(before.Epoch, (await rig.EnvelopesAsync()).Epoch);
        Assert.Empty(rig.Watch.Loosened);
    }

    private static async Task<RecoveryRig> LiveAsync(Dialect dialect)
    {
        var rig = await RecoveryRig.StartAsync(dialect);
        await rig.SayAsync(1, Yesterday);
        await rig.SayAsync(2, Today);
        await rig.UntilInForceAsync(Today);
        await rig.Watch.DemandAsync(Today);
        return rig;
    }

    private static async Task<RecoveryRig> RewoundAsync(Dialect dialect, Action<BackedUpStore, string> marker)
    {
        var rig = await RecoveryRig.StartAsync(dialect);
        await rig.SayAsync(1, Yesterday);
        await rig.UntilInForceAsync(Yesterday);
        var copy = await rig.Hub.BackUpAsync();
        await rig.SayAsync(2, Today);
        await rig.SayAsync(1, 45_000, "OTHER");
        await rig.UntilInForceAsync(Today);
        await RecoveryRig.UntilAsync("both streams are published", async () => (await rig.EnvelopesAsync()).Envelopes.Count == 2);

        // Its next hello brings it the head that the hub has by now.
        await rig.UntilHeardAsync();
        await rig.Watch.DemandAsync(Today);
        var before = (await rig.EnvelopesAsync()).Epoch;

        await rig.StopHubAsync();
        await rig.Hub.RestoreAsync(copy);
        marker(rig.Hub, copy);
        await rig.StartHubAsync();

        await rig.UntilInForceAsync(Today);
        await RecoveryRig.UntilAsync("both streams are there", async () => (await rig.EnvelopesAsync()).Envelopes.Count == 2);
        await JudgeAsync(rig, before);
        return rig;
    }

    private static async Task JudgeAsync(RecoveryRig rig, string before)
    {
        Assert.NotEqual(before, (await rig.EnvelopesAsync()).Epoch);
        Assert.Empty(rig.Watch.Loosened);
        var publishers = await rig.PublishersAsync();
        Assert.False(publishers.GetProperty("incomplete").GetBoolean());
    }
}
