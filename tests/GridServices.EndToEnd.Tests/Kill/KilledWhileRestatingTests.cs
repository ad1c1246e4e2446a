using GridServices.EndToEnd.Tests.Recovery;
using GridServices.Hosting.Storage;
using GridServices.Testing;

namespace GridServices.EndToEnd.Tests.Kill;

/// <summary>kill -9 of the hub while it begins a new epoch, and of a publisher at every step of saying everything again.</summary>
public sealed class KilledWhileRestatingTests
{
    private const int Events = 3;
    private static readonly string[] Steps = ["outbox.restating", "outbox.before-post", "outbox.after-post", "outbox.after-settle"];

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task Everything_is_said_again_whatever_instant_the_publisher_and_the_hub_die_at(Dialect dialect)
    {
        await using var rig = new KillRig(dialect);
        await rig.StartAsync();
        await rig.StartVenAsync(null);
        await rig.VenReadyAsync();
        for (var i = 0; i < Events; i++)
        {
            await rig.IssueAsync(i);
        }

        await RecoveryRig.UntilAsync("the events are published", async () => await SegmentsAsync(rig) == Events);
        await rig.Ven!.KillAsync();

        await rig.KillHubAsync();
        await rig.LoseHubStoreAsync();
        await rig.StartHubToDieAsync("hub.new-epoch");
        await rig.StartHubAsync();
        foreach (var step in Steps)
        {
            await rig.StartVenAsync(step);
            Assert.True(await rig.Ven!.DiesAsync(), $"{step} was not reached: {rig.Ven.LastWords}");
        }

        await rig.StartVenAsync(null);
        await rig.VenReadyAsync();
        await RecoveryRig.UntilAsync("everything is said again and complete", async () => await SegmentsAsync(rig) == Events && (await rig.SiteAsync())["incomplete"] is null);
        Assert.Equal(0, (await rig.OutboxAsync())["parked"]!.GetValue<int>());
    }

    private static async Task<int> SegmentsAsync(KillRig rig) =>
        (await rig.SiteAsync())["envelopes"]!.AsArray().Select(envelope => envelope!["segments"]!.AsArray().Count).DefaultIfEmpty().Max();
}
