using GridServices.Hosting.Clustering;
using GridServices.Hosting.Hub;
using GridServices.Hosting.Storage;
using GridServices.Testing;

namespace GridServices.Hosting.Tests.Hub;

/// <summary>In a cluster one node follows the hub's feedback, in turns.</summary>
public sealed class OneFollowerTests
{
    [Theory, InlineData(true), InlineData(false)]
    public async Task When_a_turn_is_over_what_was_reached_and_not_saved_is_forgotten(bool endsBadly)
    {
        await using var place = await TestStores.OpenAsync(Dialect.Sqlite, typeof(Store).Assembly);
        var identity = new ServiceIdentity("test", 1, typeof(OneFollowerTests).Assembly) { Clusters = true };
        var follower = new OneFollower(place.Store, new ClusterNode(new ClusterOptions { PostgreSql = "Host=db" }, identity, "http://127.0.0.1:1", null!));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var begun = new TaskCompletionSource();
        var (isFollowing, overs) = (false, 0);
        var running = follower.RunAsync(
            async ct =>
            {
                isFollowing = true;
                begun.TrySetResult();
                await Task.Delay(Timeout.Infinite, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                isFollowing = false;
                if (endsBadly)
                {
                    throw new StoreUnavailableException("away");
                }
            },
            () => overs += isFollowing ? 100 : 1,
            stop.Token);

        await begun.Task;
        Assert.Equal(0, overs);
        await stop.CancelAsync();
        await running;
        Assert.Equal(1, overs);
    }

    // A connection that breaks as a statement begins shows as the driver's own parts that are disposed of.
    [Theory, InlineData(false), InlineData(true)]
    public async Task A_database_that_refuses_its_sessions_for_a_while_does_not_end_the_following(bool breaks)
    {
        await using var place = await TestStores.OpenAsync(Dialect.Sqlite, typeof(Store).Assembly);
        var identity = new ServiceIdentity("test", 1, typeof(OneFollowerTests).Assembly) { Clusters = true };
        var follower = new OneFollower(place.Store, new ClusterNode(new ClusterOptions { PostgreSql = "Host=db" }, identity, "http://127.0.0.1:1", null!));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var (turns, again) = (0, new TaskCompletionSource());
        var running = follower.RunAsync(
            _ =>
            {
                if (++turns == 1)
                {
                    throw breaks ? new ObjectDisposedException("NpgsqlConnector") : new Npgsql.PostgresException("password authentication failed", "FATAL", "FATAL", "28P01");
                }

                again.TrySetResult();
                return Task.CompletedTask;
            },
            () => { },
            stop.Token);
        await await Task.WhenAny(again.Task, running);
        Assert.True(again.Task.IsCompletedSuccessfully);
        await stop.CancelAsync();
        await running;
    }
}
