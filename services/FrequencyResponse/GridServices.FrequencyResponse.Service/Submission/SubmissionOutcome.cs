using System.Net;
using GridServices.Contracts;

namespace GridServices.FrequencyResponse.Service.Submission;

/// <summary>What a try to submit came to.</summary>
/// <param name="Problem">What it met; null: it was taken.</param>
/// <param name="MayBeTaken">It went out, and nobody knows what the receiver did with it.</param>
internal readonly record struct SubmissionOutcome(string? Problem, bool MayBeTaken = false)
{
    public static SubmissionOutcome Taken { get; } = new(null);

    public bool IsTaken => Problem is null;

    /// <summary>
    /// By the answer's status: 2xx took it. What a server says when it failed on the way, or in doubt (408, 409, 425, 5xx), says nothing of what was done before;
    /// everything else refused it.
    /// </summary>
    public static SubmissionOutcome From(HttpStatusCode status) => (int)status switch
    {
        >= 200 and < 300 => Taken,
        408 or 409 or 425 or >= 500 => new($"answered {(int)status}", MayBeTaken: true),
        _ => new($"answered {(int)status}"),
    };

    /// <summary>Without an answer: what never went out was not taken.</summary>
    public static SubmissionOutcome From(Exception fault, bool wentOut) =>
        new(fault is OperationCanceledException ? "no answer in time" : SafeText.Line(fault.Message), wentOut);
}
