using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Events;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Reports;
using GridServices.OpenAdr.Session;
using GridServices.OpenAdr.Signatures;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr;

/// <summary>What <see cref="Ven.Next"/> wants done.</summary>
public abstract record VenNext
{
    /// <summary>Post <paramref name="Message"/> to the VTN's <paramref name="Service"/> and apply the outcome together with this very object.</summary>
    /// <param name="Message">Ready to be encoded.</param>
    /// <param name="Service">The endpoint.</param>
    /// <param name="RequestId">The message's requestID; empty for messages that have none.</param>
    /// <param name="Purpose">Why; the engine's own bookmark.</param>
    public sealed record SendRequest(OadrMessage Message, OadrServiceName Service, string RequestId, PendingRequest Purpose) : VenNext
    {
        // Profile section 9.1.6: five seconds at least.
        private static readonly TimeSpan LeastTimeout = TimeSpan.FromSeconds(5);

        /// <summary>
        /// How long to wait for the reply: <paramref name="requestTimeout"/>, or a third of it (at least 5 s) for a message that got none the last
        /// time, since nothing can be polled meanwhile.
        /// </summary>
        public TimeSpan ComputeTimeout(TimeSpan requestTimeout)
        {
            var shorter = requestTimeout / 3 > LeastTimeout ? requestTimeout / 3 : LeastTimeout;
            return Purpose.TimedOut && shorter < requestTimeout ? shorter : requestTimeout;
        }
    }

    /// <summary>Nothing to do before then, unless something arrives. <see cref="Instant.MaxValue"/>: nothing at all by itself.</summary>
    public sealed record WaitUntil(Instant At) : VenNext;
}

/// <summary>Something that happened to a VEN.</summary>
public abstract record VenInput
{
    /// <summary>True for whatever came of a poll.</summary>
    internal bool IsOfPoll => this switch
    {
        ReplyReceived reply => reply.Request.Purpose is PendingRequest.Poll,
        ReplyRefused refused => refused.Request.Purpose is PendingRequest.Poll,
        ReplyEmpty empty => empty.Request.Purpose is PendingRequest.Poll,
        TransportFailed failed => failed.Request.Purpose is PendingRequest.Poll,
        _ => false,
    };

    /// <summary>The VTN answered a request with a message.</summary>
    /// <param name="Request">The request, as <see cref="Ven.Next"/> gave it.</param>
    /// <param name="Message">The reply.</param>
    /// <param name="Sha256">SHA-256 of the raw reply, 64 lower-case hex digits.</param>
    /// <param name="Stamp">Of its signature, which was verified; null: none was asked for.</param>
    public sealed record ReplyReceived(VenNext.SendRequest Request, OadrMessage Message, string Sha256, SignatureStamp? Stamp = null) : VenInput;

    /// <summary>The VTN answered with something that couldn't be read.</summary>
    /// <param name="Request">The request.</param>
    /// <param name="Refusal">Why.</param>
    /// <param name="Message">The payload's element name, where legible.</param>
    /// <param name="MessageRequestId">The payload's own requestID, where legible: then the refusal can be answered.</param>
    public sealed record ReplyRefused(VenNext.SendRequest Request, ReadError Refusal, string? Message = null, string? MessageRequestId = null) : VenInput;

    /// <summary>The VTN answered with a status 200 to 299 and nothing else.</summary>
    public sealed record ReplyEmpty(VenNext.SendRequest Request, int HttpStatus) : VenInput;

    /// <summary>There was no usable answer.</summary>
    /// <param name="Request">The request.</param>
    /// <param name="Kind">What went wrong.</param>
    /// <param name="HttpStatus">With <see cref="TransportFailure.HttpStatus"/>.</param>
    /// <param name="RetryAfter">How long the VTN asks to be left alone (HTTP Retry-After).</param>
    /// <param name="Detail">What went wrong, one safe line for people.</param>
    public sealed record TransportFailed(
        VenNext.SendRequest Request, TransportFailure Kind, int? HttpStatus = null, Duration? RetryAfter = null, string? Detail = null) : VenInput
    {
        /// <summary>True: the connection ended amid the exchange.</summary>
        public bool IsBroken { get; init; }

        // A gateway's 502 and 504 are time-outs behind it; with 500 a VTN may have failed after it had taken the answer out of its queue.
        internal bool MayHaveBeenAnswered => IsBroken || Kind is TransportFailure.Timeout or TransportFailure.Unacceptable || HttpStatus is 500 or 502 or 504;
    }

