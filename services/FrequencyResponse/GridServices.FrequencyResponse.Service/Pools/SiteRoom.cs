using System.Runtime.InteropServices;
using GridServices.FrequencyResponse.Service.Registry;

namespace GridServices.FrequencyResponse.Service.Pools;

/// <summary>
/// The room at one site's connection, and what of it each pool has. A pool takes only what the others have given back, so that what they have together is never more than the room
/// as it was known last, in whatever order they are looked at. Any thread.
/// </summary>
internal sealed class SiteRoom
{
    private readonly Lock _gate = new();
    private readonly Dictionary<EntryId, (double RaiseW, double LowerW)> _granted = [];
    private (SiteReading Reading, double? LikelyBefore, RestPower Found)? _held;

    /// <summary>What the site draws beside its pools. What moves it least since the reading before is the likeliest, where nobody sees whether a pool does what it is told.</summary>
    public RestPower Estimate(SiteReading reading, IEnumerable<OwnPower> pools)
    {
        lock (_gate)
        {
            var (now, isUnseen) = (WattSpan.Exactly(reading.NetW), false);
            foreach (var pool in pools)
            {
                (now, isUnseen) = (now + pool.W, isUnseen || pool.IsUnseen);
            }

            var before = _held is { } held ? (held.Reading.IsSame(reading) ? held.LikelyBefore : held.Found.LikelyW) : null;
            var rest = new RestPower(now, !isUnseen ? null : before is { } likely ? Math.Clamp(likely, now.Least, now.Most) : (now.Least + now.Most) / 2);
            _held = (reading, before, rest);
            return rest;
        }
    }

    /// <summary>What a pool has from now on: its part of the room, as far as the others leave it.</summary>
    /// <param name="pool">Which.</param>
    /// <param name="raise">Room to inject; null = no limit.</param>
    /// <param name="lower">Room to draw.</param>
    /// <returns>Whether more of it is due to the pool once the others have given back.</returns>
    public (double RaiseW, double LowerW, bool IsOwed) Take(EntryId pool, RoomPart? raise, RoomPart? lower)
    {
        lock (_gate)
        {
            var others = _granted.Where(g => g.Key != pool).Select(g => g.Value).ToList();
            var up = Grant(raise, others.Sum(o => o.RaiseW));
            var down = Grant(lower, others.Sum(o => o.LowerW));
            _granted[pool] = (up, down);
            return (up, down, up < raise?.ShareW || down < lower?.ShareW);
        }
    }

    /// <summary>A pool that goes by no limit, or is gone, holds nothing.</summary>
    public void Release(EntryId pool)
    {
        lock (_gate)
        {
            _granted.Remove(pool);
        }
    }

    /// <summary>Only these are left.</summary>
    /// <returns>False: nobody.</returns>
    public bool Keep(IReadOnlySet<EntryId> pools)
    {
        lock (_gate)
        {
            foreach (var gone in _granted.Keys.Where(k => !pools.Contains(k)).ToList())
            {
                _granted.Remove(gone);
            }

            return _granted.Count > 0;
        }
    }

    private static double Grant(RoomPart? part, double othersW) => part is not { } wanted ? double.PositiveInfinity
        : double.IsPositiveInfinity(othersW) ? 0
        : Math.Max(0, Math.Min(wanted.ShareW, wanted.MostW - othersW));
}

/// <summary>A pool's part of a room, and the whole of it, W ≥ 0.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RoomPart(double ShareW, double MostW);
