using Dapper;
using GridServices.Hosting.Storage;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Service.Storage;
using GridServices.Testing;
using NodaTime;

namespace GridServices.OpenAdr.Service.Tests.Driver;

/// <summary>The revisions that a VEN which is put goes on from.</summary>
public sealed class StoredRevisionsTests
{
    private static readonly VenConfig Config = new() { VenName = "ven", VtnUrl = "https://vtn.example" };

    [Theory, InlineData(true, 500), InlineData(false, 10)]
    public async Task Where_other_nodes_write_as_well_what_they_committed_last_counts(bool isShared, long expected)
    {
        var (ct, now) = (TestContext.Current.CancellationToken, Instant.FromUtc(2027, 1, 1, 0, 0));
        await using var place = await TestStores.OpenAsync(Dialect.Sqlite, typeof(VenStore).Assembly);
        var revisions = new StoredRevisions(new VenStore(place.Store), isShared);
        await KeepAsync(10);
        Assert.Equal(10, (await revisions.GetHighestAsync("t", Config, now, ct))["openadr"]);

        await KeepAsync(500);

        Assert.Equal(expected, (await revisions.GetHighestAsync("t", Config, now, ct))["openadr"]);

        Task KeepAsync(long revision) => place.Store.WriteAsync(
            tx => tx.Connection!.ExecuteAsync(
                "INSERT INTO ven_states (tenant, ven_key, state, updated_at) VALUES ('t', 'elsewhere', @state, 0) ON CONFLICT (tenant, ven_key) DO UPDATE SET state = excluded.state",
                new { state = $"{{\"revisions\":{{\"openadr\":{revision}}}}}" },
                tx),
            ct);
    }
}
