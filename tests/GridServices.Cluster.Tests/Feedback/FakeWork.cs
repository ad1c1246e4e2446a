using System.Data.Common;
using GridServices.Hosting.Clustering;

namespace GridServices.Cluster.Tests.Feedback;

/// <summary>Placed work of which all runs here; each site is a key of its own.</summary>
internal sealed class FakeWork : IPlacedWork
{
    public Func<PlacedKey, ReadOnlyMemory<byte>, Task<bool>> Take { get; set; } = (_, _) => Task.FromResult(true);

    public Func<Task> Look { get; set; } = () => Task.CompletedTask;

    public string Title => "counter";

    public IReadOnlyCollection<PlacedKey> RunningKeys { get; init; } = [];

    public Func<PlacedKey, Task> Stop { get; init; } = _ => Task.CompletedTask;

    public Task<IReadOnlyList<PlacedKey>> KeysAsync(PlacedKey? only, CancellationToken ct) => Task.FromResult<IReadOnlyList<PlacedKey>>([]);

    public async Task<IReadOnlyList<(string Site, PlacedKey Key)>> GetKeysForSitesAsync(string tenant, IReadOnlyCollection<string> sites, CancellationToken ct)
    {
        await Look();
        return [.. sites.Select(site => (site, new PlacedKey(tenant, site)))];
    }

    public Task<long> NextFenceAsync(DbTransaction tx, PlacedKey key) => Task.FromResult(1L);

    public Task StartAsync(PlacedKey key, long fence, CancellationToken ct) => Task.CompletedTask;

    public Task StopAsync(PlacedKey key) => Stop(key);

    public bool Runs(PlacedKey key) => true;

    public bool IsUnreadable(PlacedKey key) => false;

    public Task<bool> ApplyFeedbackAsync(PlacedKey key, ReadOnlyMemory<byte> items) => Take(key, items);

    public void Settled()
    {
    }
}
