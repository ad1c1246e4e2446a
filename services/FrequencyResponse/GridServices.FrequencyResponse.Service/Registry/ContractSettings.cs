using System.Text.Json;
using System.Text.Json.Serialization;
using GridServices.Contracts;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Registry;

/// <summary>What was sold: a service, how much of it, when, and with which assets.</summary>
public sealed record ContractSettings
{
    /// <summary>Id of the catalog, e.g. GB-DCL; absent with <see cref="Custom"/>.</summary>
    public string? Service { get; init; }

    /// <summary>A service of one's own in place of the catalog's: corners, a trigger, a droop, a signal or instructions; see docs/frequency.md.</summary>
    public JsonElement? Custom { get; init; }

    public required string SiteId { get; init; }

    /// <summary>W; or <see cref="QuantityMw"/>.</summary>
    public long? QuantityW { get; init; }

    /// <summary>MW; or <see cref="QuantityW"/>.</summary>
    public decimal? QuantityMw { get; init; }

    /// <summary>When it is procured, half-open; outside of them it is not delivered.</summary>
    public required IReadOnlyList<ArmingWindow> Windows { get; init; }

    /// <summary>Assets of the same site. Contracts that share assets must share all of them: they are stacked on one pool.</summary>
    public required IReadOnlyList<string> Assets { get; init; }

    /// <summary>One source; two = voting (both must agree), three = the middle one.</summary>
    public required IReadOnlyList<string> Sources { get; init; }

    /// <summary>Power of the pool without response, W, + = charge or import. Contracts on one pool add theirs.</summary>
    public long BaselineW { get; init; }

    /// <summary>The grid connection, where its room is to be reserved for the response.</summary>
    public ConnectionSettings? Connection { get; init; }

    /// <summary>How the response reaches the assets through the hub.</summary>
    public DeliveryKind Delivery { get; init; }

    /// <summary>Boundary of the target envelope; absent: the asset itself, or the pool as an EVSE group or circuit named by the contract.</summary>
    public EnvelopeTarget? Target { get; init; }

    public Tier Tier { get; init; } = Tier.Contractual;

    /// <summary>Follow the limits that others state for the site at the hub.</summary>
    public bool HonourLimits { get; init; } = true;

    /// <summary>Whole delay from grid to power to aim at, where the service's scorer wants one; absent: as the service's rule suits.</summary>
    public Duration? TotalDelay { get; init; }

    /// <summary>Most that is ever delivered, share of the quantity, 1..2: where the curve goes on beyond it.</summary>
    public decimal OverDelivery { get; init; } = 1;

    /// <summary>Equal steps each way of a relay-type resource; 0 = it takes any watt.</summary>
    public int RelaySteps { get; init; }

    /// <summary>The German degrees of freedom of FCR; absent: not used.</summary>
    public FreedomSettings? Freedom { get; init; }

    /// <summary>Trigger, support, release and re-arming of a switched service; absent: as its own numbers say.</summary>
    public SwitchedSettings? Switched { get; init; }

    /// <summary>What happens when the signal of a signal service is lost; absent: held for 1 s, ramped to the baseline within 2 s.</summary>
    public SignalSettings? Signal { get; init; }

    /// <summary>Instructions or signals come over MQTT, too; absent: over HTTP only.</summary>
    public MqttSettings? Mqtt { get; init; }

    /// <summary>
    /// The planned baselines (GET …/baseline) are submitted to the grid operator before their gate. False: the baseline is never moved to win energy back.
    /// </summary>
    public bool SubmitsBaseline { get; init; }

    /// <summary>Length of a settlement period; absent: half an hour for GB services, else a quarter.</summary>
    public Duration? SettlementPeriod { get; init; }

    /// <summary>What the service's terms say about declared outages; absent: 65 minutes of notice, and what was declared later counts as not delivered.</summary>
    public OutageTerms? Outages { get; init; }

    /// <summary>For settlement.</summary>
    public PriceSettings? Price { get; init; }

    /// <summary>What is taken beyond the payment that is lost; absent: not stated, nothing is forecast.</summary>
    public PenaltyTerms? Penalties { get; init; }
}

/// <summary>Half-open [from, until); until null = no end, in the last one only.</summary>
public sealed record ArmingWindow(Instant From, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] Instant? Until);

/// <summary>What the site may draw and feed in at its connection, W; absent = not stated, nothing is reserved there.</summary>
public sealed record ConnectionSettings
{
    public long? ImportW { get; init; }

    public long? ExportW { get; init; }
}

/// <summary>What is published as the pool's target.</summary>
public enum DeliveryKind
{
    /// <summary>Set-points, at the start and end of an activation and when the power moves by a step.</summary>
    Setpoint,

    /// <summary>The curve itself, for the site controller to run: for fast services behind slow lines.</summary>
    Droop,
}

/// <summary>What the contract pays.</summary>
public sealed record PriceSettings
{
    /// <summary>ISO 4217.</summary>
    public required string Currency { get; init; }

    public decimal PerMwHour { get; init; }

    /// <summary>Per kWh delivered (export positive); 0 where energy is not settled apart.</summary>
    public decimal EnergyPerKwh { get; init; }
}
