using System.Collections.Immutable;
using GridServices.Ieee2030Dot5.Events;
using GridServices.Ieee2030Dot5.Reporting;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Devices;

/// <summary>What is known and done about one of the client's EndDevices.</summary>
/// <param name="Lfdi">40 upper-case hex digits.</param>
/// <param name="SiteId">The site it stands for.</param>
public sealed record DeviceState(string Lfdi, string SiteId)
{
    public PinVerdict Pin { get; init; }

    /// <summary>True: the server has shown the configured PIN before. It is not lost by one reading that shows another.</summary>
    public bool HasMatched { get; init; }

    /// <summary>When communication ceased for a wrong PIN, our time; null: it has not.</summary>
    public Instant? CeasedAt { get; init; }

    public Presence Presence { get; init; }

    /// <summary>Where the server said our registration stands; read while its list doesn't show it.</summary>
    public string? Location { get; init; }

    /// <summary>Address of the EndDevice as last listed: one that stands elsewhere is told everything anew.</summary>
    public string? Known { get; init; }

    /// <summary>True: no longer configured. Its streams are withdrawn; the state stays for their revisions.</summary>
    public bool Retired { get; init; }

    /// <summary>Controls, defaults and what was published of them.</summary>
    public DerScheduleState Schedule { get; init; } = DerScheduleState.Initial;

    /// <summary>When to look at the schedule again although nothing arrives, server time; null: never.</summary>
    public Instant? NextChange { get; init; }

    /// <summary>Demand response and what was published of it.</summary>
    public LoadControlState LoadControl { get; init; } = LoadControlState.Initial;

    /// <summary>What the server was told that could be shed; null: nothing.</summary>
    public ToldSheddable? Sheddable { get; init; }

    /// <summary>Prices and what was published of them.</summary>
    public PriceState Prices { get; init; } = PriceState.Initial;

    /// <summary>When to look at the prices again although nothing arrives, server time; null: never.</summary>
    public Instant? NextPrice { get; init; }

    /// <summary>Ramp rate the utility set, for DERSettings.setGradW; null: none.</summary>
    public Gradient? Gradient { get; init; }

    /// <summary>What the utility orders at present, for DERStatus.</summary>
    public CommandedState Ordered { get; init; } = new(null, null, null);

    /// <summary>Log events the server is owed, oldest first.</summary>
    public ValueList<OwedLog> Logs { get; init; } = [];

    /// <summary>Log events there ever were.</summary>
    public int Logged { get; init; }

    /// <summary>Log events that made room for newer ones since none was owed.</summary>
    public int LogsDropped { get; init; }

    /// <summary>True: people were told that the server has no list for alarms.</summary>
    public bool IsListMissed { get; init; }

    /// <summary>Alarms, by the asset that states them; the connection point under an empty name.</summary>
    public ValueList<SourceAlarms> Alarms { get; init; } = [];

    /// <summary>Flows that the charging plan asked for, in that order, until a day after their windows.</summary>
    public ValueList<Reservation> Reservations { get; init; } = [];

    /// <summary>Averages and mirror usage points.</summary>
    public ValueList<MirrorState> Mirrors { get; init; } = [];

    /// <summary>What the server was told last and took, by path: a digest of the content.</summary>
    public ImmutableSortedDictionary<string, string> Told { get; init; } = DerClientState.Empty<string>();

    public bool Equals(DeviceState? other) =>
        other is not null && (ReferenceEquals(this, other)
            || (Lfdi == other.Lfdi && SiteId == other.SiteId && Pin == other.Pin && HasMatched == other.HasMatched && CeasedAt == other.CeasedAt && Presence == other.Presence
                && Location == other.Location && Known == other.Known && Retired == other.Retired && Schedule == other.Schedule
                && NextChange == other.NextChange && LoadControl == other.LoadControl && Sheddable == other.Sheddable && Prices == other.Prices && NextPrice == other.NextPrice
                && Gradient == other.Gradient && Ordered == other.Ordered && Mirrors.Equals(other.Mirrors)
                && Logs.Equals(other.Logs) && Logged == other.Logged && LogsDropped == other.LogsDropped && IsListMissed == other.IsListMissed
                && Alarms.Equals(other.Alarms) && Reservations.Equals(other.Reservations)
                && DerClientState.AreEqual(Told, other.Told)));

    public override int GetHashCode() => HashCode.Combine(Lfdi, SiteId, Pin, Presence, Location, NextChange, Told.Count);
}

/// <summary>What the server took of a LoadShedAvailability.</summary>
/// <param name="List">Where it was told.</param>
/// <param name="Digest">Of what was told.</param>
/// <param name="Href">Where it stands; null: the server did not say.</param>
public sealed record ToldSheddable(string List, string Digest, string? Href)
{
    /// <summary>True: the server takes no change of what stands there (405); a change is made anew in the list.</summary>
    public bool IsFixed { get; init; }
}

/// <summary>Whether the server's list shows the device.</summary>
public enum Presence
{
    Unknown,
    Listed,

    /// <summary>The whole list was read, and it is not in it.</summary>
    Absent,
}

/// <summary>What came of comparing the registration PIN.</summary>
public enum PinVerdict
{
    /// <summary>Nothing to compare yet.</summary>
    Open,

    Matches,

    /// <summary>The server's registration is of another device: nothing more is said about this one, nor heard of it, until a person resumes. What was in force stays so.</summary>
    Differs,
}
