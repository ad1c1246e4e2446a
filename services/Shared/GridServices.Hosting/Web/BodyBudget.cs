using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using Microsoft.AspNetCore.Http;

namespace GridServices.Hosting.Web;

/// <summary>
/// How many bytes of large bodies may be worked on at once: each takes several times its size until it is answered.
/// When the last of them is gone their memory is given back.
/// </summary>
internal sealed class BodyBudget(TimeProvider time) : IDisposable
{
    /// <summary>Up to here a body counts as small and is not counted.</summary>
    internal const int SmallBytes = 256 * 1024;

    private const long MostBytes = 48L * 1024 * 1024;
    private static readonly TimeSpan QuietBeforeReturn = TimeSpan.FromSeconds(2);
    private readonly Lock _lock = new();
    private ITimer? _return;
    private long _taken;

    /// <summary>Bytes being worked on now.</summary>
    internal long Taken => Volatile.Read(ref _taken);

    /// <summary>Takes a share until the request has ended.</summary>
    /// <exception cref="ProblemException">BACKPRESSURE: others are being worked on.</exception>
    internal void Acquire(HttpContext context, int bytes)
    {
        lock (_lock)
        {
            if (_taken > 0 && _taken + bytes > MostBytes)
            {
                throw new ProblemException(ErrorClass.Backpressure, "Too many large bodies are being read at once; send this again in a moment, or in smaller pieces.")
                {
                    RetryAfter = TimeSpan.FromSeconds(1),
                };
            }

            _taken += bytes;
        }

        context.Response.RegisterForDispose(new Share(this, bytes));
    }

    public void Dispose() => _return?.Dispose();

    private void Release(int bytes)
    {
        lock (_lock)
        {
            _taken -= bytes;
            if (_taken == 0)
            {
                _return?.Dispose();
                _return = time.CreateTimer(_ => ReturnMemory(), null, QuietBeforeReturn, Timeout.InfiniteTimeSpan);
            }
        }
    }

    // The collector keeps what it once had: a burst of large bodies would stay in the process for good.
    private void ReturnMemory()
    {
        if (Taken == 0)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
    }

    private sealed class Share(BodyBudget budget, int bytes) : IDisposable
    {
        private int _over;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _over, 1) == 0)
            {
                budget.Release(bytes);
            }
        }
    }
}
