using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using GridServices.Operations.Programs;
using GridServices.Operations.Registry;
using NodaTime;

namespace GridServices.Operations.Enrollments;

/// <summary>
/// An authorized signer was asked to sign by a link in a mail. What is known of the link is its token's hash; the token is made when the mail is sent, and
/// another request has another.
/// </summary>
public sealed record SignatureRequest
{
    public const int RandomBytes = 32;

    /// <summary>How long a link works after it was sent.</summary>
    public static Duration Life { get; } = Duration.FromDays(14);

    public required string Id { get; init; }
    public required string Tenant { get; init; }
    public required string EnrollmentId { get; init; }

    /// <summary>The signer.</summary>
    public required string ContactId { get; init; }

    public required Stamp Asked { get; init; }

    /// <summary>Last day of the consent that is asked for; null = until revoked.</summary>
    public LocalDate? ConsentUntil { get; init; }

    /// <summary>SHA-256 of the token, hex; null = the mail was not sent yet.</summary>
    public string? TokenHash { get; init; }

    public Instant? SentAt { get; init; }
    public Instant? EndedAt { get; init; }
    public SignatureEnd? End { get; init; }

    /// <summary>Why it was declined or taken back.</summary>
    public string? Reason { get; init; }

    /// <summary>When the link stops working; null = it was not sent yet.</summary>
    public Instant? ExpiresAt => SentAt + Life;

    /// <summary>The link's token, and the request as it is kept from then on: a link of other bytes works no more.</summary>
    /// <param name="random">32 bytes that nobody can guess; the core draws none itself. The same bytes give the same link.</param>
    /// <param name="now">When the mail is sent.</param>
    /// <exception cref="ArgumentException">Not 32 bytes.</exception>
    public (string Token, SignatureRequest Sent) Send(ReadOnlySpan<byte> random, Instant now)
    {
        if (random.Length != RandomBytes)
        {
            throw new ArgumentException($"a token is made of {RandomBytes} random bytes", nameof(random));
        }

        var token = Base64Url.EncodeToString(random);
        return (token, this with { TokenHash = HashToken(token), SentAt = now });
    }

    /// <summary>The hash to look a presented token up by.</summary>
    public static string HashToken(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    public SignatureState StateAt(Instant now) => End switch
    {
        SignatureEnd.Signed => SignatureState.Signed,
        SignatureEnd.Declined => SignatureState.Declined,
        SignatureEnd.Revoked => SignatureState.Revoked,
        SignatureEnd.Replaced => SignatureState.Replaced,
        _ => SentAt is null ? SignatureState.Waiting : now >= ExpiresAt || now < SentAt ? SignatureState.Expired : SignatureState.Sent,
    };

    /// <summary>Whether a signature may be asked for at all; null = it may, else why not.</summary>
    public static string? FindObstacle(Enrollment enrollment, ProgramTemplate template, Instant now)
    {
        ArgumentNullException.ThrowIfNull(enrollment);
        ArgumentNullException.ThrowIfNull(template);
        return !template.NeedsConsent ? "the program asks for no signature"
            : enrollment.State is EnrollmentState.Ended or EnrollmentState.Ending or EnrollmentState.Withdrawn or EnrollmentState.Rejected ? "the enrollment is over"
            : IsSigned(enrollment, template, now) ? "the customer has signed already"
            : null;
    }

    /// <summary>Whether there is a consent that holds today, in the program's zone.</summary>
    internal static bool IsSigned(Enrollment enrollment, ProgramTemplate template, Instant now) =>
        enrollment.Consent is { RevokedAt: null } consent && !(consent.Until < now.InZone(DateTimeZoneProviders.Tzdb[template.TimeZone]).Date);
}

/// <summary>How a request ended.</summary>
public enum SignatureEnd
{
    Signed,
    Declined,

    /// <summary>Taken back by us, or because the signer is another.</summary>
    Revoked,

    /// <summary>A later request took its place.</summary>
    Replaced,
}

/// <summary>Where a request stands.</summary>
public enum SignatureState
{
    /// <summary>The mail was not sent yet.</summary>
    Waiting,

    Sent,

    /// <summary>Nobody used the link in time.</summary>
    Expired,

    Signed,
    Declined,
    Revoked,
    Replaced,
}
