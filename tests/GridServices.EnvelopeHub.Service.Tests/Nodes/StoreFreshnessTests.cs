using GridServices.EnvelopeHub.Service;
using GridServices.EnvelopeHub.Service.Nodes;
using GridServices.Hosting.Clustering;
using GridServices.Hosting.Storage;
using Microsoft.Extensions.Options;

namespace GridServices.EnvelopeHub.Tests.Nodes;

/// <summary>When an instance may tell what it holds.</summary>
public sealed class StoreFreshnessTests
{
    // The steady clock stands still while a machine is frozen, and goes on where a clock is set back.
    [Theory]
    [InlineData(0, 19, true)]
    [InlineData(0, 3_600, false)]
    [InlineData(21, 21, false)]
    [InlineData(21, -3_600, false)]
    [InlineData(1, -3_600, true)]
    public async Task Either_clock_that_went_on_for_too_long_since_the_last_look_means_doubt(int steady, int wall, bool may)
    {
        await using var store = new Store(new StoreOptions { Name = "hub", PostgreSql = "Host=nowhere.invalid" }, []);
        var clocks = new TwoClocks();
        using var sight = new StoreFreshness(
            new CommitNotices(store, new ClusterOptions { PostgreSql = "Host=nowhere.invalid" }), clocks, Options.Create(new EnvelopeHubOptions()));
        clocks.Go(steady, wall);
        Assert.Equal(may, sight.MayTell);
        Assert.Equal(!may, sight.DoubtIfStale());

        sight.Seen(sight.BeginLook());
        Assert.True(sight.MayTell);
        Assert.False(sight.Doubt.IsCancellationRequested);
    }

    private sealed class TwoClocks : TimeProvider
    {
        private DateTimeOffset _wall = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        private long _steady = 1_000;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => _steady;

        public override DateTimeOffset GetUtcNow() => _wall;

        public void Go(int steady, int wall) => (_steady, _wall) = (_steady + steady, _wall.AddSeconds(wall));
    }
}
