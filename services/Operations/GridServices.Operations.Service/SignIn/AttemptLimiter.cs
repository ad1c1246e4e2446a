using System.Collections.Concurrent;
using System.Net;

namespace GridServices.Operations.Service.SignIn;

/// <summary>How many attempts an address has: twenty at once, then one every three seconds. Accounts have a lock of their own.</summary>
internal sealed class AttemptLimiter(TimeProvider time)
{
    private const int Burst = 20;
    private const int MostAddresses = 10_000;
    private static readonly TimeSpan RefillOne = TimeSpan.FromSeconds(3);
    private readonly ConcurrentDictionary<IPAddress, (double Left, long At, bool Admitted)> _addresses = new();

    /// <summary>Takes one attempt. False: the address has to wait.</summary>
    internal bool TryAcquire(IPAddress? address)
    {
        if (_addresses.Count >= MostAddresses)
        {
            _addresses.Clear(); // forgetting is harmless, growing without end is not
        }

        var now = time.GetTimestamp();
        return _addresses.AddOrUpdate(address ?? IPAddress.None, _ => Acquire(Burst, now), (_, held) => Acquire(held.Left + (time.GetElapsedTime(held.At, now) / RefillOne), now)).Admitted;
    }

    private static (double Left, long At, bool Admitted) Acquire(double left, long now)
    {
        var admitted = left >= 1;
        return (Math.Min(Burst, left) - (admitted ? 1 : 0), now, admitted);
    }
}
