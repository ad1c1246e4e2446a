using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Storage;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Service.Storage;
using GridServices.Testing;
using GridServices.UtilityClients.Engine;
using GridServices.Wire.Engine;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Tests.Storage;

/// <summary>A client that an earlier version stored, its state whole in one row, goes on after the upgrade: on disk and under its control.</summary>
public sealed class StoredWholeTests
{
    private const string Row = "ieee2030-5/stored/0002_whole_state.json";
    private static readonly EngineId Client = new("default", "site-1");

    // Of the state: a control of 700 W from 18:00 to 20:00, then the default of 1,500 W.
    private static readonly Instant Upgraded = Instant.FromUtc(2027, 1, 15, 19, 0);
    private static readonly Instant Ends = Instant.FromUtc(2027, 1, 15, 20, 0);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, ClassData(typeof(BothDatabases))]
    public async Task It_is_read_acts_to_its_end_and_is_written_in_parts_from_then_on(Dialect dialect)
    {
        await using var place = await BeforeAsync(dialect);
        var store = await place.ReopenAsync();
        var clients = new ClientStore(store);
        var stored = await OnlyAsync(clients);
        Assert.Equal((0, 0), await PartsAsync(store));
        var device = Assert.Single(stored.State.Devices).Value;
        Assert.Equal((12, true), (device.Schedule.Published.Single().Revision, device.Schedule.Published.Single().Live));
        Assert.Equal([1, 2], device.Schedule.Controls.Single().Told);
        Assert.Equal(7, stored.State.Nodes.Count);

        // The process begins after the upgrade, the server is away, and time passes to the end of the control.
        var config = stored.Config with { Lfdi = device.Lfdi };
        var (state, published, now) = (stored.State, new List<EnginePublication>(), Upgraded);
        Give(new DerInput.Started());
        while (now < Ends + Duration.FromMinutes(1))
        {
            switch (DerClient.Next(config, state, now))
            {
                case DerNext.SendRequest request:
                    Give(new DerInput.TransportFailed(request, TransportFailure.Unreachable));
                    break;
                case DerNext.WaitUntil { At: var at }:
                    now = Instant.Max(now, Instant.Min(at, Ends + Duration.FromMinutes(1)));
                    Give(new DerInput.Tick());
                    break;
            }
        }

        Assert.True(published.Count == 0 || Envelope(published[^1]).Revision > 12);
        Assert.Equal(1500, state.Devices.Values.Single().Schedule.Published.Single().Statement!.At(now).ExportLimitW);
        Assert.Contains(state.Responses, r => r.Status == Messages.ResponseStatus.Completed);

        // A commit that fails leaves the row as it was.
        await Assert.ThrowsAsync<InvalidOperationException>(() => store.WriteAsync(async tx =>
        {
            await ClientStore.SaveStateAsync(tx, Client, stored.State, state, now);
            throw new InvalidOperationException("the commit fails");
        }));
        Assert.Equal((0, 0), await PartsAsync(store));
        Assert.Equal(stored.State, (await OnlyAsync(clients)).State);

        await store.WriteAsync(tx => ClientStore.SaveStateAsync(tx, Client, stored.State, state, now));
        Assert.Equal((1, state.Devices.Count + state.Nodes.Count), await PartsAsync(store));
        store = await place.ReopenAsync();
        clients = new ClientStore(store);
        var again = await OnlyAsync(clients);
        Assert.Equal(state.Devices, again.State.Devices);
        Assert.Equal(state.Nodes, again.State.Nodes);
        Assert.Equal(state.Responses, again.State.Responses);

        // From then on a message writes what it changes.
        var after = again.State with { Devices = again.State.Devices.SetItem(device.Lfdi, again.State.Devices[device.Lfdi] with { NextChange = Ends }) };
        await store.WriteAsync(tx => ClientStore.SaveStateAsync(tx, Client, again.State, after, now));
        Assert.Equal(after.Devices, (await OnlyAsync(clients)).State.Devices);

        void Give(DerInput input)
        {
            var step = DerClient.Apply(config, state, input, now, 7);
            state = step.State;
            published.AddRange(step.Publications);
            Assert.All(step.Publications, p => Assert.Equal(now < Ends ? 700 : 1500, FindLimit(p, now)));
        }
    }

    [Theory, ClassData(typeof(BothDatabases))]
    public async Task Deleted_before_the_upgrade_it_leaves_its_revisions_to_the_client_that_is_made_again(Dialect dialect)
    {
        await using var place = await BeforeAsync(dialect);
        await place.Store.WriteAsync(tx => tx.Connection!.ExecuteAsync("DELETE FROM clients", transaction: tx));
        var left = await new ClientStore(await place.ReopenAsync()).LeftBehindAsync(Client.Tenant, Ct);
        var heir = Devices.Inheritance.CreateState(new DerClientConfig { ServerUrl = "https://utility.example/dcap", SiteId = "site-1" }, left.OfType<DerClientState>());
        Assert.Equal(12, heir.Devices.Values.Single().Schedule.Published.Single().Revision);
    }

    private static Envelope Envelope(EnginePublication publication) => Assert.IsType<EnginePublication.PublishEnvelope>(publication).Envelope;

    private static long? FindLimit(EnginePublication publication, Instant at) => Envelope(publication).Segments.Single(s => s.From <= at && !(s.Until <= at)).Limits.ExportLimitW;

    /// <summary>A store as the version before left it: without the migration that brought the parts.</summary>
    private static async Task<TestStore> BeforeAsync(Dialect dialect)
    {
        var place = await TestStores.OpenAsync(dialect, typeof(ClientStore).Assembly);
        var state = await File.ReadAllTextAsync(TestData.Path(Row), Ct);
        await place.Store.WriteAsync(async tx =>
        {
            var (db, now) = (tx.Connection!, Upgraded - Duration.FromMinutes(5));
            await db.ExecuteAsync("DROP TABLE client_state_parts", transaction: tx);
            await db.ExecuteAsync("ALTER TABLE client_states DROP COLUMN is_in_parts", transaction: tx);
            Assert.Equal(1, await db.ExecuteAsync("DELETE FROM schema_version WHERE id LIKE '%0003_state_parts%'", transaction: tx));
            await db.ExecuteAsync(
                "INSERT INTO clients (tenant, client_key, config, notification_id, created_at, updated_at) VALUES (@Tenant, @Key, @config, 'n', @now, @now)",
                new { Client.Tenant, Client.Key, config = """{ "serverUrl": "https://utility.example/dcap", "siteId": "site-1", "nameplate": { "maxW": 10000 }, "edition": "csip-aus-1.2" }""", now },
                tx);
            await db.ExecuteAsync("INSERT INTO client_states (tenant, client_key, state, updated_at) VALUES (@Tenant, @Key, @state, @now)", new { Client.Tenant, Client.Key, state, now }, tx);
        });
        return place;
    }

    private static async Task<StoredClient> OnlyAsync(ClientStore clients)
    {
        var read = Assert.Single(await clients.LoadAsync(null, Ct));
        Assert.True(read.Problem is null, read.Problem?.Why);
        return read.Client!;
    }

    private static Task<(long IsInParts, int Parts)> PartsAsync(Store store) => store.ReadAsync(async db => (
        await db.ExecuteScalarAsync<long>("SELECT is_in_parts FROM client_states"), (int)await db.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM client_state_parts")));
}
