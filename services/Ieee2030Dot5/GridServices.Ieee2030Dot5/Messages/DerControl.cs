using System.Text.Json.Serialization;
using GridServices.Wire;

namespace GridServices.Ieee2030Dot5.Messages;

/// <summary>An event: for an interval of server time the modes in <see cref="Base"/> apply.</summary>
public sealed record DerControl : Resource
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

    public required DerControlBase Base { get; init; }

    /// <summary>DeviceCategory bits the control is meant for; null = all.</summary>
    public uint? DeviceCategory { get; init; }

    /// <summary>Where responses go, as sent; null = nowhere.</summary>
    public string? ReplyTo { get; init; }

    /// <summary>Bit 0 received, bit 1 specific (started, completed, …), bit 2 user; null = none asked.</summary>
    public byte? ResponseRequired { get; init; }

    /// <summary>Parts that decide no limit and could not be read, by their names on the wire; they are left out.</summary>
    public ValueList<string> Illegible { get; init; } = [];
}

public sealed record DerControlList : ResourceList<DerControl>;

/// <summary>What the server says about an event's state.</summary>
public sealed record EventStatus
{
    public required EventState CurrentStatus { get; init; }

    /// <summary>Unix seconds since when.</summary>
    public long DateTime { get; init; }

    public bool PotentiallySuperseded { get; init; }

    public long? PotentiallySupersededTime { get; init; }

    public string? Reason { get; init; }
}

/// <summary>currentStatus of an event. Values as on the wire.</summary>
public enum EventState
{
    Scheduled = 0,
    Active = 1,
    Cancelled = 2,
    CancelledWithRandomization = 3,
    Superseded = 4,

    /// <summary>Not in the 2018 edition; servers of a later one send it for events that are over.</summary>
    Completed = 5,
}

/// <summary>What applies where no event does. Optional numbers are hundredths unless said otherwise.</summary>
public sealed record DefaultDerControl : Resource
{
    /// <summary>Hex as sent; compare ignoring case.</summary>
    public required string MRid { get; init; }

    public string? Description { get; init; }

    public int? Version { get; init; }

    public required DerControlBase Base { get; init; }

    /// <summary>Hundredths of a second.</summary>
    public long? SetEsDelay { get; init; }

    /// <summary>Hundredths of a hertz.</summary>
    public int? SetEsHighFreq { get; init; }

    /// <summary>Hundredths of a per cent of the nominal voltage.</summary>
    public int? SetEsHighVolt { get; init; }

    public int? SetEsLowFreq { get; init; }

    public int? SetEsLowVolt { get; init; }

    /// <summary>Hundredths of a second.</summary>
    public long? SetEsRampTms { get; init; }

    /// <summary>Hundredths of a second.</summary>
    public long? SetEsRandomDelay { get; init; }

    /// <summary>Hundredths of a per cent of setMaxW per second; 0 = no limit.</summary>
    public int? SetGradW { get; init; }

    /// <summary>Hundredths of a per cent of setMaxW per second; 0 = no limit.</summary>
    public int? SetSoftGradW { get; init; }

    /// <summary>Parts that decide no limit and could not be read, by their names on the wire; they are left out.</summary>
    public ValueList<string> Illegible { get; init; } = [];
}

/// <summary>The modes of a control. Null = the control does not say; an empty one says nothing at all, which is not "no limit".</summary>
public sealed record DerControlBase
{
    public bool? OpModConnect { get; init; }

    public bool? OpModEnergize { get; init; }

    public PowerFactorWithExcitation? OpModFixedPFAbsorbW { get; init; }

    public PowerFactorWithExcitation? OpModFixedPFInjectW { get; init; }

    public FixedVar? OpModFixedVar { get; init; }

    /// <summary>Hundredths of a per cent of setMaxW (negative: of setMaxChargeRateW); positive = generation. Raw, -32,768 to 32,767.</summary>
    public int? OpModFixedW { get; init; }

    public FreqDroop? OpModFreqDroop { get; init; }

    /// <summary>Hundredths of a per cent of setMaxW. Raw, -32,768 to 65,535.</summary>
    public int? OpModMaxLimW { get; init; }

    public Quantity? OpModTargetVar { get; init; }

    /// <summary>Watts; positive = generation.</summary>
    public ActivePower? OpModTargetW { get; init; }

    /// <summary>Hundredths of a second in which the change is to be ramped.</summary>
    public int? RampTms { get; init; }

    /// <summary>Modes that refer to a curve, by element name.</summary>
    public ValueList<CurveLink> Curves { get; init; } = [];

    /// <summary>CSIP-AUS: import at the connection point, at most so many watts. Raw: sign not yet judged.</summary>
    public ActivePower? OpModImpLimW { get; init; }

    /// <summary>CSIP-AUS: export at the connection point, at most so many watts. Raw: sign not yet judged.</summary>
    public ActivePower? OpModExpLimW { get; init; }

    /// <summary>CSIP-AUS: generation of the DER, at most so many watts. Raw: sign not yet judged.</summary>
    public ActivePower? OpModGenLimW { get; init; }

    /// <summary>CSIP-AUS: load of the DER, at most so many watts. Raw: sign not yet judged.</summary>
    public ActivePower? OpModLoadLimW { get; init; }

    /// <summary>CSIP-AUS 1.3: output of the storage, in watts; positive = discharge.</summary>
    public ActivePower? OpModStorageTargetW { get; init; }

    /// <summary>What an EndDeviceControl asks, where one goes by the rules of events in a DERControl's place. Never on the wire.</summary>
    [JsonIgnore]
    public EndDeviceControl? Load { get; init; }

    /// <summary>Element names of modes this edition of the client doesn't know; told so that they can be answered as not supported.</summary>
    public ValueList<string> UnknownModes { get; init; } = [];
}

/// <summary>A mode that refers to a curve.</summary>
/// <param name="Mode">Element name, e.g. <c>opModVoltVar</c>.</param>
/// <param name="Href">The curve, as sent; its path at the server once <see cref="Curve"/> was looked for.</param>
public sealed record CurveLink(string Mode, string Href)
{
    /// <summary>What the server says of it; null: not read.</summary>
    public DerCurve? Curve { get; init; }

    /// <summary>True: it was found and not asked for yet.</summary>
    public bool IsToCome { get; init; }
}
