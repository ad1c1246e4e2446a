using System.Collections.Concurrent;

namespace GridServices.Operations.Service.Notify;

/// <summary>A while in which what waits is sent over several lines at the same time; then others have their turn.</summary>
internal sealed class SendingTurn(TimeProvider time, TimeSpan length)
{
    internal const int Lines = 8;
    internal static readonly TimeSpan Usual = TimeSpan.FromSeconds(10);
    private readonly long _began = time.GetTimestamp();

    internal bool IsOver => time.GetElapsedTime(_began) >= length;

    /// <summary>Batch after batch until nothing waits or the turn is over. While nothing gets through at all, the rest waits for the next round. Each line says how much got through.</summary>
    /// <returns>Whether something waits that only lacked time.</returns>
    internal async Task<bool> AllAsync<T>(Func<Task<IReadOnlyList<T>>> due, Func<IEnumerable<T>, Task<int>> line, CancellationToken ct)
    {
        while (true)
        {
            var (waiting, taken, sent) = (await due(), 0, 0);
            await EachAsync(
                waiting,
                async mine => Interlocked.Add(ref sent, await line(mine.Select(one =>
                {
                    Interlocked.Increment(ref taken);
                    return one;
                }))),
                ct);
            if (sent == 0 || IsOver)
            {
                // Over before anything was tried: nothing was refused, there was no time for it.
                return IsOver && waiting.Count > 0 && (sent > 0 || taken == 0);
            }
        }
    }

    /// <summary>Each line takes the next that waits until none does, or the turn is over. What a line has begun it ends, also where another fails: cut off in the middle, it would be sent twice.</summary>
    internal async Task EachAsync<T>(IReadOnlyCollection<T> waiting, Func<IEnumerable<T>, Task> line, CancellationToken ct)
    {
        var (queue, failed) = (new ConcurrentQueue<T>(waiting), 0);
        await Task.WhenAll(Enumerable.Range(0, Math.Min(Lines, waiting.Count)).Select(_ => Task.Run(LineAsync, CancellationToken.None)));
        ct.ThrowIfCancellationRequested();

        IEnumerable<T> Taken()
        {
            while (Volatile.Read(ref failed) == 0 && !ct.IsCancellationRequested && !IsOver && queue.TryDequeue(out var next))
            {
                yield return next;
            }
        }

        async Task LineAsync()
        {
            try
            {
                await line(Taken());
            }
            catch
            {
                Volatile.Write(ref failed, 1);
                throw;
            }
        }
    }
}
