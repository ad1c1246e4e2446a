using System.Collections.Concurrent;
using NodaTime;

namespace GridServices.OpenAdr.Service.Push;

/// <summary>
/// Pushes that had no answer so far but "send it again": the same bytes are then no replay of a stranger's, but what their sender was asked for. Safe for
/// several callers; a restart forgets them, and what was signed before it is not taken anyway.
/// </summary>
internal sealed class UnansweredPushes
{
    private const int MostKept = 1024;
    private static readonly Duration KeptFor = Duration.FromHours(1);
    private readonly ConcurrentDictionary<(EngineId Ven, string Sha256), Instant> _since = new();

    /// <summary>Begins to wait for the answer; true where these bytes wait for it already.</summary>
    /// <param name="ven">Whom they are for.</param>
    /// <param name="sha256">Of the body.</param>
    /// <param name="now">The time.</param>
    public bool Begin(EngineId ven, string sha256, Instant now)
    {
        if (_since.Count >= MostKept)
        {
            Prune(now);
        }

        return !_since.TryAdd((ven, sha256), now);
    }

    /// <summary>It is answered.</summary>
    public void End(EngineId ven, string sha256) => _since.TryRemove((ven, sha256), out _);

    // Of too many all are forgotten: their senders are then asked to sign anew.
    private void Prune(Instant now)
    {
        foreach (var (push, since) in _since)
        {
            if (now - since > KeptFor)
            {
                _since.TryRemove(push, out _);
            }
        }

        if (_since.Count >= MostKept)
        {
            _since.Clear();
        }
    }
}
