namespace GridServices.EnvelopeHub.Service.History;

/// <summary>What publishers said is in the store before they are answered.</summary>
internal sealed partial class HistoryLoop
{
    /// <summary>What publications told of their publishers is stored when this returns. Cheap where that is nothing new.</summary>
    public Task SaveNewsAsync() => history.HasUnsaved || history.IsSaving ? SaveAsync(CancellationToken.None) : Task.CompletedTask;

    // One at a time: what another caller has just taken is not stored yet, and no hello is answered before it is.
    private async Task SaveAsync(CancellationToken ct)
    {
        await history.Saving.WaitAsync(ct);
        try
        {
            await SaveUnsavedAsync(ct);
        }
        finally
        {
            history.Saving.Release();
        }
    }

    private async Task SaveUnsavedAsync(CancellationToken ct)
    {
        if (!history.HasUnsaved)
        {
            return;
        }

        var unsaved = history.TakeUnsaved();
        try
        {
            await store.SaveAsync(unsaved, ct);
            hints.Send();
            history.WriteMarker();
        }
        catch
        {
            history.RestoreUnsaved(unsaved);
            throw;
        }
    }
}
