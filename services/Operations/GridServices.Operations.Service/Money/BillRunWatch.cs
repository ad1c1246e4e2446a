using System.Collections.Concurrent;
using System.Globalization;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Money;

/// <summary>Tells open pages when a billing run goes on, whoever started it.</summary>
internal sealed class BillRunWatch(ServiceCalls calls, ITariffsApi tariffs, ChangeFeed feed)
{
    private const int Latest = 10;

    // The watcher has more to look at than this.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<string, string> _seen = new(StringComparer.Ordinal);

    internal async Task CheckAsync(string tenant, CancellationToken ct)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(ct);
        waiting.CancelAfter(Patience);
        var reply = await calls.CallAsync(ServiceName.Tariffs, tenant, token => tariffs.ListRunsAsync(token, null, Latest, waiting.Token), ct);
        if (!reply.IsDone)
        {
            return;
        }

        var runs = ServiceCalls.Page(reply.Value).Items.Select(TariffsJson.Read<BillRun>).ToList();
        var now = string.Join(' ', runs.Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.RunId}:{r.State}:{r.Done}:{r.Failed}:{r.Waiting}")));
        var before = _seen.GetValueOrDefault(tenant);
        _seen[tenant] = now;
        if (before is not null && before != now)
        {
            feed.Publish([new EntityChange(tenant, "billingRun", runs.FirstOrDefault()?.RunId ?? string.Empty, "progressed", null)]);
        }
    }
}
