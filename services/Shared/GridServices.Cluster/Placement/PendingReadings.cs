using System.Security.Cryptography;
using GridServices.Contracts;
using GridServices.Hosting.Storage;

namespace GridServices.Cluster.Placement;

/// <summary>
/// The readings that a key takes: it may wait for its exchange with the utility, its callers do not. While a request runs its grain can't be ended for a move,
/// and a caller hears nothing after ten seconds. One that comes again with the same readings joins what is under way, or hears what became of it.
/// Not for several threads: a grain has one at a time.
/// </summary>
internal sealed class PendingReadings(TimeProvider time)
{
    /// <summary>How long a caller waits.</summary>
    internal static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private (byte[] Of, Task<Exception?> Fault)? _last;

    /// <param name="items">The readings.</param>
    /// <param name="take">Applies and stores them.</param>
    /// <param name="name">Of the key, for people.</param>
    /// <exception cref="StoreUnavailableException">They are not applied yet, or earlier ones are being applied still: they come again.</exception>
    public async Task ApplyAsync(byte[] items, Func<byte[], Task> take, string name)
    {
        var of = SHA256.HashData(items);
        if (_last is not { } held || !held.Of.AsSpan().SequenceEqual(of))
        {
            if (_last is { Fault.IsCompleted: false })
            {
                throw new StoreUnavailableException($"{name} is taking earlier readings still; these come again.");
            }

            held = (of, AttemptAsync(items, take));
            _last = held;
        }

        if (await FaultAsync(held.Fault, name) is { } fault)
        {
            // Told to all that wait; whoever comes next tries anew.
            _last = _last is { } last && last.Fault == held.Fault ? null : _last;
            throw new StoreUnavailableException(fault is StoreUnavailableException ? fault.Message : $"{name} does not take its readings now: {SafeText.Line(fault.Message)}", fault);
        }
    }

    private async Task<Exception?> FaultAsync(Task<Exception?> underWay, string name)
    {
        try
        {
            return await underWay.WaitAsync(Longest, time);
        }
        catch (TimeoutException early)
        {
            throw new StoreUnavailableException($"{name} takes its readings after its exchange with the utility; they come again.", early);
        }
    }

    /// <summary>As a value: nobody may be waiting for it any more.</summary>
    private static async Task<Exception?> AttemptAsync(byte[] items, Func<byte[], Task> take)
    {
        try
        {
            await take(items);
            return null;
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            return fault;
        }
    }
}
