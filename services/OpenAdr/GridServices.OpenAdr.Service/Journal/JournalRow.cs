using System.Security.Cryptography;
using NodaTime;

namespace GridServices.OpenAdr.Service.Journal;

/// <summary>One message, or a run of equal ones, as the journal keeps it.</summary>
public sealed record JournalRow
{
    /// <summary>Null until it is stored.</summary>
    public long? Id { get; init; }

    public required Instant FirstAt { get; init; }
    public required Instant LastAt { get; init; }

    /// <summary>How many exchanges the row stands for; more than one for runs of empty polls and of the same failure.</summary>
    public long Times { get; init; } = 1;

    public required MessageDirection Direction { get; init; }

    /// <summary>EiEvent, EiReport, EiRegisterParty, EiOpt or OadrPoll.</summary>
    public required string Service { get; init; }

    /// <summary>The payload's element name; null where it could not be read.</summary>
    public string? Message { get; init; }

    public int? HttpStatus { get; init; }

    /// <summary>What went wrong, one safe line; null when nothing did.</summary>
    public string? Problem { get; init; }

    /// <summary>Of the body, 64 lower-case hex digits.</summary>
    public string? Sha256 { get; init; }

    /// <summary>The bytes as sent or received; of a run the first ones.</summary>
    public byte[]? Body { get; init; }

    /// <summary>An exchange that may be counted onto an equal one before it.</summary>
    public bool Repeatable { get; init; }

    /// <summary>True where <paramref name="next"/> only repeats this.</summary>
    public bool Takes(JournalRow next)
    {
        ArgumentNullException.ThrowIfNull(next);
        return Repeatable && next.Repeatable && Direction == next.Direction && HttpStatus == next.HttpStatus
            && string.Equals(Service, next.Service, StringComparison.Ordinal)
            && string.Equals(Message, next.Message, StringComparison.Ordinal)
            && string.Equals(Problem, next.Problem, StringComparison.Ordinal);
    }

    public static string HashOf(ReadOnlySpan<byte> body) => Convert.ToHexStringLower(SHA256.HashData(body));
}

/// <summary>Seen from us.</summary>
public enum MessageDirection
{
    Sent,
    Received,
}
