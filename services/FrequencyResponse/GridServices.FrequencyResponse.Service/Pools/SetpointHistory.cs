using System.Runtime.InteropServices;

namespace GridServices.FrequencyResponse.Service.Pools;

/// <summary>What a pool was told in sum over the last two and a half minutes, W, + = injection. Guarded by whoever holds it.</summary>
internal sealed class SetpointHistory
{
    /// <summary>A site's reading counts for 90 s, one of an asset a minute from it.</summary>
    private const long KeptNanos = 155_000_000_000;

    /// <summary>Looks that come faster are kept as one.</summary>
    private const long StepNanos = 200_000_000;
    private readonly List<Part> _parts = [];

    /// <param name="nowNanos">Monotonic.</param>
    /// <param name="since">Everything that was told since the note before; at the first note nothing is known of the time before it.</param>
    public void Note(long nowNanos, WattSpan since)
    {
        if (_parts.Count > 0 && nowNanos - _parts[^1].FromNanos < StepNanos)
        {
            _parts[^1] = _parts[^1] with { UntilNanos = nowNanos, Told = _parts[^1].Told.Or(since) };
        }
        else
        {
            _parts.Add(new Part(_parts.Count == 0 ? nowNanos : _parts[^1].UntilNanos, nowNanos, since));
        }

        _parts.RemoveAll(p => nowNanos - p.UntilNanos > KeptNanos);
    }

    /// <summary>All that it was told in a time, ends included; null where that is not known of the whole of it.</summary>
    public WattSpan? Between(long fromNanos, long untilNanos)
    {
        if (_parts.Count == 0 || _parts[0].FromNanos > fromNanos)
        {
            return null;
        }

        var inside = _parts.Where(p => p.FromNanos <= untilNanos && p.UntilNanos >= fromNanos).Select(p => p.Told).ToList();
        return inside.Count == 0 ? null : inside.Aggregate((one, next) => one.Or(next));
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Part(long FromNanos, long UntilNanos, WattSpan Told);
}
