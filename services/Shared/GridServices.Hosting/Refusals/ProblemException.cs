using GridServices.Contracts;

namespace GridServices.Hosting.Refusals;

/// <summary>The request is refused: becomes the answer <see cref="Problem"/> of its class, whatever endpoint it came from.</summary>
public sealed class ProblemException : Exception
{
    public ProblemException(ErrorClass errorClass, string detail, string? pointer = null)
        : this(Problems.Create(errorClass, detail, pointer))
    {
    }

    public ProblemException(Problem problem)
        : base(problem.Detail) => Problem = problem;

    public ErrorClass? Class => Problems.FindClass(Problem);

    public Problem Problem { get; }

    /// <summary>Sent as <c>Retry-After</c>, in whole seconds.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
