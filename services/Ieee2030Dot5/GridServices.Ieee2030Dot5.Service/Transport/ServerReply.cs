using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Transport;

/// <summary>What came of one request to the server.</summary>
public abstract record ServerReply
{
    private ServerReply()
    {
    }

    /// <summary>A complete HTTP answer within bounds, of whatever status.</summary>
    /// <param name="Status">The HTTP status.</param>
    /// <param name="Body">The bytes as received; empty where there were none.</param>
    /// <param name="ContentType">As sent; null where there was none.</param>
    /// <param name="Location">As sent, never followed here.</param>
    /// <param name="RetryAfter">As sent.</param>
    /// <param name="Date">The server's own clock by its HTTP Date header, whole seconds.</param>
    public sealed record Received(int Status, byte[] Body, string? ContentType, string? Location, string? RetryAfter, Instant? Date) : ServerReply;

    /// <summary>No answer, or one out of bounds.</summary>
    /// <param name="Failure">The kind.</param>
    /// <param name="Status">Null where no status line arrived.</param>
    /// <param name="Detail">One safe line for people.</param>
    public sealed record Failed(LineFailure Failure, int? Status, string Detail) : ServerReply;
}

/// <summary>Kinds of failed exchanges.</summary>
public enum LineFailure
{
    /// <summary>No connection: refused, unreachable, name unknown.</summary>
    Unreachable,

    /// <summary>No complete reply within the timeout.</summary>
    Timeout,

    /// <summary>The handshake failed, a certificate was refused or has ended.</summary>
    Tls,

    /// <summary>The connection ended amid the exchange.</summary>
    Broken,

    /// <summary>A body that is too long, or encoded though nothing was offered.</summary>
    BadContent,
}

/// <summary>Bounds of one exchange.</summary>
/// <param name="Timeout">From sending to the last byte.</param>
/// <param name="MaxReplyBytes">Of a body.</param>
public sealed record ExchangeLimits(TimeSpan Timeout, int MaxReplyBytes);
