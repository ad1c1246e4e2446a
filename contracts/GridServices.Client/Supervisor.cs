using GridServices.Contracts;

namespace GridServices.Client;

/// <summary>
/// Runs one part of a session and begins it again whenever it ends. Nothing that goes wrong in one part may end the others: a controller that stopped
/// listening would hold what it last heard for ever. Pauses grow with failures in a row; a part that went well for a minute begins a new row.
/// </summary>
internal sealed class Supervisor(Backoff backoff, TimeProvider time, Action<string> tell)
{
    private static readonly TimeSpan WellAfter = TimeSpan.FromMinutes(1);

    public async Task RunAsync(string what, Func<CancellationToken, Task> part, CancellationToken ct)
    {
        for (var failures = 0; ;)
        {
            var begun = time.GetTimestamp();
            try
            {
                await part(ct);
            }
            catch (Exception fault) when (fault is not OutOfMemoryException && !ct.IsCancellationRequested)
            {
                tell($"{what} failed and begins again: {fault.GetType().Name}: {fault.Message}");
            }

            failures = time.GetElapsedTime(begun) >= WellAfter ? 1 : failures + 1;
            await Task.Delay(backoff.After(failures, 0.5).ToTimeSpan(), time, ct);
        }
    }
}
