using System.Text;
using NodaTime;

namespace GridServices.Simulators.DerServer.Model;

/// <summary>A request, free of any HTTP library: a test can hand one in directly.</summary>
public sealed record SimRequest(string Method, string Path)
{
    /// <summary>With the question mark; may be empty.</summary>
    public string Query { get; init; } = string.Empty;

    public string? Accept { get; init; }

    public string? ContentType { get; init; }

    /// <summary>The version that the client has, as it was named.</summary>
    public string? IfNoneMatch { get; init; }

    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>LFDI of the client's certificate; null without TLS, where any device may be asked for.</summary>
    public string? LFdi { get; init; }

    /// <summary>When it came; set by the utility.</summary>
    public Instant At { get; init; }

    public string BodyText => Encoding.UTF8.GetString(Body.Span[..Math.Min(Body.Length, 16_384)]);
}

/// <summary>An answer.</summary>
public sealed record SimReply(int Status)
{
    public string? ContentType { get; init; }

    public ReadOnlyMemory<byte> Body { get; init; }

    public string? Location { get; init; }

    public string? RetryAfter { get; init; }

    public string? ETag { get; init; }

    public string? ContentEncoding { get; init; }

    /// <summary>Bytes in a second, to be slow on purpose; null = as fast as can be.</summary>
    public int? TrickleBytesPerSecond { get; init; }

    /// <summary>What was wrong with the request, for the log.</summary>
    public string? Complaint { get; init; }
}

/// <summary>A request refused; becomes an answer with an Error body.</summary>
internal sealed class ProblemException(int status, string message, int reasonCode = 1) : Exception(message)
{
    public int Status { get; } = status;

    public int ReasonCode { get; } = reasonCode;
}
