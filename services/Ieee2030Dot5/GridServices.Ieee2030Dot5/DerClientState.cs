using System.Collections.Immutable;
using GridServices.Ieee2030Dot5.Codec;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Reporting;
using GridServices.Ieee2030Dot5.Responses;
using GridServices.Ieee2030Dot5.Session;
using GridServices.Ieee2030Dot5.Time;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5;

/// <summary>
/// All that a client must know to go on after a crash: immutable, equal by content, written and read back exactly by <see cref="DerClientStateJson"/>.
/// </summary>
public sealed record DerClientState
{
    /// <summary>A client that has never spoken to anybody.</summary>
    public static DerClientState Initial { get; } = new();

    /// <summary>Path of DeviceCapability once it is known.</summary>
    public string? Entry { get; init; }

    /// <summary>The LFDI of an aggregator when it first made those of its devices: they go on being made from it, whatever certificate follows. Null: none were made.</summary>
    public string? Founder { get; init; }

    /// <summary>What the server was found to speak; the configuration's edition counts more.</summary>
    public Sep2Dialect? Heard { get; init; }

    /// <summary>The server's resources as last read, by <see cref="Node.Key"/>.</summary>
    public ImmutableSortedDictionary<string, Node> Nodes { get; init; } = Empty<Node>();

    /// <summary>The client's own EndDevices, by LFDI in upper case.</summary>
    public ImmutableSortedDictionary<string, DeviceState> Devices { get; init; } = Empty<DeviceState>();

    /// <summary>Subscriptions that the server holds for us, by the plain path of what they are to.</summary>
    public ImmutableSortedDictionary<string, HeldSubscription> Subscriptions { get; init; } = Empty<HeldSubscription>();

    public ServerClock Clock { get; init; } = new();

    /// <summary>Clocks of assignments that have a Time of their own, by <see cref="Node.Key"/> of that.</summary>
    public ImmutableSortedDictionary<string, ServerClock> AssignmentClocks { get; init; } = Empty<ServerClock>();

    /// <summary>Responses owed and, for people to look at, the last ones that are done with. Oldest first.</summary>
    public ValueList<ResponseEntry> Responses { get; init; } = [];

    /// <summary>Times and counters of the line. Losing them in a crash costs one early read, nothing else.</summary>
    public DerLine Line { get; init; } = new();

    /// <summary>What the event engine looked at, for each EndDevice: for speed alone.</summary>
    internal DependencyIndex LookedAt { get; init; } = DependencyIndex.Nothing;

    /// <summary>The same of the price engine.</summary>
    internal DependencyIndex PricesLookedAt { get; init; } = DependencyIndex.Nothing;

    /// <summary>The same of demand response.</summary>
    internal DependencyIndex LoadsLookedAt { get; init; } = DependencyIndex.Nothing;

    /// <summary>True: the server holds a subscription of ours, or may hold one whose answer was lost.</summary>
    public bool MayBeSubscribed() => Subscriptions.Values.Any(s => s.Href is not null || s.AskedWith is not null);

    /// <summary>
    /// The same before the client leaves: also where nothing was heard. A request that was cut short, or sent by a process that died, leaves no trace here.
    /// </summary>
    /// <param name="config">In force.</param>
    /// <param name="now">The time.</param>
    public bool MayBeSubscribed(DerClientConfig config, Instant now) =>
        MayBeSubscribed() || (StaleSubscriptions.LeavesUntil(this, now) is null && Subscribing.FindUnheard(config, this).Any());

    public bool Equals(DerClientState? other) => other is not null && (ReferenceEquals(this, other) || (EqualsExceptLine(other) && Line.Equals(other.Line)));

    public override int GetHashCode() => HashCode.Combine(Entry, Heard, Nodes.Count, Devices.Count, Clock, Responses);

    /// <summary>True when the two differ at most in what may be lost. That the server is lost may not: a service that is started again and again would never find out.</summary>
    internal bool EqualsExceptLine(DerClientState other) =>
        ReferenceEquals(this, other) || (Entry == other.Entry && Founder == other.Founder && Heard == other.Heard && AreEqual(Nodes, other.Nodes) && AreEqual(Devices, other.Devices)
            && AreEqual(Subscriptions, other.Subscriptions) && Clock == other.Clock && AreEqual(AssignmentClocks, other.AssignmentClocks) && Responses.Equals(other.Responses) && Line.LostSince == other.Line.LostSince);

    internal static ImmutableSortedDictionary<string, T> Empty<T>() => ImmutableSortedDictionary.Create<string, T>(StringComparer.Ordinal);

    internal static bool AreEqual<T>(ImmutableSortedDictionary<string, T> one, ImmutableSortedDictionary<string, T> other) =>
        ReferenceEquals(one, other) || (one.Count == other.Count && HaveEqualItems(one, other));

