using System.Security.Cryptography;
using NodaTime;

namespace GridServices.UtilityClients.Journal;

/// <summary>One message or exchange, or a run of equal ones, as the journal keeps it. A protocol adds its own columns.</summary>
public abstract record JournalRow
{
    /// <summary>Null until it is stored.</summary>
    public long? Id { get; init; }

    public required Instant FirstAt { get; init; }
    public required Instant LastAt { get; init; }

    /// <summary>How many exchanges the row stands for.</summary>
    public long Times { get; init; } = 1;

    public required MessageDirection Direction { get; init; }
    public int? HttpStatus { get; init; }

    /// <summary>What went wrong, one safe line; null when nothing did.</summary>
    public string? Problem { get; init; }

    /// <summary>Of the whole body received, 64 lower-case hex digits.</summary>
    public string? Sha256 { get; init; }

    /// <summary>A row may be counted onto the latest row with the same key.</summary>
    public abstract string RunKey { get; }

    /// <summary>SHA-256 in 64 lower-case hex digits.</summary>
    public static string ComputeHash(ReadOnlySpan<byte> body) => Convert.ToHexStringLower(SHA256.HashData(body));

    /// <summary>True where <paramref name="next"/>, of the same <see cref="RunKey"/>, only repeats this.</summary>
    public abstract bool IsRepeatedBy(JournalRow next);

    /// <summary>The row without its bodies, once they are on disk.</summary>
    public abstract JournalRow WithoutBody();
}

/// <summary>Seen from us.</summary>
public enum MessageDirection
{
    Sent,
    Received,
}
