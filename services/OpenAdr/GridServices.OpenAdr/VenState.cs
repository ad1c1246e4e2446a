using System.Collections.Immutable;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Events;
using GridServices.OpenAdr.Registration;
using GridServices.OpenAdr.Reports;
using GridServices.OpenAdr.Session;
using GridServices.OpenAdr.Signatures;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr;

/// <summary>
/// All that a VEN must know to go on after a crash: immutable, equal by content, written and read back exactly by <see cref="VenStateJson"/>.
/// Its size follows the events, report requests and report channels, never the number of sites.
/// </summary>
public sealed record VenState
{
    /// <summary>A VEN that has never spoken to anybody.</summary>
    public static VenState Initial { get; } = new();

    /// <summary>Null: not registered. Payloads that arrive then are ignored.</summary>
    public VenRegistration? Registration { get; init; }

    /// <summary>What the VEN does about not being registered.</summary>
    public RegistrationPlan Plan { get; init; } = new();

    /// <summary>Messages that the VTN has not answered yet, oldest first. An item leaves when the reply to it was applied.</summary>
    public ValueList<PendingRequest> Owed { get; init; } = [];

    /// <summary>Events held, in order of arrival: far, near, active, and ended ones that the VTN still mentions.</summary>
    public ValueList<HeldEvent> Events { get; init; } = [];

    /// <summary>Events that are held no longer, while limits come back from them; in order of their end.</summary>
    public ValueList<RecoveringEvent> Recovering { get; init; } = [];

    /// <summary>The registration that ended while limits still come back from its events; null: there is none.</summary>
    public VenRegistration? Former { get; init; }

    /// <summary>Choices of people about events that are not held at the moment.</summary>
    public ValueList<KeptChoice> Choices { get; init; } = [];

    /// <summary>The last message about each event that was answered with an error, latest last; an earlier one may be held and in force.</summary>
    public ValueList<EventRefusal> Refused { get; init; } = [];

    /// <summary>What the VTN is to know by oadrCreateOpt, in order of making; they outlive registrations.</summary>
    public ValueList<VenOpt> Opts { get; init; } = [];

    /// <summary>Reports the VTN has asked for and that are still to come.</summary>
    public ValueList<ScheduledReport> Reports { get; init; } = [];

    /// <summary>METADATA that the VTN wants again and again: the one report that new METADATA does not end.</summary>
    public ValueList<ScheduledMetadata> Metadata { get; init; } = [];

    /// <summary>Reports that the VTN was asked for and has promised.</summary>
    public ValueList<VtnReport> VtnReports { get; init; } = [];

    /// <summary>Points kept per channel (rID), oldest first, bounded by <see cref="VenConfig.ReportBufferPoints"/>.</summary>
    public ImmutableSortedDictionary<string, ValueList<ReportPoint>> Points { get; init; } = ImmutableSortedDictionary<string, ValueList<ReportPoint>>.Empty;

    /// <summary>Last revision published per stream key; monotone, one counter for all sites of the stream.</summary>
    public ImmutableSortedDictionary<string, long> Revisions { get; init; } = ImmutableSortedDictionary<string, long>.Empty;

    /// <summary>Nonces of signed messages that were taken, as long as their age alone would not refuse them.</summary>
    public ValueList<SeenNonce> Nonces { get; init; } = [];

    /// <summary>Signed messages sent before this, by our clock, are not taken: their nonces may not all be known. Null: they are, from the first one on.</summary>
    public Instant? NoncesSince { get; init; }

    /// <summary>How far the clock by which the VTN signs is ahead of ours, as the messages of the last window say; null: none has come.</summary>
    public Duration? SenderAhead { get; init; }

    /// <summary>How the latest pushed messages were answered, oldest first; of a VEN that polls none.</summary>
    public ValueList<PushAnswer> PushAnswers { get; init; } = [];

    /// <summary>Number of the last requestID that was answered.</summary>
    public long Requests { get; init; }

    /// <summary>Drawn at the first start: a part of the requestIDs of a VEN that signs, so that no answer to another's request, or from before its row was lost, names them. Null: not drawn yet.</summary>
    public string? RequestMark { get; init; }

    /// <summary>Times and counters of the line. Losing them in a crash costs one early poll, nothing else.</summary>
    public LinkState Link { get; init; } = new();

    /// <summary>As a process begins with it: what the VTN told before may be older than what the hub was told of it.</summary>
    public VenState AfterStart() => Link is { ListedAt: null, ToldStreams.Count: 0 } ? this : this with { Link = Link with { ListedAt = null, ToldStreams = [] } };

