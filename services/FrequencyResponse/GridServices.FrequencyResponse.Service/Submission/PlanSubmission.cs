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
}

/// <summary>The submission of one decided period. Times in UTC.</summary>
public sealed record PlanSubmission
{
    /// <summary>Back-off: 5 s, doubled with each try, a minute at most.</summary>
    private static readonly Duration First = Duration.FromSeconds(5);
    private static readonly Duration Longest = Duration.FromMinutes(1);

    /// <summary>What is not taken so long before the period is too late: the plan is decided five minutes before that.</summary>
    public static readonly Duration Gate = Duration.FromMinutes(60);

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

    internal static PlanSubmission Begin(PlannedPeriod period) => new() { From = period.From, State = SubmissionPhase.Pending, Attempts = 0 };

    /// <summary>After a try.</summary>
    /// <param name="problem">Null: it was taken.</param>
    /// <param name="now">When that was known.</param>
    internal PlanSubmission Tried(string? problem, Instant now)
    {
        var late = now > From - Gate;
        return problem is null
            ? this with { State = late ? SubmissionPhase.SubmittedLate : SubmissionPhase.Submitted, Attempts = Attempts + 1, SubmittedAt = now, Problem = null, NextAt = null }
            : this with { State = late ? SubmissionPhase.Overdue : SubmissionPhase.Pending, Attempts = Attempts + 1, Problem = problem, NextAt = Next(now, late) };
    }

    /// <summary>What the clock alone says of it, whatever a try that is under way comes to: the gate has passed, or the period has begun, and it was not taken.</summary>
    /// <returns>Null: nothing new.</returns>
    internal PlanSubmission? At(Instant now) =>
        State is not (SubmissionPhase.Pending or SubmissionPhase.Overdue) ? null
        : now >= From ? GivenUp()
        : State == SubmissionPhase.Pending && now > From - Gate ? this with { State = SubmissionPhase.Overdue, Problem = Problem ?? "it was not taken before the gate", NextAt = NextAt ?? now }
        : null;

    /// <summary>The stored plan, or what was stored of this, can't be read.</summary>
    internal static PlanSubmission Unread(Instant from, string problem) =>
        new() { From = from, State = SubmissionPhase.Failed, Attempts = 0, Problem = $"what is stored of it can't be read: {problem}" };

    /// <summary>The period has begun.</summary>
    internal PlanSubmission GivenUp() => this with { State = SubmissionPhase.Failed, Problem = Problem ?? "the period began before it could be tried", NextAt = null };

    /// <summary>The contract has ended: nothing is delivered in the period, and nothing is submitted.</summary>
    internal PlanSubmission Ended() => this with { State = SubmissionPhase.Failed, Problem = "the contract has ended", NextAt = null };

    /// <summary>Looked at when the gate passes, so that it is told then and not a minute later.</summary>
    private Instant Next(Instant now, bool late)
    {
        var wait = Duration.Min(Longest, First * Math.Pow(2, Math.Min(Attempts, 10)));
        var gate = From - Gate + Duration.FromMilliseconds(1);
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