    /// <summary>The VTN sent a message of its own accord. Its answer is <see cref="PushAnswers.GetAnswer"/> the state after the step.</summary>
    /// <param name="Service">The endpoint at which it came.</param>
    /// <param name="Message">The message.</param>
    /// <param name="Sha256">SHA-256 of the raw message, 64 lower-case hex digits.</param>
    /// <param name="Stamp">Of its signature, which was verified; null: none was asked for.</param>
    public sealed record MessagePushed(OadrServiceName Service, OadrMessage Message, string Sha256, SignatureStamp? Stamp = null) : VenInput
    {
        /// <summary>True: these very bytes came before and had no answer but that they may be sent again.</summary>
        public bool IsSentAgain { get; init; }
    }

    /// <summary>The VTN sent something that is not taken; it was or will be answered so.</summary>
    /// <param name="Refusal">Why.</param>
    /// <param name="Message">The payload's element name, where legible.</param>
    public sealed record PushRefused(ReadError Refusal, string? Message) : VenInput;

    /// <summary>The VTN sent something that could not be taken in; it was asked to send it again, which it may not do.</summary>
    public sealed record PushMissed : VenInput;

    /// <summary>An exchange was cut, or failed in here, or the process may have died amid one: what the VTN answered is not known.</summary>
    public sealed record AnswerLost : VenInput;

    /// <summary>A person (or the enrollment service) wants something done.</summary>
    /// <param name="Action">What.</param>
    /// <param name="ReportBack">With <see cref="VenAction.RequestVtnMetadata"/>: how often the VTN is to send it; zero: once.</param>
    public sealed record OperatorAction(VenAction Action, Duration ReportBack = default) : VenInput
    {
        /// <summary>With <see cref="VenAction.RequestVtnMetadata"/>: true, it goes with the next answer to METADATA of the VTN, and in no message of its own.</summary>
        public bool Rides { get; init; }
    }

    /// <summary>The VEN is about to be deleted, or to leave its VTN for another.</summary>
    public sealed record Leaving : VenInput;

    /// <summary>It was not stored, so the VEN stays: it is registered, or registers again by itself.</summary>
    public sealed record Stays : VenInput;

    /// <summary>A person opts in or out of an event.</summary>
    /// <param name="EventId">The event.</param>
    /// <param name="Opt">In or out.</param>
    /// <param name="Reason">In the person's words.</param>
    /// <param name="By">Whose token it was.</param>
    /// <param name="Actor">The person for whom the token's holder acts.</param>
    public sealed record OptChosen(string EventId, OptType Opt, string? Reason = null, string? By = null, string? Actor = null) : VenInput;

    /// <summary>Somebody wants an opt told to the VTN: about one event, or a schedule.</summary>
    /// <param name="OptId">Its name, drawn by the caller; one that is there already changes nothing.</param>
    /// <param name="Request">What it says.</param>
    /// <param name="Reason">In the person's words.</param>
    /// <param name="By">Whose token it was.</param>
    /// <param name="Actor">The person for whom the token's holder acts.</param>
    /// <param name="RequestSha256">Of the request that wants it, where it may be repeated.</param>
    public sealed record OptWanted(
        string OptId, OptRequest Request, string? Reason = null, string? By = null, string? Actor = null, string? RequestSha256 = null) : VenInput;

    /// <summary>An opt is to go.</summary>
    public sealed record OptWithdrawn(string OptId, string? By = null, string? Actor = null) : VenInput;

    /// <summary>Measurements of sites, in any order; those that no report channel asks for are skipped.</summary>
    public sealed record ReadingsArrived(IReadOnlyList<SiteReading> Readings) : VenInput;

    /// <summary>The answer to a <see cref="PastQuestion"/>.</summary>
    /// <param name="ReportRequestId">The report.</param>
    /// <param name="Due">Which of its messages.</param>
    /// <param name="Past">What was found, which may be nothing.</param>
    public sealed record PastFetched(string ReportRequestId, Instant Due, FetchedPast Past) : VenInput;

    /// <summary>The configuration given to <see cref="Ven.Apply"/> is new.</summary>
    /// <param name="Previous">What it was; null: the VEN is new.</param>
    public sealed record ConfigChanged(VenConfig? Previous) : VenInput;

    /// <summary>
    /// The VEN is being deleted: every stream is withdrawn. Keep the resulting state under the VEN's key: it holds the revisions, without which
    /// a VEN put there later could not publish to the same streams.
    /// </summary>
    public sealed record Removed : VenInput;

    /// <summary>Time has passed: forget what is over.</summary>
    public sealed record Tick : VenInput;
}

/// <summary>What a person can ask of a VEN.</summary>
public enum VenAction
{
    QueryRegistration,
    Register,
    Reregister,
    CancelRegistration,
    RequestEvents,
    PublishMetadata,
    RequestVtnMetadata,

    /// <summary>Cancel all METADATA that was asked of the VTN.</summary>
    CancelVtnMetadata,

    /// <summary>Send again what the VTN has not taken.</summary>
    Resend,
}
