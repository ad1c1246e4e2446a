using NodaTime;

namespace GridServices.Tariffs.Demand;

/// <summary>The state of one demand line at one meter.</summary>
public sealed record DemandState
{
    /// <summary>Up to here readings are taken in.</summary>
    public required Instant AsOf { get; init; }

    public required string Charge { get; init; }

    /// <summary>The period of the window that binds; null when nothing is to pay now.</summary>
    public required string? Period { get; init; }

    public required Instant WindowStart { get; init; }
    public required Instant WindowEnd { get; init; }
    public required decimal EnergyInWindowKwh { get; init; }

    /// <summary>Whether kVA are paid: peak, floor and target are kVA then, and the headroom is what may be drawn of kW.</summary>
    public bool IsApparent { get; init; }

    /// <summary>kVA: reactive energy in the window, signed, as far as it is known.</summary>
    public decimal? KvarhInWindow { get; init; }

    /// <summary>kVA: what was taken for kvar that nobody has measured.</summary>
    public string? Assumed { get; init; }

    /// <summary>Why there is no headroom although something is to pay; null = nothing is unknown.</summary>
    public string? Unknown { get; init; }

    /// <summary>kVA: finished windows of the cycle that set no peak because their kvar are not known; the peak may be higher.</summary>
    public int WindowsWithoutKvar { get; init; }

    /// <summary>Time of the window that no reading covers: it counts as drawn at the target.</summary>
    public required decimal UnknownSeconds { get; init; }

    /// <summary>Highest finished window of the period in this billing cycle.</summary>
    public required decimal PeakToDateKw { get; init; }

    public Instant? PeakAt { get; init; }

    /// <summary>What is billed anyway: ratchet, minimum or contract.</summary>
    public required decimal FloorKw { get; init; }

    /// <summary>What no window should exceed.</summary>
    public required decimal TargetKw { get; init; }

    /// <summary>Price of one kW (kVA) above what is paid for, in this cycle, before riders and taxes.</summary>
    public required decimal MarginalPrice { get; init; }

    /// <summary>What riders and taxes make of it.</summary>
    public required decimal OnTopFactor { get; init; }

    /// <summary>How often one more kW is paid in all, if a ratchet or a mean of months remembers it.</summary>
    public required decimal HorizonFactor { get; init; }

    /// <summary>When the peak to date is forgotten.</summary>
    public required Instant NextReset { get; init; }

    /// <summary>Headroom of the tightest open window (rolling windows: of all that are open); null when nothing is to pay.</summary>
    public required Headroom? Headroom { get; init; }

    /// <summary>
    /// What one kW above the headroom costs if it is drawn from now until the window ends: the window's mean rises by the share of the window that is left. With riders and taxes, over the
    /// horizon, without the energy's price. Null when nothing is to pay, or the window has ended and no reading has opened the next.
    /// </summary>
    public decimal? OneMoreKw(Instant now)
    {
        var from = now < WindowStart ? WindowStart : now;
        return Headroom is null || from >= WindowEnd
            ? null
            : MarginalPrice * Headroom.PerKw * OnTopFactor * HorizonFactor * (decimal)(WindowEnd - from).TotalSeconds / (decimal)(WindowEnd - WindowStart).TotalSeconds;
    }

    public bool IsStale(Instant now, Duration staleAfter) => now - AsOf > staleAfter;
}
