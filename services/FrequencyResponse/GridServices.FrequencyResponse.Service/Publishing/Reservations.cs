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
        var spans = all.SelectMany(a => a.Contract.Procured.Where(p => !(p.Until <= now)).Select(p => new Reserved(a.Contract, p, p.From <= now, a.ResponseW)));
        var segments = SegmentSweep.Run(spans, r => (responding && r.IsNow ? now : r.Span.From, r.Span.Until))
            .Where(s => !(s.Until <= now) && s.Active.Any(r => r.Contract.Key == contract.Key))
            .Select(s => new Segment { From = s.From, Until = s.Until, Limits = Limits(connection, s.Active, responding && s.From == now) });
        return SegmentCoarsening.Limits(SegmentJoin.Run(segments));
    }

    private static Limits Limits(Registry.ConnectionSettings connection, IEnumerable<Reserved> reserved, bool isNow)
    {
        var (raise, lower) = (0L, 0L);
        foreach (var each in reserved)
        {
            var given = isNow ? (long)each.ResponseW : 0;
            raise += each.Contract.Service.Direction != ResponseDirection.Lower ? Math.Max(0, each.LargestW - Math.Max(0, given)) : 0;
            lower += each.Contract.Service.Direction != ResponseDirection.Raise ? Math.Max(0, each.LargestW - Math.Max(0, -given)) : 0;
        }

        return new Limits
        {
            ImportLimitW = connection.ImportW is { } import ? Math.Max(0, import - lower) : null,
            ExportLimitW = connection.ExportW is { } export ? Math.Max(0, export - raise) : null,
        };
    }

    /// <summary>A part of a contract's time with the room that is kept free for it.</summary>
    private sealed record Reserved(PoolContract Contract, ProcuredSpan Span, bool IsNow, double ResponseW)
    {
        /// <summary>A pool follows a declaration within a second or two: of now the larger counts.</summary>
        public long LargestW => Contract.ComputeLargestW(IsNow ? Math.Max(Span.QuantityW, Contract.QuantityW) : Span.QuantityW);
    }
}
