using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Response;
using GridServices.FrequencyResponse.Safety;
using GridServices.Wire;
using NodaTime;

namespace GridServices.FrequencyResponse;

/// <summary>A quantity of one service, sold for certain times.</summary>
public sealed record ServiceContract
{
    public required string Id { get; init; }
    public required ServiceDefinition Service { get; init; }

    /// <summary>Contracted quantity, W &gt; 0.</summary>
    public required long QuantityW { get; init; }

    /// <summary>When it is procured: half-open, UTC, sorted, apart or touching. Outside them it contributes nothing.</summary>
    public required ValueList<Interval> Windows { get; init; }

    /// <summary>Null = as the service needs it (see <see cref="Response.ServiceDefaults"/>).</summary>
    public Shaping? Shaping { get; init; }

    /// <summary>Null = from the numbers of the service. For switched services only.</summary>
    public SwitchedRules? Switched { get; init; }

    /// <summary>Null = not used.</summary>
    public FreedomRules? Freedom { get; init; }

    /// <summary>Most that is ever delivered, share of the quantity.</summary>
    public double OverDelivery { get; init; } = 1;

    /// <summary>Equal steps each way of a relay-type resource; 0 = continuous.</summary>
    public int RelaySteps { get; init; }

    /// <summary>Oldest sample that may drive it; null = from the service.</summary>
    public Duration? SampleAgeLimit { get; init; }

    /// <summary>Oldest regulation signal that may drive it; for signal services only.</summary>
    public Duration SignalAgeLimit { get; init; } = Duration.FromSeconds(10);

    /// <summary>What happens after its signal is lost; for signal services only. Null = as the pool does when a measurement is lost.</summary>
    public FailSafeRules? SignalLost { get; init; }
}
