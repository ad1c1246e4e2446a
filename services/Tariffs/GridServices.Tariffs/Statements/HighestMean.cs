
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Requests;

namespace GridServices.Tariffs.Statements;

/// <summary>The highest mean import of block windows of some length, as a utility with other windows would find it.</summary>
internal static class HighestMean
{
    /// <summary>kW; null where the data are coarser than the windows or do not divide them.</summary>
    public static decimal? Kw(BillRequest request, BillPeriod cycle, int minutes)
    {
        var (net, zone) = (request.Data.Net, request.Tariffs[0].Zone);
        if (minutes * 60 % net.StepSeconds != 0)
        {
            return null;
        }

        var (from, until) = (zone.AtStartOfDay(cycle.From).ToInstant(), zone.AtStartOfDay(cycle.Until).ToInstant());
        var (parts, first) = (minutes * 60 / net.StepSeconds, (int)Math.Max(0, (from - net.Start).TotalSeconds / net.StepSeconds));
        decimal? most = null;
        for (var i = first; i + parts <= net.Count && net.GetStart(i) < until; i++)
        {
            if (net.GetStart(i).ToUnixTimeSeconds() % (minutes * 60) != 0)
            {
                continue;
            }

            Int128 sum = 0;
            for (var part = 0; part < parts; part++)
            {
                sum += net.Values[i + part];
            }

            most = Math.Max(most ?? 0, net.Kw(sum, parts));
        }

        return most;
    }
}
