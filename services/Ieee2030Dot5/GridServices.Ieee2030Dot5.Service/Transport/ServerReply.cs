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
    /// <param name="ETag">As sent.</param>
    public sealed record Received(int Status, byte[] Body, string? ContentType, string? Location, string? RetryAfter, Instant? Date, string? ETag) : ServerReply;

    /// <summary>No answer, or one out of bounds.</summary>
    /// <param name="Failure">The kind.</param>
    /// <param name="Status">Null where no status line arrived.</param>
    /// <param name="Detail">One safe line for people.</param>
    public sealed record Failed(ExchangeFailure Failure, int? Status, string Detail) : ServerReply;
}
