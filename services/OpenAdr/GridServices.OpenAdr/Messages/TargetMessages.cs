using GridServices.Wire;

namespace GridServices.OpenAdr.Messages;

/// <summary>Whom something is meant for (ei:eiTarget, reportSubject, oadrDeviceClass…). Members are OR-ed; no member at all = everybody.</summary>
public sealed record EiTarget
{
    public static EiTarget Everybody { get; } = new();

    public ValueList<string> AggregatedPnodes { get; init; } = [];

    /// <summary>Device classes, such as <c>Electric_Vehicle</c>.</summary>
    public ValueList<string> EndDeviceAssets { get; init; } = [];

    public ValueList<string> MeterAssets { get; init; } = [];
    public ValueList<string> Pnodes { get; init; } = [];
    public ValueList<Area> ServiceAreas { get; init; } = [];
    public ValueList<string> ServiceDeliveryPoints { get; init; } = [];
    public ValueList<Area> ServiceLocations { get; init; } = [];
    public ValueList<TransportInterface> TransportInterfaces { get; init; } = [];
    public ValueList<string> GroupIds { get; init; } = [];
    public ValueList<string> GroupNames { get; init; } = [];
    public ValueList<string> ResourceIds { get; init; } = [];
    public ValueList<string> VenIds { get; init; } = [];
    public ValueList<string> PartyIds { get; init; } = [];
}

/// <summary>A polygon on the map (gml:FeatureCollection); positions as written, coordinates parted by blanks.</summary>
public sealed record Area(string? Id, string? PolygonId, string Positions);

public sealed record TransportInterface(string PointOfReceipt, string PointOfDelivery);

/// <summary>The quantity, unit and scale of values (emix:itemBase).</summary>
public sealed record ItemBase
{
    public required ItemKind Kind { get; init; }

    /// <summary>itemDescription. Empty for Green Button.</summary>
    public string Description { get; init; } = string.Empty;

    /// <summary>itemUnits: W, Wh, V, A, Hz, an ISO 4217 code… Empty for Green Button.</summary>
    public string Units { get; init; } = string.Empty;

    /// <summary>Null for pulse counts and Green Button, which have none.</summary>
    public SiScale? Scale { get; init; }

    /// <summary>Power quantities only.</summary>
    public PowerAttributes? PowerAttributes { get; init; }

    /// <summary>Energy per pulse; pulse counts only.</summary>
    public double? PulseFactor { get; init; }

    /// <summary>The atom:feed as XML text; Green Button only.</summary>
    public string? GreenButtonFeed { get; init; }
}

/// <param name="Hertz">Nominal frequency.</param>
/// <param name="Voltage">Nominal voltage in V.</param>
/// <param name="Ac">True: alternating current.</param>
public sealed record PowerAttributes(decimal Hertz, decimal Voltage, bool Ac);

public enum ItemKind
{
    CustomUnit,
    Current,
    Currency,
    CurrencyPerKWh,
    CurrencyPerKW,
    CurrencyPerThm,
    Frequency,
    Therm,
    Temperature,
    PulseCount,
    Voltage,
    EnergyApparent,
    EnergyReactive,
    EnergyReal,
    PowerApparent,
    PowerReactive,
    PowerReal,
    GreenButton,
}

/// <summary>SI prefixes; the power of ten by which a value counts is <see cref="SiScales.Exponent"/>.</summary>
public enum SiScale
{
    Pico,
    Nano,
    Micro,
    Milli,
    Centi,
    Deci,
    None,
    Kilo,
    Mega,
    Giga,
    Tera,
}

public static class SiScales
{
    /// <summary>kilo → 3, none → 0, milli → -3.</summary>
    public static int Exponent(this SiScale scale) => scale switch
    {
        SiScale.Pico => -12,
        SiScale.Nano => -9,
        SiScale.Micro => -6,
        SiScale.Milli => -3,
        SiScale.Centi => -2,
        SiScale.Deci => -1,
        SiScale.None => 0,
        SiScale.Kilo => 3,
        SiScale.Mega => 6,
        SiScale.Giga => 9,
        SiScale.Tera => 12,
        _ => throw new ArgumentOutOfRangeException(nameof(scale)),
    };
}
