using System.Runtime.InteropServices;

namespace GridServices.FrequencyResponse.Safety;

/// <summary>The right to command a pool: held by one process at a time, numbered so that a late command of an earlier holder is recognised.</summary>
/// <param name="Token">Fencing token, rises with every grant; 0 = never granted.</param>
/// <param name="UntilNanos">End of the grant on the holder's monotonic clock, exclusive.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct WriterLease(long Token, long UntilNanos)
{
    public static WriterLease None => default;

    public bool IsHeld(long nowNanos) => Token > 0 && nowNanos < UntilNanos;
}

/// <summary>At the receiving end: passes commands of the newest holder only.</summary>
public sealed class CommandFence
{
    private long _highest;

    /// <summary>The highest token seen.</summary>
    public long Highest => Interlocked.Read(ref _highest);

    /// <summary>False for a command of a holder that has been superseded; safe from several threads.</summary>
    public bool Admits(long token)
    {
        for (var seen = Interlocked.Read(ref _highest); token > seen; seen = Interlocked.Read(ref _highest))
        {
            if (Interlocked.CompareExchange(ref _highest, token, seen) == seen)
            {
                return true;
            }
        }

        return token > 0 && token == Interlocked.Read(ref _highest);
    }
}
