using GridServices.FrequencyResponse.Catalog;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Pools;

/// <summary>What a pool may have to deliver at a site where several share the room.</summary>
internal static class RoomDemand
{
    /// <summary>A window that opens so soon counts, and one that ended so long ago: the controller goes by its own clock, and ramps.</summary>
    private static readonly Duration Ahead = Duration.FromMinutes(1);
    private static readonly Duration After = Duration.FromMinutes(5);

    /// <summary>Its power without a response, and the largest response of each contract that is procured about now, W ≥ 0.</summary>
    /// <param name="spec">The pool.</param>
    /// <param name="raise">True: injection; false: draw.</param>
    /// <param name="now">When.</param>
    public static double Compute(PoolSpec spec, bool raise, Instant now)
    {
        var without = Math.Max(0, raise ? spec.BaselineW : -spec.BaselineW);
        return without + spec.Contracts
            .Where(c => c.Service.Direction != (raise ? ResponseDirection.Lower : ResponseDirection.Raise))
            .Where(c => c.Settings.Windows.Any(w => w.From <= now + Ahead && !(w.Until <= now - After)))
            .Sum(c => (double)c.ComputeLargestW(c.QuantityW));
    }
}
