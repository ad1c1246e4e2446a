using System.Collections.Concurrent;
using GridServices.Hosting.Storage;

namespace GridServices.Operations.Service.Clients;

/// <summary>What fails in one run of a job: it keeps nothing from the others, and the run fails at its end, so that it is told.</summary>
internal sealed class RunFaults(CancellationToken ct)
{
    private const int MostTold = 10;
    private readonly ConcurrentQueue<Exception> _faults = new();

    /// <summary>Does a part that is on its own. A store that is away is no fault of the part, and ends the run.</summary>
    /// <param name="what">The part, for people.</param>
    /// <param name="work">To be done.</param>
    internal async Task IsolateAsync(string what, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception fault) when (fault is not (OutOfMemoryException or StoreUnavailableException) && !ct.IsCancellationRequested)
        {
            Note(what, fault);
        }
    }

    /// <summary>A part that was left out: the run fails for it too.</summary>
    /// <param name="what">The part, for people.</param>
    /// <param name="fault">Why it was left out.</param>
    internal void Note(string what, Exception fault) => _faults.Enqueue(new InvalidOperationException($"{what}: {fault.Message}", fault));

    /// <summary>All that failed so far, each with its part's name.</summary>
    internal IEnumerable<Exception> All => _faults;

    /// <exception cref="AggregateException">Something failed: how much, and the first of it.</exception>
    internal void ThrowIfAny()
    {
        if (!_faults.IsEmpty)
        {
            throw new AggregateException($"{_faults.Count} failed, and the rest is done; they are tried again at the next run.", _faults.Take(MostTold));
        }
    }
}
