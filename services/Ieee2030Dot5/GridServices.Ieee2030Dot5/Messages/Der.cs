using System.Runtime.InteropServices;

namespace GridServices.Ieee2030Dot5.Messages;

/// <summary>A distributed energy resource of an end device.</summary>
public sealed record Der : Resource
{
    public ListLink? AssociatedDerProgramListLink { get; init; }

    public Link? AssociatedUsagePointLink { get; init; }

    public Link? CurrentDerProgramLink { get; init; }

    public Link? DerAvailabilityLink { get; init; }

    public Link? DerCapabilityLink { get; init; }

    public Link? DerSettingsLink { get; init; }

    public Link? DerStatusLink { get; init; }
}

public sealed record DerList : ResourceList<Der>;

/// <summary>The state of a DER. Every value stands with the Unix seconds since when it holds.</summary>
public sealed record DerStatus : Resource
{
    /// <summary>AlarmStatus bits.</summary>
    public uint? AlarmStatus { get; init; }

    /// <summary>Bit 0 connected, 1 available, 2 operating, 3 test, 4 fault.</summary>
    public TimedValue<byte>? GenConnectStatus { get; init; }

    /// <summary>0 n/a, 1 off, 2 sleeping, 3 starting, 4 tracking MPPT, 5 forced reduction, 6 shutting down, 7 fault, 8 standby, 9 test, 10 manufacturer's.</summary>
    public TimedValue<byte>? InverterStatus { get; init; }

    /// <summary>0 local, 1 remote.</summary>
    public TimedValue<byte>? LocalControlModeStatus { get; init; }

    /// <summary>At most 6 characters.</summary>
    public TimedText? ManufacturerStatus { get; init; }

    /// <summary>0 n/a, 1 off, 2 operational, 3 test; 100 to 108 the demand response modes of CSIP-AUS.</summary>
    public TimedValue<byte>? OperationalModeStatus { get; init; }

    /// <summary>Unix seconds.</summary>
    public required long ReadingTime { get; init; }

    /// <summary>Hundredths of a per cent.</summary>
    public TimedValue<int>? StateOfChargeStatus { get; init; }

    /// <summary>0 charging, 1 discharging, 2 holding.</summary>
    public TimedValue<byte>? StorageModeStatus { get; init; }

    /// <summary>Bits as of <see cref="GenConnectStatus"/>.</summary>
    public TimedValue<byte>? StorConnectStatus { get; init; }
}

/// <summary>A value and since when it holds (Unix seconds).</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct TimedValue<T>(T Value, long DateTime)
    where T : struct;

/// <summary>A text and since when it holds (Unix seconds).</summary>
public sealed record TimedText(string Value, long DateTime);

/// <summary>What a DER could give or take beyond the present.</summary>
public sealed record DerAvailability : Resource
{
    /// <summary>Seconds.</summary>
    public long? AvailabilityDuration { get; init; }

    /// <summary>Seconds.</summary>
    public long? MaxChargeDuration { get; init; }

    /// <summary>Unix seconds.</summary>
    public required long ReadingTime { get; init; }

    /// <summary>Hundredths of a per cent.</summary>
    public int? ReserveChargePercent { get; init; }

    /// <summary>Hundredths of a per cent.</summary>
    public int? ReservePercent { get; init; }

    /// <summary>var.</summary>
    public Quantity? StatVarAvail { get; init; }

    public ActivePower? StatWAvail { get; init; }
}
