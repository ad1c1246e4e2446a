using GridServices.Contracts;
using GridServices.Hosting.Refusals;

namespace GridServices.Ieee2030Dot5.Service.Driver;

/// <summary>
/// Looks at the database for whom a notification is about. Anyone may send one: only two look at once, so that the cluster's signs of life find room there,
/// and who would wait longer than two seconds, or behind more than 64 others, is asked to send it again.
/// </summary>
/// <param name="time">For the waiting.</param>
/// <param name="isClosed">True: notifications come to the listener for mutual TLS, and those at the API's port are answered 404 unlooked.</param>
internal sealed class NotificationLookupLimiter(TimeProvider time, bool isClosed) : IDisposable
{
    private const int AtOnce = 2;
    private const int MostWaiting = 64;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);
    private readonly SemaphoreSlim _places = new(AtOnce, AtOnce);
    private int _waiting;

    public bool IsClosed => isClosed;

    /// <exception cref="ProblemException">503: too many look already.</exception>
    public async Task<T> RunAsync<T>(Func<Task<T>> look, CancellationToken ct)
    {
        await AcquireAsync(ct);
        try
        {
            return await look();
        }
        finally
        {
            _places.Release();
        }
    }

    public void Dispose() => _places.Dispose();

    private async Task AcquireAsync(CancellationToken ct)
    {
        if (_places.Wait(0, CancellationToken.None))
        {
            return;
        }

        using var patience = new CancellationTokenSource(LongestWait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        try
        {
            if (Interlocked.Increment(ref _waiting) > MostWaiting)
            {
                throw Busy();
            }

            await _places.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw Busy();
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private static ProblemException Busy() =>
        new(ErrorClass.Unavailable, "Too many notifications come at once; send it again.") { RetryAfter = TimeSpan.FromSeconds(5) };
}
