using GridServices.Contracts;
using GridServices.Hosting.Refusals;

namespace GridServices.UtilityClients.Engine;

/// <summary>How long a person waits for an engine: what they want is done in its turn, and the outcome of a commit may be unknown for as long as the store is away.</summary>
public static class EngineWait
{
    private const string OpenKey = "outcome open";
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(10);

    /// <exception cref="ProblemException">It took longer (503): it goes on all the same.</exception>
    /// <exception cref="OperationCanceledException">The person has gone: it goes on all the same.</exception>
    public static Task<T> ForAsync<T>(Task<T> work, TimeProvider time, CancellationToken ct) => ForAsync(work, Longest, time, ct);

    private static async Task<T> ForAsync<T>(Task<T> work, TimeSpan longest, TimeProvider time, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await Task.WhenAny(work, Task.Delay(longest, time, patience.Token));
        await patience.CancelAsync();
        if (work.IsCompleted)
        {
            return await work;
        }

        Abandon(work);
        ct.ThrowIfCancellationRequested();
        throw StillOpen();
    }

    /// <summary>The same for work that waits for its turn first, within the same time.</summary>
    /// <param name="turn">Whoever enters it works; the work lets it go.</param>
    /// <param name="work">Begun once it is its turn.</param>
    /// <param name="time">The time.</param>
    /// <param name="ct">The person goes.</param>
    /// <exception cref="ProblemException">It took longer (503); the words say whether it was begun.</exception>
    /// <exception cref="OperationCanceledException">The person has gone: what was begun goes on all the same.</exception>
    public static async Task<T> InTurnAsync<T>(SemaphoreSlim turn, Func<Task<T>> work, TimeProvider time, CancellationToken ct)
    {
        var asked = time.GetTimestamp();
        using var patience = new CancellationTokenSource(Longest, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        try
        {
            await turn.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw NotBegun();
        }

        var left = Longest - time.GetElapsedTime(asked);
        return await ForAsync(work(), left > TimeSpan.Zero ? left : TimeSpan.Zero, time, ct);
    }

    /// <summary>True: the change may be made or may not, and whoever ordered it must look.</summary>
    public static bool IsOpen(ProblemException problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        return problem.Data.Contains(OpenKey);
    }

    internal static ProblemException EndedOpen() => MarkOpen(new(
        ErrorClass.Unavailable,
        "Not confirmed: this node stopped running it before the store had answered. The change may have been made: GET what it is about before you repeat it.")
    {
        RetryAfter = AskAgain,
    });

    /// <summary>It has not been begun, and won't be.</summary>
    internal static ProblemException NotBegun() => new(
        ErrorClass.Unavailable, "Nothing was changed: what others wanted before waits for the store. Try again later.")
    {
        RetryAfter = AskAgain,
    };

    private static ProblemException StillOpen() => MarkOpen(new(
        ErrorClass.Unavailable,
        $"Not confirmed within {Longest.TotalSeconds:0} s: it waits for its turn or for the store. The change may have been made, or may still be: GET what it is about before you repeat it.")
    {
        RetryAfter = AskAgain,
    });

    private static ProblemException MarkOpen(ProblemException problem)
    {
        problem.Data[OpenKey] = true;
        return problem;
    }

    // Nobody is left to see its fault: the loop has logged what is its own.
    private static void Abandon(Task work) =>
        _ = work.ContinueWith(t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
