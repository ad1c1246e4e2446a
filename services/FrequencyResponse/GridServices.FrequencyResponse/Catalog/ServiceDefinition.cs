using System.Collections.Frozen;
using GridServices.FrequencyResponse.Curves;

namespace GridServices.FrequencyResponse.Catalog;

/// <summary>Which way a service moves the frequency.</summary>
public enum ResponseDirection
{
    /// <summary>Raises it: injects more or imports less.</summary>
    Raise,

    /// <summary>Lowers it: injects less or imports more.</summary>
    Lower,
    Both,
}

/// <summary>How a service's response arises.</summary>
public enum ServiceKind
{
    /// <summary>Follows a curve at every sample, without memory.</summary>
    Continuous,

    /// <summary>Armed; latches at a trigger, is held, then let go.</summary>
    Switched,

    /// <summary>Follows a signal sent by the grid operator, not the frequency.</summary>
    Signal,

    /// <summary>Delivers what the grid operator instructs: how much, from when, until when or until a cease.</summary>
    Instruction,
}

/// <summary>How what was delivered is judged.</summary>
public enum SettlementRule
{
    None, GbDynamic, StaticHold, FcrBand, NordicFcr, FastReserve, PjmRegulation, AemoContingency, RollingDroop,
}

/// <summary>One frequency service: its curve, its numbers, and how well each is known.</summary>
/// <remarks>Immutable. Responses are shares of the contracted quantity, + = raise the frequency.</remarks>
public sealed record ServiceDefinition
{
    /// <summary>Stable name, e.g. <c>GB-DCL</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The name for people.</summary>
    public required string Name { get; init; }

    /// <summary>Nominal frequency of the system it belongs to, 50 or 60 Hz.</summary>
    public required double NominalHz { get; init; }
    public required ResponseDirection Direction { get; init; }

    /// <summary>Which way a contract for it moves the frequency, where its curve is stated both ways; null: as <see cref="Direction"/> says.</summary>
    public ResponseDirection? ContractDirection { get; init; }
    public required ServiceKind Kind { get; init; }
    public required ResponseShape Shape { get; init; }
    public SettlementRule Settlement { get; init; }

    /// <summary>Every number but the curve's corners, by <see cref="NumberNames"/>.</summary>
    public FrozenDictionary<string, SourcedNumber> Numbers { get; init; } = FrozenDictionary<string, SourcedNumber>.Empty;

    /// <summary>When it is, was or will be sold in this form; null = no end is known.</summary>
    public ServiceValidity? Validity { get; init; }

    /// <summary>The name that all forms of one product share; null = there is this one only.</summary>
    public string? Product { get; init; }

    /// <summary>What else a reader must know, e.g. a choice where the rule is silent.</summary>
    public string? Note { get; init; }

    /// <summary>The response by frequency; null where the service has none (a signal, a rule in time only).</summary>
    public ResponseCurve? Curve { get; private init; }

    public double? InitiationSeconds => Value(NumberNames.InitiationSeconds);

    public double? FullActivationSeconds => Value(NumberNames.FullActivationSeconds);

    /// <summary>Instructions: from 0 to the whole quantity; stated, or half of the time to full delivery, so that what the assets need on top still fits.</summary>
    public double RampSeconds => Value(NumberNames.RampSeconds) ?? ((FullActivationSeconds ?? 0) / 2);

    public double? DurationSeconds => Value(NumberNames.DurationSeconds);

    /// <summary>Oldest sample that may drive the service; every built-in service states one.</summary>
    public double? SampleAgeLimitSeconds => Value(NumberNames.SampleAgeLimitSeconds);

    /// <summary>Coarsest step of the frequency measurement that may drive the service.</summary>
    public double? ResolutionHz => Value(NumberNames.ResolutionHz);

    /// <summary>Capacity kept free in the opposite direction, share of the quantity.</summary>
    public double? ReservedCapacity => Value(NumberNames.ReservedCapacity);
    public double? RecoverySharePerPeriod => Value(NumberNames.RecoverySharePerPeriod);

    /// <summary>Where a switched service triggers.</summary>
    public double? TriggerHz => Value(NumberNames.TriggerHz);

    /// <summary>True where the curve gives changes around the power before a disturbance (IEEE 1547, IEEE 2030.5).</summary>
    public bool AroundPreDisturbance => Shape is DroopShape { Kind: DroopKind.Ieee1547 };

    /// <summary>A number of the service, or null where no rule states one.</summary>
    public double? Value(string name) => Numbers.TryGetValue(name, out var number) ? number.Value : null;

    /// <summary>The service as a contract for it responds.</summary>
    public ServiceDefinition AsContracted() => ContractDirection is { } direction ? (this with { Direction = direction, ContractDirection = null }).Drawn() : this;

    /// <summary>The same service with its curve drawn from its shape and numbers.</summary>
    internal ServiceDefinition Drawn() => this with { Curve = Shape.Draw(this) };
}
