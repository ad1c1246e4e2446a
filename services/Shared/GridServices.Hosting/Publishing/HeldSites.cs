using System.Security.Cryptography;
using GridServices.Contracts;

namespace GridServices.Hosting.Publishing;

/// <summary>Sites whose oldest item the hub could not take just now: nothing of theirs is sent until it is tried again, so that order holds.</summary>
internal sealed class HeldSites(TimeProvider time, Backoff backoff)
{
    private readonly Dictionary<string, (int Attempts, long Since, TimeSpan Pause)> _held = new(StringComparer.Ordinal);

    internal void HoldBack(string siteId)
    {
        var attempts = _held.TryGetValue(siteId, out var before) ? before.Attempts + 1 : 1;
        _held[siteId] = (attempts, time.GetTimestamp(), PauseAfter(backoff, attempts));
    }

    /// <summary>The pause after so many failures in a row, drawn at random.</summary>
    internal static TimeSpan PauseAfter(Backoff backoff, int failures) =>
        backoff.After(failures, RandomNumberGenerator.GetInt32(1001) / 1000.0).ToTimeSpan();

    internal void Release(string siteId) => _held.Remove(siteId);

    /// <summary>Those whose pause is not over.</summary>
    internal IReadOnlyCollection<string> Now() =>
        [.. _held.Where(site => time.GetElapsedTime(site.Value.Since) < site.Value.Pause).Select(site => site.Key)];
}
