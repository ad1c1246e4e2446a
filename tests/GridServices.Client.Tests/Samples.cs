using GridServices.Contracts;
using NodaTime;

namespace GridServices.Client.Tests;

/// <summary>Small envelopes and messages of site s1, in epoch E.</summary>
internal static class Samples
{
    public const string Site = "s1";
    public const string Epoch = "E";
    public static readonly Instant T0 = Instant.FromUtc(2027, 1, 15, 18, 0);
    public static readonly StreamId Dr = new("openadr", "PROG7");
    public static readonly StreamId Fcr = new("frequency", "FCR-D");

    public static Failsafe Falls(int staleAfterS = 120, long importW = 4_200, int? minDurationS = 600) => new()
    {
        StaleAfter = Duration.FromSeconds(staleAfterS),
        OnStale = OnStale.Failsafe,
        Limits = new Limits { ImportLimitW = importW },
        MinDuration = minDurationS is { } s ? Duration.FromSeconds(s) : null,
    };

    public static Failsafe Holds(int staleAfterS = 120) => new() { StaleAfter = Duration.FromSeconds(staleAfterS), OnStale = OnStale.HoldSchedule };

    /// <summary>An envelope with one segment [from, until) in seconds after T0, importing at most so much.</summary>
    public static Envelope Envelope(StreamId stream, long revision, long? importW, Failsafe? failsafe, int fromS = -3600, int? untilS = null) => new()
    {
        EnvelopeId = new Guid((int)revision, 0, 0, [.. Enumerable.Repeat((byte)(stream == Dr ? 1 : 2), 8)]),
        Revision = revision,
        SiteId = Site,
        Target = new(TargetKind.Site, Site),
        Stream = stream,
        Tier = Tier.Contractual,
        Obligation = Obligation.Mandatory,
        Segments = [new Segment { From = At(fromS), Until = untilS is { } u ? At(u) : null, Limits = new Limits { ImportLimitW = importW } }],
        Failsafe = failsafe,
        Provenance = new() { Protocol = "test", Authority = "VTN-1" },
    };

    public static Instant At(int seconds) => T0 + Duration.FromSeconds(seconds);

    public static SetStated Set(long sequence, params Envelope[] envelopes) => new(new Cursor(Epoch, sequence), new SiteEnvelopes
    {
        SiteId = Site,
        Epoch = Epoch,
        Sequence = $"{sequence}",
        AsOf = T0,
        Complete = true,
        Envelopes = envelopes,
        Prices = [],
    });

    /// <summary>The whole set as a hub states it that lost or rewound its store, in the epoch of its new history.</summary>
    public static SetStated Incomplete(string epoch, long sequence, params Envelope[] envelopes)
    {
        var set = Set(sequence, envelopes);
        return set with { Cursor = new(epoch, sequence), Set = set.Set with { Epoch = epoch, Incomplete = true, WaitingFor = ["/gridservices/openadr/1"] }, Asked = true };
    }

    /// <summary>The whole set of a complete history.</summary>
    public static SetStated Complete(string epoch, long sequence, params Envelope[] envelopes)
    {
        var set = Set(sequence, envelopes);
        return set with { Cursor = new(epoch, sequence), Set = set.Set with { Epoch = epoch }, Asked = true };
    }

    public static ChangeStated In(this ChangeStated change, string epoch) => change with { Cursor = new(epoch, change.Cursor.Sequence) };

    public static HeartbeatHeard In(this HeartbeatHeard beat, string epoch, bool incomplete = false) =>
        new(beat.Heartbeat with { Epoch = epoch, Incomplete = incomplete ? true : null });

    public static ChangeStated Change(long sequence, Envelope envelope) => new(new Cursor(Epoch, sequence), new EnvelopePublished
    {
        EventId = $"e{sequence}",
        Source = "/test",
        Tenant = "default",
        SiteId = envelope.SiteId,
        Time = T0,
        Envelope = envelope,
    });

    public static ChangeStated Withdraw(long sequence, StreamId stream, long revision) => new(new Cursor(Epoch, sequence), new EnvelopeWithdrawn
    {
        EventId = $"e{sequence}",
        Source = "/test",
        Tenant = "default",
        SiteId = Site,
        Time = T0,
        Withdrawal = new() { SiteId = Site, Target = new(TargetKind.Site, Site), Stream = stream, Revision = revision },
    });

    public static HeartbeatHeard Beat(long sequence, string site = Site, params UpstreamHealth[] upstreams) => new(new Heartbeat
    {
        SiteId = site,
        Epoch = Epoch,
        Sequence = $"{sequence}",
        At = T0,
        Upstreams = upstreams,
    });

    public static UpstreamHealth Lost(StreamId stream, int sinceS = 0) => new() { Stream = stream, Status = UpstreamStatus.Lost, Since = T0 - Duration.FromSeconds(sinceS) };

    public static UpstreamHealth Stale(StreamId stream) => new() { Stream = stream, Status = UpstreamStatus.Stale, Since = T0 };

    /// <summary>The whole set of a hub that has never had anything for the site.</summary>
    public static SetStated Unknown(string epoch, bool incomplete = false)
    {
        var set = incomplete ? Incomplete(epoch, 0) : Complete(epoch, 0);
        return set with { Set = set.Set with { SiteKnown = false } };
    }

    public static UpstreamHealth Ok(StreamId stream) => new() { Stream = stream, Status = UpstreamStatus.Ok, Since = T0 };
}
