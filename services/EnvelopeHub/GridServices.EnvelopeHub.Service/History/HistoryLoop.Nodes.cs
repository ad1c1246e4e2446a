namespace GridServices.EnvelopeHub.Service.History;

/// <summary>What other instances on the same store have begun and heard.</summary>
internal sealed partial class HistoryLoop
{
    /// <summary>Another instance has begun another history, or the store holds less than it did.</summary>
    public Task FollowAsync(CancellationToken ct) => CheckStoreAsync(names: false, ct);

    /// <summary>Another instance was started, or has heard of publishers.</summary>
    /// <param name="follow">Brings the sites up to what is stored by now: done before anything counts that a publisher said.</param>
    /// <param name="ct">Gives up.</param>
    public async Task MergeAsync(Func<Task> follow, CancellationToken ct)
    {
        // What is on its way to the store from here is not missing there.
        await history.Saving.WaitAsync(ct);
        try
        {
            var rows = await store.LoadAsync(ct);
            await follow();
            history.Merge(rows);
        }
        finally
        {
            history.Saving.Release();
        }

        Wake();
    }

    private async Task AdoptAnothersAsync(CancellationToken ct)
    {
        if (history.IsCurrent((await store.LoadAsync(ct)).Epoch))
        {
            return;
        }

        await AdoptAsync(ct);

        // What was found damaged with it was so when all publishers were asked.
        damage.MarkReported();
    }
}
