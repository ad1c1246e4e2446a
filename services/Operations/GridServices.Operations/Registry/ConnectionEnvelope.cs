using System.Buffers.Binary;
using System.Globalization;
using GridServices.Contracts;
using GridServices.Operations.Enrollments;
using NodaTime;

namespace GridServices.Operations.Registry;

/// <summary>The standing envelope of a connection: a limit that holds before, and whatever, any utility says.</summary>
public static class ConnectionEnvelope
{
    /// <summary>Of the tier that nothing outranks.</summary>
    public static StreamId Stream { get; } = new("operations", "connection");

    // The schedule is one open segment, so what holds is the same whether the line is alive or not.
    private static readonly Duration StaleAfter = Duration.FromMinutes(5);

    /// <param name="site">Whose connection.</param>
    /// <param name="envelopeId">UUIDv7 of this revision.</param>
    /// <param name="revision">From 1, one more with each change.</param>
    /// <param name="now">Since when it holds.</param>
    /// <returns>Null where an import limit was never known: the limit's actions say what is missing.</returns>
    public static Envelope? Create(Site site, Guid envelopeId, long revision, Instant now)
    {
        ArgumentNullException.ThrowIfNull(site);
        var limit = ConnectionLimit.Compute(site);
        return limit.ImportW is null ? null : Envelope(site, limit, envelopeId, revision, now);
    }

    private static Envelope Envelope(Site site, ConnectionLimit limit, Guid envelopeId, long revision, Instant now)
    {
        var limits = new Limits
        {
            ImportLimitW = limit.ImportW,
            ExportLimitW = limit.ExportW ?? 0, // not stated is not allowed
            PerPhase = PerPhase(site.HeldConnection ?? site.Connection, limit.ContinuousA),
        };
        return new Envelope
        {
            EnvelopeId = envelopeId,
            Revision = revision,
            SiteId = site.SiteId,
            Target = new EnvelopeTarget(TargetKind.Site, site.SiteId),
            Stream = Stream,
            Tier = Tier.Safety,
            Obligation = Obligation.Mandatory,
            Segments = [new Segment { From = now, Until = null, Limits = limits }],
            Default = new DefaultLimits { Limits = limits },
            Failsafe = new Failsafe { StaleAfter = StaleAfter, OnStale = OnStale.HoldSchedule },
            Provenance = new Provenance { Protocol = "site connection", Authority = limit.Rule, Program = limit.Calculation },
        };
    }

    /// <summary>A breaker trips on the conductor that carries most, whatever the sum.</summary>
    private static PhaseLimits? PerPhase(SiteConnection connection, decimal? amperes)
    {
        if (amperes is null)
        {
            return null;
        }

        var phase = new PhaseLimit { ImportLimitA = amperes };
        return connection.Wiring switch
        {
            PhaseWiring.ThreePhase => new PhaseLimits { L1 = phase, L2 = phase, L3 = phase },
            PhaseWiring.Split => new PhaseLimits { L1 = phase, L2 = phase },
            _ => new PhaseLimits { L1 = phase },
        };
    }
}

/// <summary>The limit of a connection as the hub holds it.</summary>
/// <param name="Revision">Of the hub's envelope.</param>
/// <param name="ImportW">W; null = it states none.</param>
/// <param name="ExportW">W; null = it states none.</param>
public sealed record HubLimit(long Revision, long? ImportW, long? ExportW);

/// <summary>Holds what the hub has of a site's connection against what was said here.</summary>
public static class ConnectionAtHub
{
    private const int UuidWithTime = 7;
    private const int TimeBits = 48;

    /// <summary>The hub's word was stated later than ours, and what it is was not told now.</summary>
    public static RequiredAction Unconfirmed { get; } = ConnectionLimit.Blocking(
        "connection.unconfirmed", "/connection", "the hub holds another limit of this connection, stated later than what is stored here, and that stays in force: the store of this service may have been put back; confirm the limit here, or correct the connection") with
    { Blocks = false };

    /// <summary>Null: the hub lists none.</summary>
    public static Envelope? Find(SiteEnvelopes answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return answer.Envelopes.FirstOrDefault(e => e.Stream == ConnectionEnvelope.Stream && e.Target == new EnvelopeTarget(TargetKind.Site, answer.SiteId));
    }

    public static HubLimit GetLimit(Envelope held)
    {
        ArgumentNullException.ThrowIfNull(held);
        return new HubLimit(held.Revision, held.Default?.Limits.ImportLimitW, held.Default?.Limits.ExportLimitW);
    }

    /// <summary>Whether the hub holds another limit than was said here, and not merely an earlier one that is about to be replaced.</summary>
    /// <param name="limits">What was said here last; null = it was withdrawn, or never said.</param>
    /// <param name="revision">Of that; 0 = never.</param>
    /// <param name="held">What the hub holds; null = nothing.</param>
    /// <param name="isOnItsWay">What was said here is still to be sent.</param>
    public static bool Differs(DefaultLimits? limits, long revision, Envelope? held, bool isOnItsWay) =>
        held is null ? limits is not null && !isOnItsWay : held.Revision >= revision && held.Default?.Limits != limits?.Limits;

    /// <summary>
    /// The hub's word, where ours was certainly said after it. Neither store tells that: a person's word that was not sent before a restart, and an unsent word
    /// of yesterday in a store that was put back, are the same bytes. The ids of both envelopes do: each bears when it was said.
    /// </summary>
    /// <param name="saidId">Of our envelope.</param>
    /// <param name="answer">What the hub holds.</param>
    /// <param name="now">A word of the future was said by a clock that was wrong.</param>
    /// <returns>Null: the hub's word is later, or in the same millisecond, or none, or may not be its latest, or one of the ids is no UUIDv7.</returns>
    public static Envelope? FindEarlier(Guid saidId, SiteEnvelopes answer, Instant now)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return answer.Incomplete is not true && Find(answer) is { } held && FindTimestamp(held.EnvelopeId) < FindTimestamp(saidId)
            && FindTimestamp(saidId) <= now.ToUnixTimeMilliseconds() ? held : null;
    }

    /// <summary>Milliseconds since 1970, the first 48 bits of a UUIDv7; null: it is none, and compares with nothing.</summary>
    private static long? FindTimestamp(Guid id) => id.Version == UuidWithTime ? BinaryPrimitives.ReadInt64BigEndian(id.ToByteArray(bigEndian: true)) >>> (64 - TimeBits) : null;

    /// <summary>A person decides which of the two is right.</summary>
    /// <param name="limits">What was said here last.</param>
    /// <param name="held">What the hub holds; null = nothing, though it was published.</param>
    public static RequiredAction Action(DefaultLimits? limits, HubLimit? held)
    {
        var ours = limits?.Limits.ImportLimitW is { } watts ? string.Create(CultureInfo.InvariantCulture, $"{watts} W") : "none";
        if (held is null)
        {
            return ConnectionLimit.Blocking(
                "connection.noneAtHub", "/connection", $"the hub holds no limit of the connection, though {ours} of import was published: it was withdrawn or lost there, and protects nothing; confirm the limit here") with
            { Blocks = false };
        }

        return ConnectionLimit.Blocking("connection.otherAtHub", "/connection", string.Create(
            CultureInfo.InvariantCulture, $"the hub holds {held.ImportW} W of import for the connection (revision {held.Revision}), and here it is {ours}: confirm the one here, or correct the connection")) with
        { Blocks = false };
    }
}
