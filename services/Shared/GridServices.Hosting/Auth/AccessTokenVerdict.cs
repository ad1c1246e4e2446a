using GridServices.Contracts;

namespace GridServices.Hosting.Auth;

/// <summary>What became of an access token.</summary>
internal abstract record AccessTokenVerdict
{
    /// <param name="Caller">Whom it speaks for.</param>
    /// <param name="EndsAt">From then on it counts no more; the clock skew is in it.</param>
    internal sealed record Good(Caller Caller, DateTimeOffset EndsAt) : AccessTokenVerdict;

    /// <param name="Class">How it is answered.</param>
    /// <param name="Reason">How it is counted.</param>
    /// <param name="Detail">For the caller.</param>
    internal sealed record Refused(ErrorClass Class, RefusalReason Reason, string Detail) : AccessTokenVerdict;

    /// <summary>The issuer's keys are not to be had: nobody is let in, and nobody is called a stranger.</summary>
    /// <param name="Detail">For the caller.</param>
    internal sealed record Undecided(string Detail) : AccessTokenVerdict;
}
