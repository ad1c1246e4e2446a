using NodaTime;

namespace GridServices.Simulators.DerServer.Model;

/// <summary>A tariff of the simulated utility, in one function set assignment, for all devices.</summary>
public sealed class SimTariff
{
    /// <summary>In its address: <c>/edev/{d}/tp/{Number}</c>.</summary>
    public required int Number { get; init; }

    public required string MRid { get; init; }

    public required byte Primacy { get; set; }

    public required int Fsa { get; init; }

    /// <summary>ISO 4217 number; null = not said.</summary>
    public int? Currency { get; set; } = 36;

    /// <summary>pricePowerOfTenMultiplier.</summary>
    public int Multiplier { get; set; }

    /// <summary>True: CSIP-AUS 1.3 shows the intervals of all components in one list.</summary>
    public bool IsCombined { get; set; } = true;

    public List<SimRateComponent> Components { get; } = [];
}

/// <summary>A component of a tariff.</summary>
public sealed class SimRateComponent
{
    public required int Number { get; init; }

    public required string MRid { get; init; }

    /// <summary>1 = forward (import), 19 = reverse (export); null = not said.</summary>
    public int? FlowDirection { get; init; }

    /// <summary>72 = Wh.</summary>
    public int Uom { get; init; } = 72;

    /// <summary>powerOfTenMultiplier of the reading type.</summary>
    public int Multiplier { get; init; }

    public int? Commodity { get; init; }

    public List<SimPrice> Intervals { get; } = [];
}

/// <summary>An interval of prices.</summary>
public sealed class SimPrice
{
    public required int Number { get; init; }

    public required string MRid { get; init; }

    public required Instant Created { get; init; }

    public required Instant Start { get; init; }

    public required Duration Length { get; init; }

    /// <summary>Prices and the consumption from which they count, in powers of ten of tariff and reading type.</summary>
    public required IReadOnlyList<(long From, int Price)> Blocks { get; init; }

    public int? RandomizeStart { get; init; }

    public Instant End => Start + Length;

    public Instant? CancelledAt { get; set; }

    /// <summary>currentStatus at a time.</summary>
    public int StatusAt(Instant now) => CancelledAt is not null ? 2 : now < Start ? 0 : 1;
}
