using System.Security.Cryptography;

namespace GridServices.Hosting;

/// <summary>Doubling pauses with jitter, so that many relays do not come back at once.</summary>
internal sealed class Backoff(TimeSpan first, TimeSpan longest)
{
    /// <summary>Between half of and the whole of <c>first * 2^(attempt-1)</c>, capped.</summary>
    internal TimeSpan Pause(int attempt)
    {
        var whole = Math.Min(longest.TotalMilliseconds, first.TotalMilliseconds * Math.Pow(2, Math.Min(attempt - 1, 30)));
        return TimeSpan.FromMilliseconds((whole / 2) + (whole / 2 * RandomNumberGenerator.GetInt32(1001) / 1000.0));
    }
}
