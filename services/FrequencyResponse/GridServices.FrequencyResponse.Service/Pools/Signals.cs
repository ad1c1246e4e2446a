using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.FrequencyResponse.Service.Registry;

namespace GridServices.FrequencyResponse.Service.Pools;

/// <summary>What operators of the grid send: regulation signals and recalls, by pool.</summary>
internal sealed class Signals(MonotonicClock clock)
{
    private readonly ConcurrentDictionary<EntryId, GridSignal> _byPool = new();

    public GridSignal GetSignal(EntryId pool) => _byPool.TryGetValue(pool, out var signal) ? signal : GridSignal.None;

    public void Set(EntryId pool, double? pu, bool? recalled) => _byPool.AddOrUpdate(
        pool,
        _ => new GridSignal(pu ?? double.NaN, pu is null ? 0 : clock.Nanos, recalled ?? false),
        (_, held) => new GridSignal(pu ?? held.Pu, pu is null ? held.AtNanos : clock.Nanos, recalled ?? held.Recalled));
}

/// <summary>The signal as it came last.</summary>
/// <param name="Pu">-1..1, + = raise; NaN = none.</param>
/// <param name="AtNanos">When it came, monotonic.</param>
/// <param name="Recalled">Switched services are called back.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct GridSignal(double Pu, long AtNanos, bool Recalled)
{
    public static GridSignal None { get; } = new(double.NaN, 0, false);
}
