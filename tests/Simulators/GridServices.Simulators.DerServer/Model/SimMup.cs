using System.Xml.Linq;
using NodaTime;

namespace GridServices.Simulators.DerServer.Model;

/// <summary>A mirror usage point a client created.</summary>
public sealed class SimMup
{
    public required int Number { get; init; }

    public required string MRid { get; init; }

    /// <summary>Of the device measured.</summary>
    public required string DeviceLFdi { get; init; }

    /// <summary>Of the client that created it.</summary>
    public string? Owner { get; init; }

    public required ushort RoleFlags { get; init; }

    /// <summary>As last posted, without readings.</summary>
    public required XElement Xml { get; set; }

    /// <summary>Reading types by the mRID of their meter reading.</summary>
    public Dictionary<string, XElement> Types { get; } = new(StringComparer.OrdinalIgnoreCase);
}

/// <summary>A reading a client posted.</summary>
/// <param name="At">When it came.</param>
/// <param name="Mup">Number of the mirror usage point.</param>
/// <param name="RoleFlags">Of the mirror usage point.</param>
/// <param name="MRid">Of the meter reading.</param>
/// <param name="Uom">Unit of its reading type; null where it has none.</param>
/// <param name="Value">In the unit, power of ten applied.</param>
/// <param name="Start">Unix seconds of the period; null where not said.</param>
/// <param name="Duration">Seconds.</param>
public sealed record SimReading(Instant At, int Mup, ushort RoleFlags, string MRid, int? Uom, decimal Value, long? Start, long? Duration);

/// <summary>A response a client posted.</summary>
public sealed record SimResponse(Instant At, string LFdi, string Subject, int Status, string Path);

/// <summary>A subscription a client posted.</summary>
public sealed record SimSubscription(int Number, int Device, string Resource, string NotificationUri, string Level, long Limit, string? Owner, Instant At);

/// <summary>A notification on its way.</summary>
public sealed record SimNotification(SimSubscription Subscription, string Uri, byte[] Body);

/// <summary>Poll and post rates in seconds.</summary>
public sealed record SimRates
{
    public int Dcap { get; init; } = 60;

    public int EndDevices { get; init; } = 60;

    public int Fsa { get; init; } = 60;

    public int Der { get; init; } = 60;

    public int Programs { get; init; } = 60;

    /// <summary>Of tariff profile lists.</summary>
    public int Tariffs { get; init; } = 60;

    /// <summary>Of lists of price intervals (CSIP-AUS 1.3).</summary>
    public int Prices { get; init; } = 60;

    /// <summary>Post rate of mirror usage points.</summary>
    public int Mup { get; init; } = 60;

    public static SimRates All(int seconds) =>
        new() { Dcap = seconds, EndDevices = seconds, Fsa = seconds, Der = seconds, Programs = seconds, Tariffs = seconds, Prices = seconds, Mup = seconds };
}
