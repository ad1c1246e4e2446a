using GridServices.Hosting.Storage;
using GridServices.Testing;

namespace GridServices.EndToEnd.Tests.Recovery;

/// <summary>A publisher's store is lost or put back under a live event, alone or with the hub's by another amount: what the utility says gets in force.</summary>
public sealed class PublisherRecoveryTests
{
    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task After_its_store_was_lost_a_publisher_goes_above_what_the_hub_holds(Dialect dialect)
    {
        await using var rig = await RecoveryRig.StartAsync(dialect);
        await rig.SayAsync(1, 90_000);
        await rig.SayAsync(2, 80_000);
        await rig.SayAsync(3, 70_000);
        await rig.UntilInForceAsync(70_000);
        await rig.Watch.DemandAsync(70_000);

        await rig.StopPublisherAsync();
        await rig.Publisher.LoseAsync();
        await rig.StartPublisherAsync();
        await rig.SayAsync(1, 30_000);
        await rig.UntilInForceAsync(30_000);
        await rig.Watch.DemandAsync(30_000);
        await rig.SayAsync(2, 25_000);
        await rig.UntilInForceAsync(25_000);

        Assert.Equal(5, Assert.Single((await rig.EnvelopesAsync()).Envelopes).Revision);
        Assert.Empty(rig.Watch.Loosened);
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task The_same_revision_with_other_content_is_raised_too(Dialect dialect)
    {
        await using var rig = await RecoveryRig.StartAsync(dialect);
        await rig.SayAsync(1, 70_000);
        await rig.UntilInForceAsync(70_000);
        var copy = await rig.Publisher.BackUpAsync();
        await rig.SayAsync(2, 30_000);
        await rig.UntilInForceAsync(30_000);
        await rig.Watch.DemandAsync(30_000);

        await rig.StopPublisherAsync();
        await rig.Publisher.RestoreAsync(copy);
        await rig.StartPublisherAsync();
        await rig.SayAsync(2, 25_000);

        await rig.UntilInForceAsync(25_000);
        Assert.Equal(3, Assert.Single((await rig.EnvelopesAsync()).Envelopes).Revision);
        Assert.Empty(rig.Watch.Loosened);
    }

    /// <summary>The hub is put back by two changes, the publisher by three; the utility still says the strictest of all.</summary>
    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task Hub_and_publisher_put_back_by_different_amounts_end_at_what_the_utility_says(Dialect dialect)
    {
        await using var rig = await RecoveryRig.StartAsync(dialect);
        await rig.SayAsync(1, 70_000);
        await rig.UntilInForceAsync(70_000);
        var publisher = await rig.Publisher.BackUpAsync();
        await rig.SayAsync(2, 60_000);
        await rig.UntilInForceAsync(60_000);
        var hub = await rig.Hub.BackUpAsync();
        await rig.SayAsync(3, 50_000);
        await rig.SayAsync(4, 30_000);
        await rig.UntilInForceAsync(30_000);
        await rig.Watch.DemandAsync(30_000);

        await rig.StopPublisherAsync();
        await rig.StopHubAsync();
        await rig.Publisher.RestoreAsync(publisher);
        await rig.Hub.RestoreAsync(hub);
        await rig.StartHubAsync();
        await rig.StartPublisherAsync();

        // The service hears its utility again some time after it has begun to say its old state again.
        await rig.UntilHeardAsync();
        await rig.SayAsync(2, 30_000);

        await rig.UntilInForceAsync(30_000);
        Assert.Empty(rig.Watch.Loosened);
        Assert.True(Assert.Single((await rig.EnvelopesAsync()).Envelopes).Revision > 2);
    }

    /// <summary>
    /// Yesterday's 70 kW is not put above the 30 kW in force while the utility is away, however long: the operator is told. Once the utility was heard and has
    /// nothing new to say, what is stored is true.
    /// </summary>
    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_publisher_that_was_put_back_and_has_nothing_new_to_say_states_what_it_holds_only_once_its_utility_was_heard(Dialect dialect)
    {
        await using var rig = await RecoveryRig.StartAsync(dialect);
        await rig.SayAsync(1, 70_000);
        await rig.UntilInForceAsync(70_000);
        var copy = await rig.Publisher.BackUpAsync();
        await rig.SayAsync(2, 30_000);
        await rig.UntilInForceAsync(30_000);
        await rig.Watch.DemandAsync(30_000);

        await rig.StopPublisherAsync();
        await rig.Publisher.RestoreAsync(copy);
        await rig.StartPublisherAsync();

        await RecoveryRig.UntilAsync("the word that waits is told", async () => await rig.ParkedAsync() is [{ Problem.Detail: { } told }] && told.Contains("The utility was not heard", StringComparison.Ordinal));
        await rig.UntilHeardAsync();
        await rig.UntilInForceAsync(30_000);
        Assert.Equal(2, Assert.Single((await rig.EnvelopesAsync()).Envelopes).Revision);
        Assert.Empty(rig.Watch.Loosened);

        rig.HearUtility();
        await rig.UntilInForceAsync(70_000);
        Assert.Empty(await rig.ParkedAsync());
        Assert.Equal(3, Assert.Single((await rig.EnvelopesAsync()).Envelopes).Revision);
    }
}
