using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Journal;

/// <summary>One exchange, or a run of polls of one resource that all brought the same.</summary>
public sealed record ExchangeRow : JournalRow
{
    /// <summary>Of a longer body this much is kept: a server that sends something new and long at each poll must not fill the disk.</summary>
    public const int MostBodyBytes = 128 * 1024;

    internal static JournalTable Table { get; } = new("exchanges", "client_key", ["method", "href", "purpose", "request_body", "reply_body"]);

    public required string Method { get; init; }

    /// <summary>Path and query at the server; of a notification the path it came to, without its secret.</summary>
    public required string Href { get; init; }

    /// <summary>Why it was sent, in the engine's word.</summary>
    public required string Purpose { get; init; }

    /// <summary>The bytes sent; null where there were none.</summary>
    public byte[]? RequestBody { get; init; }

    /// <summary>The bytes received, up to <see cref="MostBodyBytes"/>; null where there were none.</summary>
    public byte[]? ReplyBody { get; init; }

    public override string RunKey => $"{Method} {Href}";

    /// <summary>What the server sent a subscriber.</summary>
    public static ExchangeRow Notification(ReadOnlySpan<byte> body, Instant at) => new()
    {
        FirstAt = at,
        LastAt = at,
        Direction = MessageDirection.Received,
        Method = "POST",
        Href = Driver.NotificationPath.Prefix,
        Purpose = "Notification",
        Sha256 = ComputeHash(body),
        RequestBody = Truncate(body),
    };

    public static byte[] Truncate(ReadOnlySpan<byte> body) => body[..Math.Min(body.Length, MostBodyBytes)].ToArray();

    public override bool IsRepeatedBy(JournalRow next) =>
        next is ExchangeRow row && RequestBody is null && row.RequestBody is null && Direction == row.Direction && HttpStatus == row.HttpStatus
        && string.Equals(Method, row.Method, StringComparison.Ordinal)
        && string.Equals(Href, row.Href, StringComparison.Ordinal)
        && string.Equals(Sha256, row.Sha256, StringComparison.Ordinal)
        && string.Equals(Problem, row.Problem, StringComparison.Ordinal);

    // A row with a request is never counted onto, so that its body may stay.
    public override JournalRow WithoutBody() => this with { ReplyBody = null };
}
