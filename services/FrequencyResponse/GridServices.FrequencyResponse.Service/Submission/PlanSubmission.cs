using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.Publishing;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Submission;

/// <summary>How the submission of a plan stands.</summary>
public enum SubmissionPhase
{
    /// <summary>It is tried again; the gate has not passed.</summary>
    Pending,

    /// <summary>It was taken before the gate.</summary>
    Submitted,

    /// <summary>The gate has passed and it was not taken: somebody must submit it by hand. It is tried on until the period begins.</summary>
    Overdue,

    /// <summary>It was taken after the gate.</summary>
    SubmittedLate,

    /// <summary>The period began before it was taken, or its contract ended before; it is tried no more.</summary>
    Failed,

    /// <summary>It went out and was not answered: the receiver may hold it. It is tried on, the same, until the period begins, and stays so where no answer came.</summary>
    Unconfirmed,
}

/// <summary>The submission of one decided period. Times in UTC.</summary>
public sealed record PlanSubmission
{
    /// <summary>Back-off: 5 s, doubled with each try, a minute at most.</summary>
    private static readonly Duration First = Duration.FromSeconds(5);
    private static readonly Duration Longest = Duration.FromMinutes(1);

    /// <summary>What is not taken so long before the period is too late: the plan is decided five minutes before that.</summary>
    public static readonly Duration Gate = Duration.FromMinutes(60);

    /// <summary>What may be with the receiver, and may not, is told so long before the gate, so that somebody can ask there in time.</summary>
    public static readonly Duration Warning = Duration.FromMinutes(2);

    /// <summary>A try that is under way for longer than this counts as one without an answer from the warning on.</summary>
    internal static readonly Duration Patience = Duration.FromSeconds(15);

    /// <summary>A try that is under way so shortly before the gate counts as one without an answer.</summary>
    internal static readonly Duration Last = Duration.FromSeconds(30);

    /// <summary>Begin of the period.</summary>
    public required Instant From { get; init; }
    public required SubmissionPhase State { get; init; }

    /// <summary>Tries so far.</summary>
    public required int Attempts { get; init; }

    /// <summary>When it was taken; absent: it was not.</summary>
    public Instant? SubmittedAt { get; init; }

    /// <summary>What the last try met; absent where it was taken.</summary>
    public string? Problem { get; init; }

    /// <summary>When it is tried next; absent: no more.</summary>
    public Instant? NextAt { get; init; }

    /// <summary>
    /// When the first try went out whose answer is not known, also one that is under way: the receiver may hold it since. Of one that was taken late: it may have been taken then.
    /// Absent: nothing is unknown.
    /// </summary>
    public Instant? UnansweredSince { get; init; }

    private Instant GateAt => From - Gate;

    internal static PlanSubmission Begin(PlannedPeriod period) => new() { From = period.From, State = SubmissionPhase.Pending, Attempts = 0 };

    /// <summary>Kept before anything goes out: whoever comes after a crash knows that it may have arrived.</summary>
    internal PlanSubmission Sending(Instant now) => this with { UnansweredSince = UnansweredSince ?? now, NextAt = now };

    /// <summary>After a try, of what was known before it.</summary>
    /// <param name="outcome">What the try came to. A refusal says nothing of a try before it that was not answered.</param>
    /// <param name="sentAt">When it went out.</param>
    /// <param name="now">When that was known.</param>
    internal PlanSubmission Tried(SubmissionOutcome outcome, Instant sentAt, Instant now)
    {
        var late = now > GateAt;
        if (outcome.IsTaken)
        {
            var state = late ? SubmissionPhase.SubmittedLate : SubmissionPhase.Submitted;
            var perhaps = late && UnansweredSince <= GateAt ? UnansweredSince : null;
            return this with { State = state, Attempts = Attempts + 1, SubmittedAt = now, Problem = null, NextAt = null, UnansweredSince = perhaps };
        }

        var unanswered = UnansweredSince ?? (outcome.MayBeTaken ? sentAt : null);
        return this with
        {
            State = unanswered is not null ? SubmissionPhase.Unconfirmed : late ? SubmissionPhase.Overdue : SubmissionPhase.Pending,
            Attempts = Attempts + 1,
            Problem = outcome.Problem,
            NextAt = Next(now, late),
            UnansweredSince = unanswered,
        };
    }

