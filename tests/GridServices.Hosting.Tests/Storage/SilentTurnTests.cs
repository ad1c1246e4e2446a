using Dapper;
using GridServices.Hosting.Storage;
using GridServices.Testing;

namespace GridServices.Hosting.Tests.Storage;

/// <summary>What only one of several processes may do, when the one that does it is stopped: its machine keeps its sessions, and only its silence tells.</summary>
public sealed class SilentTurnTests
{
    [Fact]
    public async Task It_is_another_ones_once_the_first_says_nothing_any_more()
    {
        await using var place = await TestStores.OpenAsync(Dialect.PostgreSql, typeof(StoreTests).Assembly);
        await using var stopped = new Store(place.Options with { TurnSilence = TimeSpan.FromMilliseconds(100) }, [typeof(StoreTests).Assembly]);
        await using var turn = await stopped.TryLockAsync("outbox");
        Assert.NotNull(turn);
        await UntilAsync(async () =>
        {
            await using var next = await place.Store.TryLockAsync("outbox");
            return next is not null;
        });
        Assert.False(await turn.IsHeldAsync(CancellationToken.None));
    }

    // The pool may keep a session for long: one that the server ended in its sleep breaks whatever takes it next.
    [Fact]
    public async Task The_session_of_one_that_is_given_back_serves_others_as_if_nothing_had_been()
    {
        await using var place = await TestStores.OpenAsync(Dialect.PostgreSql, typeof(StoreTests).Assembly);
        await using var store = new Store(place.Options with { PostgreSql = place.Options.PostgreSql + ";Maximum Pool Size=1;No Reset On Close=true" }, [typeof(StoreTests).Assembly]);
        var usual = await SessionAsync(store);
        await using (var turn = await store.TryLockAsync("outbox"))
        {
            Assert.NotNull(turn);
        }

        Assert.Equal(usual, await SessionAsync(store));
    }

    private static Task<(int Process, string Silence, string Schema)> SessionAsync(Store store) => store.ReadAsync(db => db.QuerySingleAsync<(int, string, string)>(
        "SELECT pg_backend_pid(), current_setting('idle_session_timeout'), current_schema()::text"));

    private static async Task UntilAsync(Func<Task<bool>> happened)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!await happened())
        {
            await Task.Delay(20, limit.Token);
        }
    }
}