    public bool Equals(VenState? other) =>
        other is not null
        && (ReferenceEquals(this, other) || (Equals(Registration, other.Registration) && Equals(Former, other.Former) && Plan == other.Plan && Owed.Equals(other.Owed)
            && Events.Equals(other.Events) && Recovering.Equals(other.Recovering) && Choices.Equals(other.Choices) && Refused.Equals(other.Refused) && Opts.Equals(other.Opts) && Reports.Equals(other.Reports) && VtnReports.Equals(other.VtnReports) && Metadata.Equals(other.Metadata) && AreEqual(Points, other.Points)
            && AreEqual(Revisions, other.Revisions) && Nonces.Equals(other.Nonces) && NoncesSince == other.NoncesSince && SenderAhead == other.SenderAhead && PushAnswers.Equals(other.PushAnswers) && Requests == other.Requests && RequestMark == other.RequestMark && Link == other.Link));

    public override int GetHashCode() => HashCode.Combine(Registration, Plan, Owed, Events, Reports, Requests, Link);

    /// <summary>True when the two differ at most in what may be lost. That the VTN is lost may not: a service that is started again and again would never find out.</summary>
    internal bool EqualsExceptLink(VenState other) =>
        ReferenceEquals(this, other) || this with { Link = other.Link with { LostSince = Link.LostSince }, Nonces = other.Nonces, NoncesSince = other.NoncesSince, SenderAhead = other.SenderAhead, RequestMark = other.RequestMark } == other;

    private static bool AreEqual<T>(ImmutableSortedDictionary<string, T> one, ImmutableSortedDictionary<string, T> other) =>
        ReferenceEquals(one, other) || one.SequenceEqual(other);
}

/// <summary>When to speak next, and how often in vain.</summary>
public sealed record LinkState
{
    /// <summary>The next poll of an empty queue; null: at once.</summary>
    public Instant? PollAt { get; init; }

    /// <summary>Nothing is sent before this (truncated exponential back-off).</summary>
    public Instant? QuietUntil { get; init; }

    /// <summary>Requests in a row that found no VTN at all.</summary>
    public int Failures { get; init; }

    /// <summary>Since when the VTN isn't heard; null: it is.</summary>
    public Instant? LostSince { get; init; }

    /// <summary>Polls in a row that found something.</summary>
    public int Drained { get; init; }

    /// <summary>Reports that the VTN took since the last poll.</summary>
    public int ReportsSincePoll { get; init; }

    /// <summary>Polls in a row that the VTN answered with an error while it was there.</summary>
    public int PollFailures { get; init; }

    /// <summary>The last message that the VTN took, noted only while another waits that it did not take.</summary>
    public Instant? HeardAt { get; init; }

    /// <summary>Why the last poll told nothing of whether there are events; null: it did.</summary>
    public string? Problem { get; init; }

    /// <summary>Since when no poll told anything of it.</summary>
    public Instant? ProblemSince { get; init; }

    /// <summary>True: the last message got no reply at all. The next poll that is due goes first, and tells whether the VTN is there.</summary>
    public bool InDoubt { get; init; }

    /// <summary>True: a poll failed whose answer may have told something. It is asked for once a poll is answered again.</summary>
    public bool AnswerLost { get; init; }

    /// <summary>When METADATA was told again because the VTN knew a report no more; null: never in this registration.</summary>
    public Instant? MetadataAgainAt { get; init; }

    /// <summary>When the VTN answered the last request for its events; of a push VEN alone.</summary>
    public Instant? SyncedAt { get; init; }

    /// <summary>When something pushed was last missed and asked for; null: never. It paces the next such request.</summary>
    public Instant? MissedAt { get; init; }

    /// <summary>When the VTN last told all of its events, asked or not; null: not since the start, or not in this registration.</summary>
    public Instant? ListedAt { get; init; }

    /// <summary>Streams of the programs of whose events the VTN told one that was taken, since the start or in this registration, whatever else it told.</summary>
    public ValueList<string> ToldStreams { get; init; } = [];

    /// <summary>When the VTN pushed something for this VEN last, other than a list that says it failed; null: never, or not since the registration.</summary>
    public Instant? PushedAt { get; init; }

    /// <summary>The venID, not ours, of the last oadrRequestReregistration; it is answered and told once.</summary>
    public string? ForeignVenId { get; init; }
}
