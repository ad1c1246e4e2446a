using NodaTime;

namespace GridServices.Simulators.Vtn.Messages;

/// <summary>An event as a person writes it to <c>POST /sim/events</c>.</summary>
public sealed record EventDefinition
{
    public string? EventId { get; init; }

    /// <summary>The VEN it is for; null: every VEN.</summary>
    public string? VenId { get; init; }

    /// <summary><c>+PT2M</c> from now, or an instant.</summary>
    public string Start { get; init; } = "+PT0S";

    /// <summary>Null: the sum of the first signal's intervals. <c>PT0S</c>: open-ended (rule 47).</summary>
    public string? Duration { get; init; }

    public string? StartAfter { get; init; }
    public string? RampUp { get; init; }
    public string? Recovery { get; init; }
    public string? Notification { get; init; }
    public uint Priority { get; init; }
    public string MarketContext { get; init; } = "http://utility.example/dr";
    public string ResponseRequired { get; init; } = "always";
    public bool TestEvent { get; init; }
    public string? Comment { get; init; }
    public TargetDefinition Targets { get; init; } = new();
    public IReadOnlyList<SignalDefinition> Signals { get; init; } = [];

    public Duration TotalDuration => Duration is { } stated
        ? IsoText.ParseDuration(stated)
        : Signals.Count == 0
            ? NodaTime.Duration.Zero
            : Signals[0].Intervals.Aggregate(NodaTime.Duration.Zero, (sum, interval) => sum + IsoText.ParseDuration(interval.Duration));
}

/// <summary>Whom an event is for, beyond the VEN itself.</summary>
public sealed record TargetDefinition
{
    public IReadOnlyList<string> GroupIds { get; init; } = [];
    public IReadOnlyList<string> ResourceIds { get; init; } = [];

    /// <summary>Null: the VEN's own ID is written; an empty list writes none.</summary>
    public IReadOnlyList<string>? VenIds { get; init; }

    public IReadOnlyList<string> PartyIds { get; init; } = [];
}

/// <summary>One signal and its intervals.</summary>
public sealed record SignalDefinition
{
    public string Name { get; init; } = "SIMPLE";
    public string Type { get; init; } = "level";
    public string? Id { get; init; }
    public UnitDefinition? Unit { get; init; }
    public decimal? CurrentValue { get; init; }

    /// <summary>endDeviceAsset names, e.g. Electric_Vehicle (rule 111).</summary>
    public IReadOnlyList<string> DeviceClasses { get; init; } = [];

    public IReadOnlyList<IntervalDefinition> Intervals { get; init; } = [];
}

/// <summary>How long, and what.</summary>
public sealed record IntervalDefinition(string Duration, decimal Value);

/// <summary>The unit of a signal: powerReal, energyReal, currencyPerKWh, currencyPerKW, currency or customUnit.</summary>
public sealed record UnitDefinition
{
    public string Kind { get; init; } = "powerReal";
    public string? Units { get; init; }
    public string Scale { get; init; } = "none";
    public string? Description { get; init; }
}
