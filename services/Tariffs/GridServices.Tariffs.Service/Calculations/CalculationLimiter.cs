using GridServices.Contracts;
using GridServices.Hosting.Configuration;
using GridServices.Hosting.Refusals;

namespace GridServices.Tariffs.Service.Calculations;

/// <summary>At most so many calculations at once; others wait a while, then are told to come back.</summary>
internal sealed class CalculationLimiter : IDisposable
{
    private const int MostWaiting = 256;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly SemaphoreSlim turns;
    private readonly TimeSpan patience;
    private int waiting;

    public CalculationLimiter(CalculationOptions options)
        : this(options.Calculations ?? Environment.ProcessorCount, Patience)
    {
    }

    internal CalculationLimiter(int most, TimeSpan patience) => (turns, this.patience) = (new SemaphoreSlim(Math.Max(1, most)), patience);

    /// <exception cref="ProblemException">BACKPRESSURE: no turn came in time.</exception>
    public async Task<IDisposable> AcquireAsync(CancellationToken ct)
    {
        try
        {
            if (Interlocked.Increment(ref waiting) <= MostWaiting && await turns.WaitAsync(patience, ct))
            {
                return new Slot(turns);
            }
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }

        throw new ProblemException(ErrorClass.Backpressure, "Too many calculations are under way; try again in a few seconds, or use a billing run for many meters.");
    }

    /// <summary>Who waits for a turn now.</summary>
    internal int Waiting => Volatile.Read(ref waiting);

    public void Dispose() => turns.Dispose();

    private sealed class Slot(SemaphoreSlim turns) : IDisposable
    {
        private SemaphoreSlim? held = turns;

        public void Dispose() => Interlocked.Exchange(ref held, null)?.Release();
    }
}

/// <summary>How much is calculated at once.</summary>
internal sealed record CalculationOptions : ISettings
{
    public static string Section => "Limits";

    /// <summary>Calculations at once; where it is unset: as many as there are processors. Others wait up to 10 s, then get BACKPRESSURE.</summary>
    public int? Calculations { get; init; }

    public IEnumerable<string> Validate() => Calculations is { } most ? Bounds.AtLeastOne("Limits:Calculations", most) : [];
}
