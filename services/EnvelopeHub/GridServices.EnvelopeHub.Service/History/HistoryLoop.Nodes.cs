using GridServices.Contracts;

namespace GridServices.EnvelopeHub.Service.History;

/// <summary>What other instances on the same store have begun and heard.</summary>
internal sealed partial class HistoryLoop
{
    /// <summary>Another instance has begun another history, or the store holds less than it did.</summary>
    public Task FollowAsync(CancellationToken ct) => CheckStoreAsync(names: false, ct);

    /// <summary>Another instance was started, or has heard of publishers.</summary>
    public async Task MergeAsync(CancellationToken ct)
    {
        // What is on its way to the store from here is not missing there.
        await history.Saving.WaitAsync(ct);
        try
        {
            var rows = await store.LoadAsync(ct);
            if (history.IsOf(rows.Epoch))
            {
                history.Merge(rows);
            }
        }
        finally
        {
            history.Saving.Release();
        }

        Look();
    }

    // What was not seen here yet, and so may have been answered by another instance.
    private bool IsNews(PublisherHello hello) =>
        (hello.Epoch is { } epoch && (!history.IsOf(epoch) || (hello.Head is { } head && !history.Holds(head)))) || (hello.RestatedEpoch is { } restated && !history.IsOf(restated));

    private async Task AdoptAnothersAsync(CancellationToken ct)
    {
        if (history.IsOf((await store.LoadAsync(ct)).Epoch))
        {
            return;
        }

        await AdoptAsync(ct);

        // What was found damaged with it was so when all publishers were asked.
        damage.Asked();
    }
}
