using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using NodaTime;

namespace GridServices.Operations.Notifications;

/// <summary>What is kept of a link to acknowledge by: never the token itself.</summary>
public sealed record AcknowledgementToken
{
    /// <summary>How long a link works.</summary>
    public static Duration Life { get; } = Duration.FromHours(24);

    public const int RandomBytes = 32;

    public required string Tenant { get; init; }
    public required string RecipientId { get; init; }

    /// <summary>The event's source.</summary>
    public required string Subject { get; init; }

    /// <summary>SHA-256 of the token, hex: found by it, useless without the token.</summary>
    public required string TokenHash { get; init; }

    public required Instant IssuedAt { get; init; }
    public Instant? UsedAt { get; init; }

    /// <summary>A token for a link, and what to keep of it.</summary>
    /// <param name="random">32 random bytes; the core draws none itself.</param>
    /// <param name="tenant">Whose.</param>
    /// <param name="recipientId">To whom the link goes.</param>
    /// <param name="subject">What it acknowledges.</param>
    /// <param name="now">When the message is made.</param>
    /// <exception cref="ArgumentException">Not 32 bytes.</exception>
    public static (string Token, AcknowledgementToken Kept) Issue(ReadOnlySpan<byte> random, string tenant, string recipientId, string subject, Instant now)
    {
        if (random.Length != RandomBytes)
        {
            throw new ArgumentException($"a token is made of {RandomBytes} random bytes", nameof(random));
        }

        var token = Base64Url.EncodeToString(random);
        return (token, new AcknowledgementToken { Tenant = tenant, RecipientId = recipientId, Subject = subject, TokenHash = HashToken(token), IssuedAt = now });
    }

    /// <summary>The hash to look a presented token up by.</summary>
    public static string HashToken(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    /// <summary>
    /// Whether a click counts. Opening the page must not use the token (mail scanners open links); only the button's POST redeems it. A second click
    /// of the same person is told that it was done.
    /// </summary>
    public AcknowledgementVerdict Check(string token, Instant now) =>
        !CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(HashToken(token)), Encoding.ASCII.GetBytes(TokenHash)) ? AcknowledgementVerdict.Unknown
        : UsedAt is not null ? AcknowledgementVerdict.Used
        : now >= IssuedAt + Life || now < IssuedAt ? AcknowledgementVerdict.Expired
        : AcknowledgementVerdict.Accepted;

    /// <summary>The token after a POST; unchanged where it does not count.</summary>
    public (AcknowledgementVerdict Verdict, AcknowledgementToken Kept) Redeem(string token, Instant now) =>
        Check(token, now) is var verdict && verdict == AcknowledgementVerdict.Accepted ? (verdict, this with { UsedAt = now }) : (verdict, this);
}

public enum AcknowledgementVerdict
{
    Accepted,
    Used,
    Expired,
    Unknown,
}
