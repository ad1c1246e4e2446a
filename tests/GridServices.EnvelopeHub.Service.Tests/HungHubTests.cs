using System.Globalization;
using System.Net;
using Dapper;
using GridServices.Contracts;
using GridServices.EnvelopeHub.Service;
using GridServices.Hosting.Storage;
using GridServices.Testing;

namespace GridServices.EnvelopeHub.Tests;

/// <summary>Two hubs as processes on one PostgreSQL schema; the first is stopped (SIGSTOP), keeps its sessions, and goes on later (SIGCONT).</summary>
public sealed class HungHubTests
{
    private static readonly Uri Now = new("/v1/sites/site-1/effective/now/importLimitW", UriKind.Relative);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_second_takes_over_and_the_first_stands_by_once_it_goes_on(bool whilePublishing)
    {
        if (OperatingSystem.IsWindows())
        {
            SkipTest.Because("there is no SIGSTOP on Windows");
        }

        await using var place = TestStores.Create(Dialect.PostgreSql, typeof(EnvelopeHubApp).Assembly);
        var tokens = new TestTokens(place.Folder);
        await using var first = HubProcess.Start(place, tokens);
        await first.UntilReadyAsync();
        await first.PublishAsync(1);
        await using var second = HubProcess.Start(place, tokens);
        await Until.HoldsAsync(() => second.Says("stand-by"), second.LastWords);

        var under = whilePublishing ? first.PublishOnAsync(2) : Task.FromResult(2L);
        if (whilePublishing)
        {
            await Until.HoldsAsync(() => first.Taken >= 5, first.LastWords);
        }

        first.Signal("STOP");
        await second.UntilReadyAsync(async () => $"{await second.Condition()}\nthe first: {await first.Condition()}\nthe store: {await HoldersAsync(place)}");
        await Until.HoldsAsync(() => second.Says("has given no sign of life"), second.LastWords);

        // Whatever the first had acknowledged holds at the second; and the second can publish.
        var held = await second.GetAsync(Now);
        Assert.Equal(HttpStatusCode.OK, held.Status);
        Assert.True(long.Parse(held.Body, CultureInfo.InvariantCulture) >= first.Taken, $"{held.Body} of {first.Taken}");
        await second.PublishAsync(1_000_000);

        first.Signal("CONT");
        await under;
        await Until.HoldsAsync(() => first.Says("starts again as a stand-by"), first.LastWords);
        await Until.HoldsAsync(async () => (await first.GetAsync(Now)).Status, status => status == HttpStatusCode.ServiceUnavailable, first.LastWords);
        Assert.False(first.HasExited, await first.LastWords());
        Assert.Equal("1000000", (await second.GetAsync(Now)).Body);

        // It waits as any stand-by does, and takes over when the second ends.
        second.Signal("TERM");
        await first.UntilReadyAsync();
        Assert.Equal("1000000", (await first.GetAsync(Now)).Body);
        Assert.Equal(PublishStatus.Accepted, await first.PublishAsync(1_000_001));
    }

    private static async Task<string> HoldersAsync(TestStore store) => string.Join("; ", await store.Store.ReadAsync(db => db.QueryAsync<string>(
        """
        SELECT 'term ' || o.term || ' of ' || o.holder || ', beat of term ' || b.term || ' at ' || b.at || ', now ' || clock_timestamp() FROM store_owner o, store_owner_beat b
        UNION ALL
        SELECT a.application_name || ' ' || a.pid || ' since ' || a.backend_start || ' ' || coalesce(a.state, '') || ': ' || l.locktype || ' ' || l.mode || ' ' || l.granted
        FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid WHERE l.locktype = 'advisory' OR l.relation = 'store_owner'::regclass
        """)));
}
