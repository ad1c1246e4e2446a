namespace GridServices.Client;

/// <summary>
/// Runs something on a task of its own, again only once the run before has ended: a handler that hangs over the end of a session is not called beside
/// itself by the next one.
/// </summary>
internal sealed class SerialRunner(Func<CancellationToken, Task> run)
{
    private readonly Lock _gate = new();
    private Task _before = Task.CompletedTask;

    public Task Start(CancellationToken ct)
    {
        lock (_gate)
        {
            var mine = RunAfterAsync(_before, ct);
            _before = Task.WhenAll(_before, mine);
            return mine;
        }
    }

    private async Task RunAfterAsync(Task earlier, CancellationToken ct)
    {
        await earlier.WaitAsync(ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        ct.ThrowIfCancellationRequested();
        await run(ct);
    }
}
