using GridServices.Wire;

namespace GridServices.Ieee2030Dot5.Messages;

/// <summary>An event of demand response: for an interval of server time loads are to draw less, or, with <see cref="LoadShiftForward"/>, more.</summary>
public sealed record EndDeviceControl : Resource
{
    /// <summary>Hex as sent; compare ignoring case.</summary>
    public required string MRid { get; init; }

    public string? Description { get; init; }

    public int? Version { get; init; }

    /// <summary>Unix seconds.</summary>
    public required long CreationTime { get; init; }

    public required EventStatus EventStatus { get; init; }

    /// <summary>Without randomisation. Not empty.</summary>
    public required DateTimeInterval Interval { get; init; }

    /// <summary>Seconds, -3,600 to 3,600: draw within [0, value].</summary>
    public int? RandomizeDuration { get; init; }

    /// <summary>Seconds, -3,600 to 3,600: draw within [0, value].</summary>
    public int? RandomizeStart { get; init; }

    /// <summary>ENERGY STAR appliances: 0 delay the load, 1 reduce it for a while.</summary>
    public byte? ApplianceLoadReduction { get; init; }

    /// <summary>DeviceCategory bits the control is meant for; 0 = said of none.</summary>
    public required uint DeviceCategory { get; init; }

    /// <summary>True: the service provider counts it as mandatory.</summary>
    public bool DrProgramMandatory { get; init; }

    /// <summary>Most of the time that a load may be on, whole per cent as sent.</summary>
    public byte? DutyCycle { get; init; }

    /// <summary>True: consumption is to rise, not to fall.</summary>
    public bool LoadShiftForward { get; init; }

    public LoadOffset? Offset { get; init; }

    /// <summary>Seconds for which people may override it and still count as having taken part; null = 0.</summary>
    public int? OverrideDuration { get; init; }

    public TemperatureSetPoint? SetPoint { get; init; }

    public TargetReduction? TargetReduction { get; init; }

    /// <summary>Where responses go, as sent; null = nowhere.</summary>
    public string? ReplyTo { get; init; }

    /// <summary>Bit 0 received, bit 1 specific (started, completed, …), bit 2 user; null = none asked.</summary>
    public byte? ResponseRequired { get; init; }

    /// <summary>Parts that decide no limit and could not be read, by their names on the wire; they are left out.</summary>
    public ValueList<string> Illegible { get; init; } = [];
}

public sealed record EndDeviceControlList : ResourceList<EndDeviceControl>;

/// <summary>Changes of what is set otherwise.</summary>
/// <param name="Cooling">Tenths of a degree Celsius.</param>
/// <param name="Heating">Tenths of a degree Celsius.</param>
/// <param name="LoadPercent">loadAdjustmentPercentageOffset: hundredths of a per cent by which the load is to be less.</param>
public sealed record LoadOffset(byte? Cooling, byte? Heating, int? LoadPercent);

/// <summary>Temperatures to hold.</summary>
/// <param name="Cooling">Hundredths of a degree Celsius.</param>
/// <param name="Heating">Hundredths of a degree Celsius.</param>
public sealed record TemperatureSetPoint(int? Cooling, int? Heating);

/// <summary>How much less is to be consumed.</summary>
/// <param name="Unit">UnitType: 0 kWh over the event, 1 kW, 2 W; others are gas, water and heat.</param>
/// <param name="Value">0 to 65,535.</param>
public sealed record TargetReduction(byte Unit, int Value)
{
    public const byte KilowattHours = 0;
    public const byte Kilowatts = 1;
    public const byte Watts = 2;
}

/// <summary>A response to an EndDeviceControl.</summary>
public sealed record DrResponse : Response
{
    /// <summary>Seconds for which people overrode it; null where they did not.</summary>
    public int? OverrideDuration { get; init; }
}
