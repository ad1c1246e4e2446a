using GridServices.Contracts;
using GridServices.Hosting.Refusals;

namespace GridServices.UtilityClients.Engine;

/// <summary>How long a person waits for an engine: what they want is done in its turn, and the outcome of a commit may be unknown for as long as the store is away.</summary>
internal static class EngineWait
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(10);

    /// <exception cref="ProblemException">It took longer (503): it goes on all the same.</exception>
    /// <exception cref="OperationCanceledException">The person has gone: it goes on all the same.</exception>
    public static async Task<T> ForAsync<T>(Task<T> work, TimeProvider time, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await Task.WhenAny(work, Task.Delay(Longest, time, patience.Token));
        await patience.CancelAsync();
        if (work.IsCompleted)
        {
            return await work;
        }

        Abandon(work);
        ct.ThrowIfCancellationRequested();
        throw StillOpen();
    }

    private static ProblemException StillOpen() => new(
        ErrorClass.Unavailable,
        $"Not confirmed within {Longest.TotalSeconds:0} s: it waits for its turn or for the store. The change may have been made, or may still be: GET what it is about before you repeat it.")
    {
        RetryAfter = AskAgain,
    };

    // Nobody is left to see its fault: the loop has logged what is its own.
    private static void Abandon(Task work) =>
        _ = work.ContinueWith(t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
