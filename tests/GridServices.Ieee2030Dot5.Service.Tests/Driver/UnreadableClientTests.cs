using Dapper;
using GridServices.Hosting;
using GridServices.Ieee2030Dot5.Service.Driver;
using GridServices.Ieee2030Dot5.Service.Storage;
using GridServices.Testing;
using GridServices.UtilityClients.Engine;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Tests.Driver;

/// <summary>A client whose row can't be read stays known as such until another state was committed in its place.</summary>
public sealed class UnreadableClientTests
{
    [Fact]
    public async Task A_commit_that_fails_leaves_it_unreadable_so_that_the_next_PUT_counts_on_from_far_beyond()
    {
        await using var place = await TestStores.OpenAsync(Dialect.Sqlite, typeof(ClientStore).Assembly);
        var (store, id, now) = (place.Store, new EngineId("t", "c"), Instant.FromUtc(2027, 1, 1, 0, 0));
        await store.WriteAsync(tx => tx.Connection!.ExecuteAsync(
            "INSERT INTO clients (tenant, client_key, config, notification_id, created_at, updated_at) VALUES ('t', 'c', '{', 'n', @now, @now)", new { now }, tx));
        var protocol = new ClientProtocol(new ClientStore(store), null!, new NotificationHosts(false), SystemClock.Instance, NullLogger<ClientProtocol>.Instance);
        Assert.Empty(await protocol.LoadAsync(null, CancellationToken.None));

        await Assert.ThrowsAsync<InvalidOperationException>(() => store.WriteAsync(async tx =>
        {
            await protocol.SaveStateAsync(tx, id, null, DerClientState.Initial, now);
            throw new InvalidOperationException("the commit fails");
        }));
        Assert.Contains(id, protocol.Unreadable.Keys);

        await store.WriteAsync(tx => protocol.SaveStateAsync(tx, id, null, DerClientState.Initial, now));
        await store.WriteAsync(tx => protocol.SaveStateAsync(tx, id, DerClientState.Initial, DerClientState.Initial, now));
        Assert.Empty(protocol.Unreadable);
    }
}
