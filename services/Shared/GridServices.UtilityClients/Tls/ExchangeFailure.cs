namespace GridServices.UtilityClients.Tls;

/// <summary>Kinds of failed exchanges with a utility.</summary>
public enum ExchangeFailure
{
    /// <summary>No connection: refused, unreachable, name unknown.</summary>
    Unreachable,

    /// <summary>No complete reply within the timeout.</summary>
    Timeout,

    /// <summary>The handshake failed, or a certificate was refused or has ended.</summary>
    Tls,

    /// <summary>The connection ended amid the exchange.</summary>
    Broken,

    /// <summary>A status that the protocol does not read as an answer.</summary>
    HttpStatus,

    /// <summary>A redirect; never followed by a connection (the client certificate goes nowhere else).</summary>
    Redirect,

    /// <summary>A body that is too long, encoded though that was not offered, or of another media type.</summary>
    BadContent,
}

/// <summary>Bounds of one exchange.</summary>
public sealed record ExchangeLimits
{
    /// <summary>From connecting to the last byte.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest reply that is read, in bytes.</summary>
    public int MaxReplyBytes { get; init; } = 4 * 1024 * 1024;
}