    /// <summary>What the clock alone says of it, whatever a try that is under way comes to: the gate has passed, or the period has begun, and nobody knows that it was taken.</summary>
    /// <returns>Null: nothing new.</returns>
    internal PlanSubmission? At(Instant now) =>
        NextAt is null && State != SubmissionPhase.Pending ? null
        : now >= From ? Expire()
        : State != SubmissionPhase.Pending ? null
        : UnansweredSince is { } since && now > GateAt - (now - since > Patience ? Warning : Last)
            ? this with { State = SubmissionPhase.Unconfirmed, Problem = Problem ?? "there is no answer yet", NextAt = NextAt ?? now }
        : now > GateAt ? this with { State = SubmissionPhase.Overdue, Problem = Problem ?? "it was not taken before the gate", NextAt = NextAt ?? now }
        : null;

    /// <summary>Somebody must ask the receiver: the gate is near, or it is tried no more.</summary>
    internal bool IsToBeAsked(Instant now) => State == SubmissionPhase.Unconfirmed && (NextAt is null || now > GateAt - Warning);

    /// <summary>What somebody must do about it; null: nothing.</summary>
    internal string? FindAlarm(Instant now) => State switch
    {
        SubmissionPhase.Overdue or SubmissionPhase.Failed => $"the plan for the period from {TimeText.Format(From)} was not taken in time; submit it by hand ({Problem})",
        SubmissionPhase.Unconfirmed when IsToBeAsked(now) => $"the plan for the period from {TimeText.Format(From)} went out and was not answered; ask the receiver whether it holds it ({Problem})",
        _ => null,
    };

    /// <summary>The stored plan, or what was stored of this, can't be read.</summary>
    /// <param name="from">Begin of the period.</param>
    /// <param name="problem">Why not.</param>
    /// <param name="mayBeTaken">It may have gone out.</param>
    internal static PlanSubmission Unread(Instant from, string problem, bool mayBeTaken) =>
        new() { From = from, State = mayBeTaken ? SubmissionPhase.Unconfirmed : SubmissionPhase.Failed, Attempts = 0, Problem = $"what is stored of it can't be read: {problem}" };

    /// <summary>The period has begun.</summary>
    internal PlanSubmission Expire() => Close(Problem ?? (UnansweredSince is null ? "the period began before it could be tried" : "the period began before there was an answer"));

    /// <summary>The contract has ended: nothing is delivered in the period, and nothing is submitted any more.</summary>
    internal PlanSubmission Ended() => Close(UnansweredSince is null ? "the contract has ended" : "the contract has ended, and the receiver may hold its plan");

    private PlanSubmission Close(string problem) =>
        this with { State = UnansweredSince is null ? SubmissionPhase.Failed : SubmissionPhase.Unconfirmed, Problem = problem, NextAt = null };

    /// <summary>Looked at when the gate passes, so that it is told then and not a minute later.</summary>
    private Instant Next(Instant now, bool late)
    {
        var wait = Duration.Min(Longest, First * Math.Pow(2, Math.Min(Attempts, 10)));
        var gate = GateAt + Duration.FromMilliseconds(1);
        return !late && now + wait > gate ? Instant.Max(gate, now + First) : now + wait;
    }
}

/// <summary>What is sent: a period of a contract as it was decided.</summary>
/// <param name="ContractId">Its name.</param>
/// <param name="Service">Id of the catalog; custom for one of one's own.</param>
/// <param name="SiteId">Where it is.</param>
/// <param name="QuantityW">Contracted, W.</param>
/// <param name="Plan">As `GET …/plans` shows it.</param>
public sealed record PlanDocument(string ContractId, string Service, string SiteId, long QuantityW, PlannedPeriod Plan);
