using GridServices.Contracts;
using GridServices.EnvelopeHub.History;
using GridServices.EnvelopeHub.Service.History;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace GridServices.EnvelopeHub.Tests.Nodes;

/// <summary>One history for all instances on one store.</summary>
public sealed class SharedHistoryTests
{
    private const string Source = "/gridservices/openadr/1";

    // What a restored dump looks like from inside: the same rows in tables that were made anew.
    internal const string RestoreDump =
        """
        BEGIN; ALTER TABLE hub_epoch RENAME TO hub_epoch_before; CREATE TABLE hub_epoch (LIKE hub_epoch_before INCLUDING ALL);
        INSERT INTO hub_epoch SELECT * FROM hub_epoch_before; DROP TABLE hub_epoch_before; COMMIT
        """;

    [Fact]
    public async Task An_instance_that_starts_or_ends_begins_no_epoch_and_a_restored_dump_begins_one_for_all()
    {
        await using var hubs = new TwoHubs();
        await hubs.InitializeAsync();
        var epoch = GetEpoch(hubs.A);
        await TwoHubs.PublishAsync(hubs.A, Some.Envelope(watts: 30_000));
        await using var atB = await TwoHubs.SubscribeAsync(hubs.B, "site-1");
        Assert.Equal(epoch, (await atB.NextAsync("snapshot")).Read<SiteSnapshot>().Epoch);

        // The head of one is known to the other, also the one that a third gave out a moment ago.
        var third = await hubs.StartAsync();
        await TwoHubs.PublishAsync(third, Some.Envelope(revision: 2, watts: 20_000));
        var seen = await TwoHubs.HelloAsync(third, new PublisherHello { Source = Source, RestatedEpoch = epoch, Epoch = epoch });
        foreach (var hub in hubs.All)
        {
            Assert.Equal(epoch, (await TwoHubs.HelloAsync(hub, new PublisherHello { Source = Source, RestatedEpoch = epoch, Epoch = epoch, Head = seen.Head })).Epoch);
        }

        await third.App.StopAsync();
        Assert.Equal(epoch, GetEpoch(hubs.B));

        await hubs.Place.SqlAsync(RestoreDump);
        await Until.HoldsAsync(() => GetEpoch(hubs.A) != epoch && GetEpoch(hubs.A) == GetEpoch(hubs.B));
        var snapshot = (await UntilSnapshotAsync(atB, epoch)).Read<SiteSnapshot>();
        Assert.Equal((GetEpoch(hubs.A), true), (snapshot.Epoch, snapshot.Incomplete == true));
        Assert.Equal("1", Assert.Single(await hubs.Place.SqlAsync("SELECT COUNT(*) FROM past_epoch")));

        // Restated at one, it is complete at the other.
        var answer = await TwoHubs.HelloAsync(hubs.A, new PublisherHello { Source = Source, RestatedEpoch = epoch, Epoch = epoch, Head = seen.Head });
        Assert.Equal((GetEpoch(hubs.A), true), (answer.Epoch, answer.Incomplete == true));
        await TwoHubs.PublishAsync(hubs.B, Some.Envelope(revision: 3, watts: 10_000));
        await TwoHubs.HelloAsync(hubs.A, new PublisherHello { Source = Source, RestatedEpoch = answer.Epoch, Epoch = answer.Epoch, Head = answer.Head });
        await TwoHubs.UntilLimitAsync(hubs.A, "site-1", 10_000);
        await TwoHubs.UntilLimitAsync(hubs.B, "site-1", 10_000);
    }

    [Fact]
    public async Task A_publisher_that_confirms_the_store_at_one_has_confirmed_it_at_one_that_starts()
    {
        await using var hubs = new TwoHubs();
        await hubs.StartAsync();
        await TwoHubs.PublishAsync(hubs.A, Some.Envelope(watts: 30_000));
        var epoch = GetEpoch(hubs.A);
        await TwoHubs.HelloAsync(hubs.A, new PublisherHello { Source = Source, RestatedEpoch = epoch, Epoch = epoch });
        await TwoHubs.UntilLimitAsync(hubs.A, "site-1", 30_000);

        // It waits for the publisher, which only ever says hello to the other.
        var started = await hubs.StartAsync();
        Assert.True(GetHistory(started).GetTenantHistory("default").Incomplete);
        await Until.HoldsAsync(async () => (await TwoHubs.HelloAsync(hubs.A, new PublisherHello { Source = Source, RestatedEpoch = epoch, Epoch = epoch })).Epoch == epoch && !GetHistory(started).GetTenantHistory("default").Incomplete, held => held);
        await TwoHubs.UntilLimitAsync(started, "site-1", 30_000);

        // Struck at one, it is not awaited at the other.
        using var boss = TwoHubs.Client(hubs.A, hubs.A.Tokens.Operator);
        using var struck = await boss.DeleteAsync(new Uri("/v1/publishers" + Source, UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.True(struck.IsSuccessStatusCode);
        await Until.HoldsAsync(() => GetHistory(started).Publishers.Count == 0);
    }

    [Fact]
    public async Task That_a_publishers_store_was_lost_only_its_publication_ends_whatever_another_instance_heard_of_it()
    {
        await using var hubs = new TwoHubs();
        var store = (await hubs.StartAsync()).App.Services.GetRequiredService<HistoryStore>();
        var lost = new KnownPublisher { Id = new PublisherId("default", Source), Speaks = true, FirstHeard = NodaTime.NodaConstants.UnixEpoch, KnewHub = true, Forgot = true };
        await store.SaveAsync([lost], TestContext.Current.CancellationToken);
        await store.SaveAsync([lost with { Forgot = false, Restated = "any", ConfirmedRun = 9 }], TestContext.Current.CancellationToken);
        Assert.Equal("1||0", Assert.Single(await hubs.Place.SqlAsync("SELECT forgot || '|' || COALESCE(restated, '') || '|' || confirmed_run FROM publisher")));

        await store.SaveAsync([lost with { Forgot = false, Restated = "any", ConfirmedRun = 9, HasPublished = true }], TestContext.Current.CancellationToken);
        Assert.Equal("0|any|9", Assert.Single(await hubs.Place.SqlAsync("SELECT forgot || '|' || restated || '|' || confirmed_run FROM publisher")));
    }

    private static HubHistory GetHistory(ServiceApp hub) => hub.App.Services.GetRequiredService<HubHistory>();

    private static string GetEpoch(ServiceApp hub) => GetHistory(hub).Epoch;

    private static async Task<SseEvent> UntilSnapshotAsync(SseReader stream, string otherThan)
    {
        while (true)
        {
            var snapshot = await stream.NextAsync("snapshot");
            if (snapshot.Read<SiteSnapshot>().Epoch != otherThan)
            {
                return snapshot;
            }
        }
    }
}
