namespace GridServices.Hosting.Auth;

/// <summary>Why a caller was not let in, for the audit line and the metric; which of them it was says nothing of the token.</summary>
internal enum RefusalReason
{
    /// <summary>No token came.</summary>
    NoToken,

    /// <summary>The tokens file does not have it, and it is no access token that we take.</summary>
    UnknownToken,

    /// <summary>An access token that can't be read, or is of a form that is not taken.</summary>
    Malformed,

    /// <summary>Its signature, algorithm or key does not hold.</summary>
    Signature,

    /// <summary>It is over, or not yet begun.</summary>
    Expired,

    /// <summary>It is of another issuer, or for another audience.</summary>
    Audience,

    /// <summary>It names no tenant, role or sites that are known here.</summary>
    Claims,

    /// <summary>It is bound to a client certificate that the connection has not shown.</summary>
    Certificate,

    /// <summary>The issuer's keys were not to be had.</summary>
    Undecided,
}
