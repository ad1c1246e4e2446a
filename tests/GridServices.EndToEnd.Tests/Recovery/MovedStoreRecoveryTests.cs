using GridServices.Hosting.Storage;

namespace GridServices.EndToEnd.Tests.Recovery;

/// <summary>Hub and publisher are moved from SQLite to PostgreSQL under a live event, with a controller that looks all the time.</summary>
public sealed class MovedStoreRecoveryTests
{
    [Fact]
    public async Task Both_moved_the_limit_holds_the_history_goes_on_and_so_do_the_revisions()
    {
        await using var rig = await RecoveryRig.StartAsync(Dialect.Sqlite);
        await rig.SayAsync(1, 70_000);
        await rig.SayAsync(2, 30_000);
        await rig.UntilInForceAsync(30_000);
        await rig.Watch.DemandAsync(30_000);
        var before = await rig.EnvelopesAsync();
        var snapshots = rig.Watch.Told.Count(told => told.Event == "snapshot");

        await rig.StopPublisherAsync();
        await rig.StopHubAsync();
        await rig.MoveAsync();
        await rig.StartHubAsync();
        await rig.StartPublisherAsync();
        await rig.UntilInForceAsync(30_000);

        var after = await rig.EnvelopesAsync();
        Assert.Equal((before.Epoch, before.Sequence), (after.Epoch, after.Sequence));
        await rig.SayAsync(3, 25_000);
        await rig.UntilInForceAsync(25_000);
        await rig.Watch.DemandAsync(25_000);

        Assert.Equal(3, Assert.Single((await rig.EnvelopesAsync()).Envelopes).Revision);
        Assert.Empty(rig.Watch.Loosened);
        Assert.Empty(await rig.ParkedAsync());

        // The controller went on from its cursor: another history would have sent it the whole set again.
        Assert.Equal(snapshots, rig.Watch.Told.Count(told => told.Event == "snapshot"));
    }
}
