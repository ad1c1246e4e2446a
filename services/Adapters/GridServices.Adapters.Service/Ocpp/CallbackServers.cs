using System.Net;

namespace GridServices.Adapters.Service.Ocpp;

/// <summary>The doors of all adapters: those that listen at the same address share one.</summary>
/// <param name="plans">Of all adapters.</param>
internal sealed class CallbackServers(IReadOnlyList<OcppPlan> plans) : IAsyncDisposable
{
    private readonly Dictionary<IPEndPoint, CallbackServer> _open = [];
    private readonly SemaphoreSlim _gate = new(1, 1);

    /// <exception cref="IOException">The port is taken by another program.</exception>
    public async Task<CallbackServer> OpenAsync(IPEndPoint listen, CancellationToken ct)
    {
        await _gate.WaitAsync(ct);
        try
        {
            return _open.TryGetValue(listen, out var door) ? door : _open[listen] = await CallbackServer.OpenAsync(listen, StationsAt(listen), ct);
        }
        finally
        {
            _gate.Release();
        }
    }

    private int StationsAt(IPEndPoint listen) => plans.Where(p => listen.Equals(p.Answers?.Listen)).Sum(p => p.Stations.Count);

    public async ValueTask DisposeAsync()
    {
        foreach (var door in _open.Values)
        {
            await door.DisposeAsync();
        }

        _gate.Dispose();
    }
}
