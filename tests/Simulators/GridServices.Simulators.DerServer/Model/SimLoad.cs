using System.Xml.Linq;
using NodaTime;

namespace GridServices.Simulators.DerServer.Model;

/// <summary>A demand response program of the simulated utility, for all devices.</summary>
public sealed class SimLoadProgram
{
    /// <summary>In its address: <c>/edev/{d}/drp/{Number}</c>.</summary>
    public required int Number { get; init; }

    public required string MRid { get; init; }

    public required byte Primacy { get; init; }

    /// <summary>The function set assignment it belongs to.</summary>
    public required int Fsa { get; init; }

    /// <summary>Change it through the utility.</summary>
    public List<SimLoadControl> Controls { get; } = [];
}

/// <summary>An EndDeviceControl.</summary>
public sealed class SimLoadControl
{
    public required int Number { get; init; }

    public required string MRid { get; init; }

    public required Instant Created { get; init; }

    public required Instant Start { get; init; }

    public required Duration Length { get; init; }

    public required SimLoadWish Wish { get; init; }

    public Instant? CancelledAt { get; set; }

    /// <summary>When another of the program took over; null = never.</summary>
    public Instant? SupersededAt { get; set; }

    public Instant End => Start + Length;

    /// <summary>currentStatus at a time.</summary>
    public int StatusAt(Instant now) => CancelledAt is not null ? 2 : SupersededAt <= now ? 4 : now < Start ? 0 : 1;
}

/// <summary>What an EndDeviceControl asks; what is null is not said.</summary>
public sealed record SimLoadWish
{
    /// <summary>DeviceCategory bits, hex.</summary>
    public string DeviceCategory { get; init; } = "00004000";

    public bool Mandatory { get; init; }

    /// <summary>loadShiftForward.</summary>
    public bool Raise { get; init; }

    /// <summary>UnitType of <see cref="Reduction"/>: 0 kWh, 1 kW, 2 W.</summary>
    public int Unit { get; init; } = 2;

    /// <summary>TargetReduction.</summary>
    public int? Reduction { get; init; }

    /// <summary>Per cent.</summary>
    public int? DutyCycle { get; init; }

    /// <summary>loadAdjustmentPercentageOffset, hundredths of a per cent.</summary>
    public int? LoadOffset { get; init; }

    /// <summary>Hundredths of a degree.</summary>
    public int? CoolingSetpoint { get; init; }

    /// <summary>ApplianceLoadReduction.</summary>
    public int? Appliance { get; init; }

    /// <summary>Seconds.</summary>
    public int? OverrideDuration { get; init; }

    public int? RandomizeStart { get; init; }

    /// <summary>Two hex digits; null = no responses wanted.</summary>
    public string? ResponseRequired { get; init; } = "07";
}

/// <summary>A LoadShedAvailability that a client told.</summary>
/// <param name="Device">Number of the device.</param>
/// <param name="Number">In its address.</param>
/// <param name="Xml">As last sent.</param>
public sealed record SimSheddable(int Device, int Number, XElement Xml);
