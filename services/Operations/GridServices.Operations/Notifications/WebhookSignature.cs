using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NodaTime;

namespace GridServices.Operations.Notifications;

/// <summary>
/// Signs what a webhook carries: <c>t=1793230000,v1=…</c>, HMAC-SHA-256 over <c>{t}.{body}</c> in hex, so that a receiver knows the sender and
/// refuses what is old. While a secret is being replaced there is one <c>v1</c> per secret.
/// </summary>
public static class WebhookSignature
{
    public const string Header = "GridServices-Signature";

    /// <summary>Shortest secret, bytes.</summary>
    public const int LeastSecret = 16;

    /// <exception cref="ArgumentException">No secret, or one that is too short.</exception>
    public static string Sign(IReadOnlyList<byte[]> secrets, Instant at, ReadOnlySpan<byte> body)
    {
        if (secrets.Count == 0 || secrets.Any(s => s.Length < LeastSecret))
        {
            throw new ArgumentException($"a webhook is signed with at least one secret of {LeastSecret} bytes or more", nameof(secrets));
        }

        var seconds = at.ToUnixTimeSeconds();
        var text = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"t={seconds}"));
        foreach (var secret in secrets)
        {
            text.Append(",v1=").Append(Convert.ToHexStringLower(Mac(secret, seconds, body)));
        }

        return text.ToString();
    }

    /// <summary>What a receiver does; also for webhooks that come in.</summary>
    public static bool Verify(byte[] secret, string header, ReadOnlySpan<byte> body, Instant now, Duration tolerance)
    {
        var parts = header.Split(',').Select(p => p.Trim().Split('=', 2)).Where(p => p.Length == 2).ToList();
        var time = parts.Find(p => p[0] == "t");
        if (time is null || !long.TryParse(time[1], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || Math.Abs(seconds - now.ToUnixTimeSeconds()) > tolerance.TotalSeconds)
        {
            return false;
        }

        var expected = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(Mac(secret, seconds, body)));
        return parts.Where(p => p[0] == "v1").Any(p => CryptographicOperations.FixedTimeEquals(expected, Encoding.ASCII.GetBytes(p[1])));
    }

    private static byte[] Mac(byte[] secret, long seconds, ReadOnlySpan<byte> body)
    {
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
        mac.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{seconds}.")));
        mac.AppendData(body);
        return mac.GetHashAndReset();
    }
}

/// <summary>When a delivery that failed is tried again; after the last try it waits for a person's replay.</summary>
public static class RetrySchedule
{
    private static readonly Duration[] Waits =
    [
        Duration.FromMinutes(1), Duration.FromMinutes(5), Duration.FromMinutes(15), Duration.FromHours(1), Duration.FromHours(4), Duration.FromHours(12), Duration.FromHours(24),
    ];

    /// <summary>Tries in all, the first one included.</summary>
    public static int Tries => Waits.Length + 1;

    /// <param name="failures">So far, from 1.</param>
    /// <param name="lastAt">When the last one was.</param>
    /// <returns>Null: no more by itself.</returns>
    public static Instant? Next(int failures, Instant lastAt) => failures is >= 1 && failures <= Waits.Length ? lastAt + Waits[failures - 1] : null;
}