    private static bool HaveEqualItems<T>(ImmutableSortedDictionary<string, T> one, ImmutableSortedDictionary<string, T> other)
    {
        var others = other.GetEnumerator();
        foreach (var (key, value) in one)
        {
            if (!others.MoveNext() || others.Current.Key != key || !EqualityComparer<T>.Default.Equals(value, others.Current.Value))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>When to speak next, and how often in vain.</summary>
public sealed record DerLine
{
    /// <summary>Number of the last request that was answered.</summary>
    public long Requests { get; init; }

    /// <summary>Since when each request went where something was due that goes before what is owed; null: the last one did not.</summary>
    public Instant? CrowdedSince { get; init; }

    /// <summary>Nothing is sent before this (exponential back-off with jitter, or the server's Retry-After).</summary>
    public Instant? QuietUntil { get; init; }

    /// <summary>Failures in a row.</summary>
    public int Failures { get; init; }

    /// <summary>Since when the server isn't heard; null: it is.</summary>
    public Instant? LostSince { get; init; }

    /// <summary>What the server was asked for in vain last, and what came of it; null: it is heard.</summary>
    public string? LostBy { get; init; }

    /// <summary>When the last usable answer came.</summary>
    public Instant? HeardAt { get; init; }

    /// <summary>How the readings stand, by <see cref="Node.Key"/>.</summary>
    public ImmutableSortedDictionary<string, NodeReading> Readings { get; init; } = DerClientState.Empty<NodeReading>();

    /// <summary>What failed and waits, by <see cref="DerPurpose.Key"/>.</summary>
    public ImmutableSortedDictionary<string, Hold> Holds { get; init; } = DerClientState.Empty<Hold>();

    /// <summary>Where the server sends us instead, by the path asked for.</summary>
    public ImmutableSortedDictionary<string, string> Moved { get; init; } = DerClientState.Empty<string>();

    /// <summary>Programs in force that are not found any more and kept, by LFDI.</summary>
    public ImmutableSortedDictionary<string, ValueList<MissedProgram>> Missed { get; init; } = DerClientState.Empty<ValueList<MissedProgram>>();

    /// <summary>PINs that matched before and were read otherwise since, by LFDI, until that is confirmed.</summary>
    public ImmutableSortedDictionary<string, PinDoubt> PinDoubts { get; init; } = DerClientState.Empty<PinDoubt>();

    /// <summary>When the server last notified us of something that is ours; null: not in this run.</summary>
    public Instant? NotifiedAt { get; init; }

    /// <summary>Since when notifications are doubted, because a poll found what none had told of, or one was refused at the door; null: they are not.</summary>
    public Instant? DoubtedSince { get; init; }

    /// <summary>A process that has just begun judges nothing before the server's time was read, or before this; null: it does.</summary>
    public Instant? TimeAwaitedUntil { get; init; }

    /// <summary>Since when the client is being deleted; null: it is not.</summary>
    public Instant? LeavingSince { get; init; }

    /// <summary>Links that were refused and told of.</summary>
    public ImmutableSortedDictionary<string, Instant> Refused { get; init; } = DerClientState.Empty<Instant>();

    /// <summary>Averages in the making, by LFDI and role.</summary>
    public ImmutableSortedDictionary<string, RunningAverage> Running { get; init; } = DerClientState.Empty<RunningAverage>();

    /// <summary>Last measurements, by LFDI.</summary>
    public ImmutableSortedDictionary<string, Measurements> Measured { get; init; } = DerClientState.Empty<Measurements>();

    /// <summary>When a document was last put, by path.</summary>
    public ImmutableSortedDictionary<string, Instant> ToldAt { get; init; } = DerClientState.Empty<Instant>();

    public bool Equals(DerLine? other) =>
        other is not null && Requests == other.Requests && CrowdedSince == other.CrowdedSince && QuietUntil == other.QuietUntil && Failures == other.Failures && LostSince == other.LostSince && LostBy == other.LostBy
        && HeardAt == other.HeardAt && DerClientState.AreEqual(Readings, other.Readings) && DerClientState.AreEqual(Holds, other.Holds)
        && DerClientState.AreEqual(Moved, other.Moved) && DerClientState.AreEqual(Running, other.Running)
        && DerClientState.AreEqual(Measured, other.Measured) && DerClientState.AreEqual(ToldAt, other.ToldAt)
        && DerClientState.AreEqual(Refused, other.Refused) && NotifiedAt == other.NotifiedAt && DoubtedSince == other.DoubtedSince
        && LeavingSince == other.LeavingSince && TimeAwaitedUntil == other.TimeAwaitedUntil && DerClientState.AreEqual(Missed, other.Missed) && DerClientState.AreEqual(PinDoubts, other.PinDoubts);

    public override int GetHashCode() => HashCode.Combine(Requests, QuietUntil, Failures, LostSince, HeardAt, Readings.Count, Holds.Count, Moved.Count);
}
