using System.Collections.Concurrent;
using GridServices.Cluster.Placement;
using GridServices.Cluster.Tests.Feedback;
using GridServices.Cluster.Tests.Nodes;
using GridServices.Hosting.Clustering;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace GridServices.Cluster.Tests.Placement;

/// <summary>How a node hands over what it runs.</summary>
public sealed class PlacementReconcilerTests
{
    [Fact]
    public async Task A_node_that_ends_waits_for_the_replies_of_all_utilities_at_once()
    {
        const int Keys = 100;
        await using var place = await TestStores.OpenAsync(Dialect.PostgreSql, typeof(Store).Assembly);
        using var silo = new FakeSilo();
        using var standby = new Standby();
        using var deadline = Until.Deadline();
        var (waiting, all, stopped) = (0, new TaskCompletionSource(), new ConcurrentBag<PlacedKey>());
        var work = new FakeWork
        {
            RunningKeys = [.. Enumerable.Range(0, Keys).Select(i => new PlacedKey("default", $"ven-{i}"))],
            Stop = async key =>
            {
                // No reply before each of them waits for one.
                if (Interlocked.Increment(ref waiting) == Keys)
                {
                    all.SetResult();
                }

                await all.Task.WaitAsync(deadline.Token);
                stopped.Add(key);
            },
        };
        var placements = new Placements(place.Store, silo.Node, standby, new FakeClock(new ManualTimeProvider()));
        using var keeper = new PlacementReconciler(work, null!, placements, new LiveNodes(null!, silo, TimeProvider.System), null!, null!, TimeProvider.System, NullLogger<PlacementReconciler>.Instance);
        await keeper.StopAsync(deadline.Token);
        Assert.Equal(work.RunningKeys.ToHashSet(), stopped.ToHashSet());
    }
}
