using System.Collections.Concurrent;
using System.Xml.Linq;
using NodaTime;

namespace GridServices.Simulators.DerServer.Model;

/// <summary>An end device of the simulated utility. Change it through the utility, or under its lock.</summary>
public sealed class SimDevice
{
    /// <summary>In its address: <c>/edev/{Number}</c>; 0 is an aggregator itself.</summary>
    public required int Number { get; init; }

    /// <summary>40 hex digits.</summary>
    public required string LFdi { get; init; }

    public required long SFdi { get; init; }

    /// <summary>LFDI of the client that registered it, where that is not the device itself.</summary>
    public string? Owner { get; init; }

    public uint? DeviceCategory { get; set; }

    public Instant Changed { get; set; }

    public bool Enabled { get; set; } = true;

    /// <summary>With check digit; null = no RegistrationLink (ALL-05).</summary>
    public int? Pin { get; set; }

    public bool HasConnectionPoint { get; set; } = true;

    /// <summary>As the client put it.</summary>
    public string? ConnectionPointId { get; set; }

    /// <summary>Seconds; null = not said.</summary>
    public long? PostRate { get; set; }

    /// <summary>True once the client put it in band.</summary>
    public bool IsInBand { get; init; }

    /// <summary>Number of DER behind it.</summary>
    public int DerCount { get; set; } = 1;

    /// <summary>What the client put, by <c>{der}/{dercap|derg|ders|dera}</c>.</summary>
    public ConcurrentDictionary<string, XElement> Der { get; } = new(StringComparer.Ordinal);

    /// <summary>What was last told to people about each of them.</summary>
    public ConcurrentDictionary<string, string> Said { get; } = new(StringComparer.Ordinal);

    /// <summary>As they came.</summary>
    public ConcurrentQueue<SimLogEvent> LogEvents { get; } = new();

    /// <summary>The latest of a kind, of the first DER; null before it was put.</summary>
    public XElement? Put(string kind) => Der.GetValueOrDefault($"1/{kind}");

    public bool Is(string? lfdi) => string.Equals(LFdi, lfdi, StringComparison.OrdinalIgnoreCase);
}
