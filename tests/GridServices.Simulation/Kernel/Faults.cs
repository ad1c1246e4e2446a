using NodaTime;

namespace GridServices.Simulation.Kernel;

/// <summary>
/// Which faults a run has and how often, drawn from its seed. They come in storms; between two storms is a calm in which everything must come right again:
/// <code>
///   0      3 min        8 min      13 min       18 min …
///   ├─calm───┼──storm──────┼──calm────┼──storm──────┼─ …
///                              └ after Settled: the strict checks
/// </code>
/// </summary>
internal sealed record Faults
{
    private static readonly Duration FirstCalm = Duration.FromMinutes(3);
    private static readonly Duration Storm = Duration.FromMinutes(5);
    private static readonly Duration Calm = Duration.FromMinutes(6);

    /// <summary>How long after a storm, or after a utility's order, everything has come right: the delivery bound of docs/simulation.md.</summary>
    public static Duration Settled { get; } = Duration.FromMinutes(3);

    public static Duration Span(int storms) => FirstCalm + ((Storm + Calm) * storms) - Duration.FromSeconds(1);

    /// <summary>Of messages.</summary>
    public double Loss { get; init; }

    /// <summary>Of requests to the hub that a proxy repeats.</summary>
    public double Duplicate { get; init; }

    /// <summary>Of answers of a utility that can't be read.</summary>
    public double Garbage { get; init; }

    /// <summary>Of commits that are refused.</summary>
    public double StoreAway { get; init; }

    /// <summary>Of commits of which only the store knows whether they took place.</summary>
    public double StoreUnknown { get; init; }

    /// <summary>Of a process at each named step.</summary>
    public double Death { get; init; }

    /// <summary>Of a publisher's engine that is started on the other node, per minute.</summary>
    public double Takeover { get; init; }

    /// <summary>That a hub which died finds an older copy of its store.</summary>
    public double HubRestored { get; init; }

    /// <summary>That a publisher which died finds an older copy of its store.</summary>
    public double ServiceRestored { get; init; }

    /// <summary>Of a clock that is set, per minute and node.</summary>
    public double ClockStep { get; init; }

    /// <summary>Of a process that nobody reaches and that reaches nobody for a while, per minute and node.</summary>
    public double Partition { get; init; }

    /// <summary>Of a publication that is no honest one, per second.</summary>
    public double Intruder { get; init; }

    /// <summary>The longest delay of a message, ms.</summary>
    public int SlowestMs { get; init; } = 200;

    /// <summary>The furthest that a clock is ever wrong.</summary>
    public static Duration ClockError { get; } = Duration.FromSeconds(5);

    public static Faults Draw(RandomSource chance) => new()
    {
        Loss = Rate(chance, 0.2),
        Duplicate = Rate(chance, 0.1),
        Garbage = Rate(chance, 0.1),
        StoreAway = Rate(chance, 0.1),
        StoreUnknown = Rate(chance, 0.1),
        Death = Rate(chance, 0.01),
        Takeover = Rate(chance, 1),
        HubRestored = Rate(chance, 0.5),
        ServiceRestored = Rate(chance, 0.4),
        ClockStep = Rate(chance, 0.5),
        Partition = Rate(chance, 1),
        Intruder = Rate(chance, 0.2),
        SlowestMs = chance.Pick([50, 500, 5_000]),
    };

    public static bool IsStorm(Duration elapsed)
    {
        var into = elapsed - FirstCalm;
        return into >= Duration.Zero && Duration.FromTicks(into.TotalTicks % (Storm + Calm).TotalTicks) < Storm;
    }

    /// <summary>True where the last storm has been over for <see cref="Settled"/>.</summary>
    public static bool IsSettled(Duration elapsed) => !IsStorm(elapsed) && (elapsed < FirstCalm
        ? elapsed >= Settled - Duration.FromMinutes(1)
        : Duration.FromTicks((elapsed - FirstCalm).TotalTicks % (Storm + Calm).TotalTicks) >= Storm + Settled);

    // Each kind of fault is missing from half of the runs, so that it is seen what the others do alone.
    private static double Rate(RandomSource chance, double most) => chance.Happens(0.5) ? 0 : most * chance.Fraction();
}
