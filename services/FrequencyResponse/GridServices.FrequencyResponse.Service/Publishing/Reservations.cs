using GridServices.Contracts;
using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Service.Pools;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Publishing;

/// <summary>
/// The room that a site's contracts keep free at the grid connection, as limits for everybody.
/// To lower the frequency the site must be able to import more: the import limit leaves that room. To raise it, it must be able to export more.
/// What is responding now takes its room out of the reservation, or the reservation would forbid the response.
/// </summary>
/// <remarks>
/// The hub takes the least of what streams state; rooms of several contracts add up. So each contract states the sum of all.
/// </remarks>
internal static class Reservations
{
    /// <param name="contract">Whose windows are stated.</param>
    /// <param name="all">Every contract of the site with what it responds with now, W, + = raise.</param>
    /// <param name="now">When.</param>
    public static CoarseSchedule<Segment> Compute(PoolContract contract, IReadOnlyList<(PoolContract Contract, double ResponseW)> all, Instant now)
    {
        if (contract.Settings.Connection is not { } connection)
        {
            return SegmentCoarsening.Limits([]);
        }

        // What is responding changes the present alone; without it the schedule is the same whenever it is looked at.
        var responding = all.Any(a => a.ResponseW != 0);
        var windows = all.SelectMany(a => a.Contract.Settings.Windows.Where(w => !(w.Until <= now)).Select(w => (Procured: a, Window: w)));
        var segments = SegmentSweep.Run(windows, w => (responding && w.Window.From < now ? now : w.Window.From, w.Window.Until))
            .Where(s => !(s.Until <= now) && s.Active.Any(w => w.Procured.Contract.Key == contract.Key))
            .Select(s => new Segment { From = s.From, Until = s.Until, Limits = Limits(connection, s.Active.Select(w => w.Procured), responding && s.From == now) });
        return SegmentCoarsening.Limits(SegmentJoin.Run(segments));
    }

    private static Limits Limits(Registry.ConnectionSettings connection, IEnumerable<(PoolContract Contract, double ResponseW)> procured, bool isNow)
    {
        var (raise, lower) = (0L, 0L);
        foreach (var (contract, response) in procured)
        {
            var given = isNow ? (long)response : 0;
            raise += contract.Service.Direction != ResponseDirection.Lower ? Math.Max(0, contract.LargestW - Math.Max(0, given)) : 0;
            lower += contract.Service.Direction != ResponseDirection.Raise ? Math.Max(0, contract.LargestW - Math.Max(0, -given)) : 0;
        }

        return new Limits
        {
            ImportLimitW = connection.ImportW is { } import ? Math.Max(0, import - lower) : null,
            ExportLimitW = connection.ExportW is { } export ? Math.Max(0, export - raise) : null,
        };
    }

    public static bool Covers(PoolContract contract, Instant at) => contract.Settings.Windows.Any(w => w.From <= at && !(w.Until <= at));
}
