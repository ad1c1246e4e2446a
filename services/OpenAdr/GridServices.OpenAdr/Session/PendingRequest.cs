using System.Text.Json.Serialization;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Reports;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Session;

/// <summary>Something the VEN has to say to the VTN; stays until the VTN's reply to it was applied.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "$owed")]
[JsonDerivedType(typeof(QueryRegistration), "queryRegistration")]
[JsonDerivedType(typeof(Register), "register")]
[JsonDerivedType(typeof(CancelRegistration), "cancelRegistration")]
[JsonDerivedType(typeof(ConfirmCancelledRegistration), "confirmCancelledRegistration")]
[JsonDerivedType(typeof(Acknowledge), "acknowledge")]
[JsonDerivedType(typeof(PublishMetadata), "publishMetadata")]
[JsonDerivedType(typeof(AcceptMetadata), "acceptMetadata")]
[JsonDerivedType(typeof(RequestVtnMetadata), "requestVtnMetadata")]
[JsonDerivedType(typeof(CancelVtnMetadata), "cancelVtnMetadata")]
[JsonDerivedType(typeof(RequestEvents), "requestEvents")]
[JsonDerivedType(typeof(AnswerEvents), "answerEvents")]
[JsonDerivedType(typeof(ConfirmReports), "confirmReports")]
[JsonDerivedType(typeof(ConfirmCancelledReports), "confirmCancelledReports")]
[JsonDerivedType(typeof(AcceptReportData), "acceptReportData")]
[JsonDerivedType(typeof(SendReport), "sendReport")]
[JsonDerivedType(typeof(CreateOpt), "createOpt")]
[JsonDerivedType(typeof(CancelOpt), "cancelOpt")]
[JsonDerivedType(typeof(Poll), "poll")]
public abstract record PendingRequest
{
    /// <summary>How often it was sent in vain, in a row; after a few times the item is parked with an alarm.</summary>
    public int Refusals { get; init; }

    /// <summary>Not before this; null: at once, or, parked, not by itself.</summary>
    public Instant? NotBefore { get; init; }

    /// <summary>When it was first sent in vain; null: it was not.</summary>
    public Instant? FailedSince { get; init; }

    /// <summary>Since when it is parked: out of the way of everything else, tried again rarely or when a person says so.</summary>
    public Instant? ParkedAt { get; init; }

    /// <summary>True: the last time no reply came in time. It is tried rarely and with less patience: until then nothing else is heard.</summary>
    public bool TimedOut { get; init; }

    /// <summary>What the VTN did with it last, in words; null: nothing bad.</summary>
    public string? Problem { get; init; }

    /// <summary>Of its requestID, where the VTN may have it already under that; null: it gets the next one.</summary>
    public long? Number { get; init; }

    /// <summary>The item as if it had never been sent.</summary>
    public PendingRequest WithoutHistory() => Refusals == 0 && NotBefore is null && ParkedAt is null && Number is null
        ? this
        : this with { Number = null, Refusals = 0, NotBefore = null, FailedSince = null, ParkedAt = null, TimedOut = false, Problem = null };

    /// <summary>This item with what became of <paramref name="older"/>, which says the same.</summary>
    public PendingRequest After(PendingRequest older) => this with
    {
        Number = older.Number,
        Refusals = older.Refusals,
        NotBefore = older.NotBefore,
        FailedSince = older.FailedSince,
        ParkedAt = older.ParkedAt,
        TimedOut = older.TimedOut,
        Problem = older.Problem,
    };

    /// <summary>True for questions: a reply without content is none. False for acknowledgements and data, which are settled by being received.</summary>
    public bool NeedsContent =>
        this is QueryRegistration or Register or CancelRegistration or PublishMetadata or RequestVtnMetadata or CancelVtnMetadata or RequestEvents or CreateOpt or CancelOpt or Poll;

    /// <summary>oadrQueryRegistration.</summary>
    public sealed record QueryRegistration : PendingRequest;

