using System.Security.Cryptography;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Journal;

/// <summary>One exchange, or a run of polls of one resource that all brought the same.</summary>
public sealed record JournalRow
{
    /// <summary>Of a longer body this much is kept: a server that sends something new and long at each poll must not fill the disk.</summary>
    public const int MostBodyBytes = 128 * 1024;

    /// <summary>Null until it is stored.</summary>
    public long? Id { get; init; }

    public required Instant FirstAt { get; init; }
    public required Instant LastAt { get; init; }

    /// <summary>How many exchanges the row stands for.</summary>
    public long Times { get; init; } = 1;

    public required ExchangeDirection Direction { get; init; }
    public required string Method { get; init; }

    /// <summary>Path and query at the server; of a notification the path it came to, without its secret.</summary>
    public required string Href { get; init; }

    /// <summary>Why it was sent, in the engine's word.</summary>
    public required string Purpose { get; init; }

    public int? HttpStatus { get; init; }

    /// <summary>What went wrong, one safe line; null when nothing did.</summary>
    public string? Problem { get; init; }

    /// <summary>Of the whole body received, 64 lower-case hex digits.</summary>
    public string? Sha256 { get; init; }

    /// <summary>The bytes sent; null where there were none.</summary>
    public byte[]? RequestBody { get; init; }

    /// <summary>The bytes received, up to <see cref="MostBodyBytes"/>; null where there were none.</summary>
    public byte[]? ReplyBody { get; init; }

    /// <summary>True where <paramref name="next"/> only says again what this says.</summary>
    public bool Takes(JournalRow next)
    {
        ArgumentNullException.ThrowIfNull(next);
        return RequestBody is null && next.RequestBody is null && Direction == next.Direction && HttpStatus == next.HttpStatus
            && string.Equals(Method, next.Method, StringComparison.Ordinal)
            && string.Equals(Href, next.Href, StringComparison.Ordinal)
            && string.Equals(Sha256, next.Sha256, StringComparison.Ordinal)
            && string.Equals(Problem, next.Problem, StringComparison.Ordinal);
    }

    public static byte[] Kept(ReadOnlySpan<byte> body) => body[..Math.Min(body.Length, MostBodyBytes)].ToArray();

    public static string HashOf(ReadOnlySpan<byte> body) => Convert.ToHexStringLower(SHA256.HashData(body));
}

/// <summary>Seen from us: sent = we asked; received = the server notified us.</summary>
public enum ExchangeDirection
{
    Sent,
    Received,
}
