using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Events;
using GridServices.Ieee2030Dot5.Session;
using NodaTime;

namespace GridServices.Ieee2030Dot5;

/// <summary>What <see cref="DerClient.Next"/> wants done.</summary>
public abstract record DerNext
{
    /// <summary>Send this to the server and apply the outcome together with this very object.</summary>
    /// <param name="Id">Number of the request, counted in the state.</param>
    /// <param name="Method">GET, POST, PUT or DELETE.</param>
    /// <param name="Href">Path and query at the server's own origin; never an absolute URL.</param>
    /// <param name="Accept">For the Accept header.</param>
    /// <param name="ContentType">For the Content-Type header; null without a body.</param>
    /// <param name="Body">Null: none.</param>
    /// <param name="Purpose">Why, for the journal and as the engine's own bookmark.</param>
    public sealed record SendRequest(long Id, string Method, string Href, string Accept, string? ContentType, byte[]? Body, DerPurpose Purpose) : DerNext
    {
        /// <summary>True: something was due that goes before what is owed (first readings, responses, what a notification named).</summary>
        public bool IsCrowded { get; init; }

        /// <summary>For the If-None-Match header; null: without.</summary>
        public string? IfNoneMatch { get; init; }
    }

    /// <summary>
    /// Nothing to send before then. When the time has come (at once, where it is not ahead) apply a <see cref="DerInput.Tick"/>, then ask again.
    /// <see cref="Instant.MaxValue"/>: nothing at all by itself.
    /// </summary>
    public sealed record WaitUntil(Instant At) : DerNext;
}

/// <summary>What the shell takes from a reply's headers.</summary>
/// <param name="ContentType">Media type with its parameters, as received; null when absent.</param>
/// <param name="Location">As received.</param>
/// <param name="RetryAfter">Seconds, or the date made seconds by the shell; null when absent.</param>
/// <param name="ETag">As received; null when absent.</param>
public sealed record DerReplyHeaders(string? ContentType = null, string? Location = null, Duration? RetryAfter = null, string? ETag = null);

/// <summary>Something that happened to a client.</summary>
public abstract record DerInput
{
    /// <summary>The process has started: everything is read again at once, and what the server was told of the DER is told again.</summary>
    public sealed record Started : DerInput
    {
        /// <summary>How far the machine's clock is ahead of ours already (a client that is started anew in a process that runs).</summary>
        public Duration ClockStep { get; init; }
    }

    /// <summary>The machine's clock was set, or the machine slept: the server is asked for its time again, and what is published lies elsewhere on it.</summary>
    /// <param name="Step">How far it is ahead of ours since the process began; negative: behind.</param>
    public sealed record ClockStepped(Duration Step) : DerInput;

    /// <summary>The server answered, with whatever status.</summary>
    /// <param name="Request">The request, as <see cref="DerClient.Next"/> gave it.</param>
    /// <param name="Status">HTTP status.</param>
    /// <param name="Headers">What matters of the headers.</param>
    /// <param name="Body">The body, bounded by the shell; empty where there is none.</param>
    public sealed record ReplyReceived(DerNext.SendRequest Request, int Status, DerReplyHeaders Headers, ReadOnlyMemory<byte> Body) : DerInput
    {
        /// <summary>When the request was sent, our time; null: not measured, it counts as answered at once.</summary>
        public Instant? SentAt { get; init; }

        /// <summary>From sending to the last byte.</summary>
        public Duration Took { get; init; }
    }

    /// <summary>There was no answer, or none that may be read.</summary>
    public sealed record TransportFailed(DerNext.SendRequest Request, TransportFailure Kind) : DerInput
    {
        /// <summary>In words, one line; null: the kind says it.</summary>
        public string? Detail { get; init; }
    }

    /// <summary>Measurements of sites, in any order; those of other sites are skipped.</summary>
    public sealed record ReadingsArrived(IReadOnlyList<SiteReading> Readings) : DerInput;

    /// <summary>The server told a subscriber. Authenticated and bounded by the shell.</summary>
    /// <param name="Body">The Notification document.</param>
    public sealed record NotificationReceived(ReadOnlyMemory<byte> Body) : DerInput;

    /// <summary>A notification to this client was refused at the door, unread: its sender is not who may notify.</summary>
    /// <param name="Why">One safe line for people.</param>
    public sealed record NotificationRefused(string Why) : DerInput;

    /// <summary>No notification can come in: the listener has nothing to show to the server.</summary>
    /// <param name="Why">One safe line for people.</param>
    public sealed record NotificationsShut(string Why) : DerInput;

    /// <summary>The configuration given to <see cref="DerClient.Apply"/> is new.</summary>
    /// <param name="Previous">What it was; null: the client is new.</param>
    public sealed record ConfigChanged(DerClientConfig? Previous) : DerInput;

    /// <summary>A person wants something done.</summary>
    public sealed record OperatorAction(DerAction Action) : DerInput;

    /// <summary>A charging plan wants a flow reserved.</summary>
    /// <param name="SiteId">The site; one of the client's.</param>
    /// <param name="Wanted">Without its name at the server, which the engine gives.</param>
    public sealed record Reserve(string SiteId, Reservation Wanted) : DerInput;

    /// <summary>A reservation is no longer wanted.</summary>
    public sealed record Withdraw(string ReservationId) : DerInput;

    /// <summary>People override an EndDeviceControl at a site, or take that back.</summary>
    /// <param name="SiteId">The site; one of the client's.</param>
    /// <param name="MRid">The control.</param>
    /// <param name="IsOut">True: it is not followed from now on.</param>
    public sealed record Opt(string SiteId, string MRid, bool IsOut) : DerInput;

    /// <summary>The client is about to be deleted: what the server holds for it is taken back first.</summary>
    public sealed record Leaving : DerInput;

    /// <summary>The client is being deleted: every stream is withdrawn. Keep the resulting state under its key: it holds the revisions.</summary>
    public sealed record Removed : DerInput;

    /// <summary>Time has passed.</summary>
    public sealed record Tick : DerInput;
}

/// <summary>What a person can ask of a client.</summary>
public enum DerAction
{
    /// <summary>Read everything again, now.</summary>
    Rediscover,

    /// <summary>Go on after communication was ceased for a wrong PIN, with the PIN as configured now.</summary>
    Resume,

    /// <summary>Send the DER's capability, settings, status and availability again.</summary>
    Report,
}
