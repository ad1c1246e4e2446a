using GridServices.Contracts;

namespace GridServices.Hosting.Auth;

/// <summary>What became of an access token.</summary>
internal abstract record AccessTokenVerdict
{
    /// <param name="Caller">Whom it speaks for.</param>
    /// <param name="Term">For how long an endless answer may rely on it.</param>
    internal sealed record Good(Caller Caller, AccessTokenTerm Term) : AccessTokenVerdict;

    /// <param name="Class">How it is answered.</param>
    /// <param name="Reason">How it is counted.</param>
    /// <param name="Detail">For the caller.</param>
    internal sealed record Refused(ErrorClass Class, RefusalReason Reason, string Detail) : AccessTokenVerdict;

    /// <summary>The issuer's keys are not to be had: nobody is let in, and nobody is called a stranger.</summary>
    /// <param name="Detail">For the caller.</param>
    internal sealed record Undecided(string Detail) : AccessTokenVerdict;
}

/// <summary>For how long an endless answer may rely on an access token.</summary>
/// <param name="EndsAt">From then on no more; the clock skew is in it. A day at most, however long the token holds.</param>
/// <param name="Key">What verified it, by <see cref="VerificationKeys.Identity"/>: as soon as the issuer has withdrawn that, no more.</param>
internal sealed record AccessTokenTerm(DateTimeOffset EndsAt, string Key);