    /// <summary>oadrCreatePartyRegistration. <paramref name="Again"/>: with the IDs in force (re-registration); else a new one.</summary>
    public sealed record Register(bool Again) : PendingRequest;

    /// <summary>oadrCancelPartyRegistration by the VEN.</summary>
    public sealed record CancelRegistration : PendingRequest
    {
        /// <summary>True: it is said because the VEN leaves the VTN, or is deleted; false: a person wants it.</summary>
        public bool IsFarewell { get; init; }
    }

    /// <summary>oadrCanceledPartyRegistration, the answer to the VTN's cancellation; carries the IDs since they may be gone by then.</summary>
    public sealed record ConfirmCancelledRegistration(EiResponse Response, string? RegistrationId, string? VenId) : PendingRequest;

    /// <summary>oadrResponse.</summary>
    public sealed record Acknowledge(OadrServiceName Service, EiResponse Response, string? VenId) : PendingRequest;

    /// <summary>oadrRegisterReport. The request that asked for it; null: nobody did.</summary>
    public sealed record PublishMetadata(string? ReportRequestId) : PendingRequest
    {
        /// <summary>Since when it is owed: reports asked for later are not ended by it. Null: it was not noted, or it is METADATA that is sent again and again.</summary>
        public Instant? Since { get; init; }
    }

    /// <summary>oadrRegisteredReport, the answer to the VTN's METADATA.</summary>
    public sealed record AcceptMetadata(EiResponse Response) : PendingRequest
    {
        /// <summary>A request for the VTN's METADATA that rides on it; null: none.</summary>
        public VtnReport? Asks { get; init; }
    }

    /// <summary>oadrCreateReport that asks for the VTN's METADATA.</summary>
    public sealed record RequestVtnMetadata : PendingRequest
    {
        /// <summary>How often it is to come; zero: once.</summary>
        public Duration ReportBack { get; init; }

        /// <summary>Its name at the VTN, the same however often it is sent. Null: it waits to ride, or an older version owed it, and the requestID is its name.</summary>
        public string? ReportRequestId { get; init; }

        /// <summary>True: it waits for METADATA of the VTN, and goes with the answer to that.</summary>
        public bool Rides { get; init; }
    }

    /// <summary>oadrCancelReport of all METADATA that was asked of the VTN (<see cref="VenState.VtnReports"/>).</summary>
    public sealed record CancelVtnMetadata : PendingRequest;

    /// <summary>oadrRequestEvent.</summary>
    public sealed record RequestEvents : PendingRequest;

    /// <summary>oadrCreatedEvent.</summary>
    public sealed record AnswerEvents(EiResponse Response, ValueList<EventResponse> Responses) : PendingRequest;

    /// <summary>oadrCreatedReport.</summary>
    public sealed record ConfirmReports(EiResponse Response) : PendingRequest;

    /// <summary>oadrCanceledReport.</summary>
    public sealed record ConfirmCancelledReports(EiResponse Response) : PendingRequest;

    /// <summary>oadrUpdatedReport, the answer to the VTN's data.</summary>
    public sealed record AcceptReportData(EiResponse Response) : PendingRequest;

    /// <summary>oadrUpdateReport of one request, due since <paramref name="Due"/>. Derived from <see cref="VenState.Reports"/>, never stored.</summary>
    public sealed record SendReport(string ReportRequestId, Instant Due) : PendingRequest;

    /// <summary>oadrCreateOpt of the opt of this name in <see cref="VenState.Opts"/>.</summary>
    public sealed record CreateOpt(string OptId) : PendingRequest;

    /// <summary>oadrCancelOpt.</summary>
    public sealed record CancelOpt(string OptId) : PendingRequest;

    /// <summary>oadrPoll. Derived from <see cref="LinkState"/>, never stored.</summary>
    public sealed record Poll : PendingRequest;
}
