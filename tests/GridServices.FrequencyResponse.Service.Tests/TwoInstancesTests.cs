using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.Tests.Rig;
using GridServices.Hosting.Storage;
using GridServices.Testing;

namespace GridServices.FrequencyResponse.Service.Tests;

/// <summary>Two processes on one PostgreSQL: one commands, the other stands by.</summary>
public sealed class TwoInstancesTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_commands_and_the_other_takes_over_when_it_is_gone(bool killed)
    {
        await using var store = TestStores.Create(Dialect.PostgreSql);
        var tokens = new TestTokens(store.Folder);
        await using var hub = await FakeHub.StartAsync();
        using var first = await StartAsync(store, tokens, hub, "a");
        await first.PutAsync("/v1/sources/meter", FrequencyRig.UdpSource());
        await first.PutAsync("/v1/assets/bess-1", JsonNode.Parse("""
            { "siteId": "site-1", "kind": "bess", "chargeMaxW": 100000, "dischargeMaxW": 100000, "energyWh": 200000, "socPercent": 50, "latencyMs": 50, "rampWPerS": 10000000 }
            """)!);
        await first.PutAsync("/v1/contracts/c1", FrequencyRig.Contract("GB-DCL"));
        await FrequencyRig.UntilAsync(() => CommandsAsync(first), commands => commands);
        using var second = await StartAsync(store, tokens, hub, "b");

        // Every renewal and hand-back of the right to command, as the database sees it.
        await store.SqlAsync("""
            CREATE TABLE lease_log (id BIGSERIAL, token BIGINT, holder TEXT, until_at BIGINT);
            CREATE FUNCTION log_lease() RETURNS trigger AS $$ BEGIN INSERT INTO lease_log (token, holder, until_at) VALUES (NEW.token, NEW.holder, NEW.until_at); RETURN NEW; END $$
              LANGUAGE plpgsql SET search_path FROM CURRENT;
            CREATE TRIGGER log_lease AFTER UPDATE ON leases FOR EACH ROW EXECUTE FUNCTION log_lease();
            """);
        await FrequencyRig.UntilAsync(
            async () =>
            {
                Assert.False(await CommandsAsync(second));
                return (await store.SqlAsync("SELECT count(*) FROM lease_log"))[0];
            },
            renewals => int.Parse(renewals, System.Globalization.CultureInfo.InvariantCulture) >= 3);
        var holder = Assert.Single(await store.SqlAsync("SELECT DISTINCT holder FROM lease_log"));

        // What is put at the one that stands by reaches the one that commands.
        await second.PutAsync("/v1/contracts/c1", FrequencyRig.Contract("GB-DCL", watts: 40_000));
        await FrequencyRig.UntilAsync(() => hub.Envelopes.Any(e => e.Target.Kind == TargetKind.Site && e.Segments.Any(s => s.Limits.ExportLimitW == 110_000)));
        var token = await TokenAsync(first);
        var revision = hub.Envelopes.Where(e => e.Target.Kind == TargetKind.Site).Max(e => e.Revision);
        if (killed)
        {
            first.Kill();
        }
        else
        {
            await first.StopAsync();
        }

        // A lease that nobody gave back runs out after 10 s; one that was given back is free at once.
        Assert.Equal(killed ? "0" : "1", Assert.Single(await store.SqlAsync($"SELECT count(*) FROM lease_log WHERE holder = '{holder}' AND until_at = 0")));
        await FrequencyRig.UntilAsync(() => CommandsAsync(second), commands => commands);
        Assert.NotEqual(holder, Assert.Single(await store.SqlAsync("SELECT holder FROM leases")));
        Assert.True(await TokenAsync(second) > token);
        await second.PutAsync("/v1/contracts/c1", FrequencyRig.Contract("GB-DCL", watts: 30_000));
        await FrequencyRig.UntilAsync(() => hub.Envelopes.Any(e => e.Target.Kind == TargetKind.Site && e.Segments.Any(s => s.Limits.ExportLimitW == 120_000)));
        Assert.Equal(revision + 1, hub.Envelopes.Last(e => e.Target.Kind == TargetKind.Site).Revision);
        Assert.Empty(hub.Rejected);
    }

    private static Task<ServiceProcess> StartAsync(TestStore store, TestTokens tokens, FakeHub hub, string name) =>
        ServiceProcess.StartAsync(tokens, hub, TestPorts.Next(), [.. store.Arguments, $"--Evidence:Path={Path.Combine(store.Folder, name)}"]);

    private static async Task<bool> CommandsAsync(ServiceProcess service) => (await service.GetAsync("/v1/contracts/c1/state"))["pool"]!["commands"]!.GetValue<bool>();

    private static async Task<long> TokenAsync(ServiceProcess service) => (await service.GetAsync("/v1/contracts/c1/state"))["pool"]!["leaseToken"]!.GetValue<long>();
}
