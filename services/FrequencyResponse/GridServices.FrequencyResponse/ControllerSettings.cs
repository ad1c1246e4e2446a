using GridServices.FrequencyResponse.Energy;
using GridServices.FrequencyResponse.Measurement;
using GridServices.FrequencyResponse.Safety;
using GridServices.Wire;

namespace GridServices.FrequencyResponse;

/// <summary>What an operator states about one pool; <see cref="ControllerConfig.Build"/> checks it and makes it fast.</summary>
public sealed record ControllerSettings
{
    /// <summary>At most <see cref="ControllerConfig.MaxSources"/>, in order of preference. A sample's Source is the index here.</summary>
    public required ValueList<SourceConfig> Sources { get; init; }

    /// <summary>At most <see cref="ControllerConfig.MaxServices"/>, all of one nominal frequency; their responses add up.</summary>
    public required ValueList<ServiceContract> Contracts { get; init; }

    /// <summary>Of a pool without contracts; with contracts theirs holds.</summary>
    public double NominalHz { get; init; } = 50;

    /// <summary>From the set-point to the power, measured: transport to the assets and their reaction. Counts against the delay of a shaped service.</summary>
    public long AssetDelayNanos { get; init; } = 150_000_000;

    /// <summary>Two valid sources further apart than this contradict one another; grown by what the frequency moves between their samples.</summary>
    public double VoteToleranceHz { get; init; } = 0.020;

    public FailSafeRules FailSafe { get; init; } = new();

    /// <summary>Null = no store whose energy has to be kept.</summary>
    public EnergyRules? Energy { get; init; }

    /// <summary>True: nothing is dispatched without a live lease.</summary>
    public bool LeaseRequired { get; init; }

    /// <summary>A new set-point is dispatched when it differs by more than this share of the whole contracted quantity: chatter of the last digit sends nothing.</summary>
    public double DispatchHysteresisPu { get; init; } = 0.0025;

    /// <summary>Set-points are at least this far apart; the newest one waits, not the oldest.</summary>
    public long DispatchSpacingNanos { get; init; } = 10_000_000;

    /// <summary>The same set-point is sent again after this, so that reversion timers of devices do not run out.</summary>
    public long RefreshNanos { get; init; } = 1_000_000_000;

    /// <summary>A step of the wall clock is believed only after it has stood this long and no trusted source contradicts it.</summary>
    public long ClockStepNanos { get; init; } = 60_000_000_000;
}

/// <summary>A statement that can't be run, and how to fix it.</summary>
/// <param name="Path">Where it stands, e.g. <c>contracts[0].windows</c>.</param>
/// <param name="Detail">What is wrong and how to fix it.</param>
public sealed record SettingsFault(string Path, string Detail);

/// <summary>Either a config or every fault of the settings.</summary>
public sealed record ControllerBuild(ControllerConfig? Config, IReadOnlyList<SettingsFault> Faults);
