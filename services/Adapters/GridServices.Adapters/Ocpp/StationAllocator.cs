namespace GridServices.Adapters.Ocpp;

/// <summary>
/// Divides a power among stations: by weight, none above its own most, none below what it can charge with. Where there is not enough for all, the lightest go without,
/// of equal ones the later in the list.
/// </summary>
public static class StationAllocator
{
    /// <summary>Of each station, in their order, what it may draw, W; together no more than <paramref name="watts"/>.</summary>
    public static IReadOnlyList<long> Divide(long watts, IReadOnlyList<ChargingStation> stations)
    {
        ArgumentNullException.ThrowIfNull(stations);
        List<int> served = [.. Enumerable.Range(0, stations.Count)];
        while (served.Count > 0)
        {
            var shares = Fill(watts, [.. served.Select(i => stations[i])]);
            if (!shares.Where((share, n) => stations[served[n]].Step(share) == 0).Any())
            {
                return [.. Enumerable.Range(0, stations.Count).Select(i => served.IndexOf(i) is >= 0 and var n ? stations[i].Step(shares[n]) : 0)];
            }

            served.Remove(served.Where((i, n) => stations[i].Step(shares[n]) == 0).OrderBy(i => stations[i].Weight).ThenByDescending(i => i).First());
        }

        return [.. stations.Select(_ => 0L)];
    }

    // By weight; what is more than a station can draw goes to the others.
    private static long[] Fill(long watts, IReadOnlyList<ChargingStation> stations)
    {
        var shares = new long[stations.Count];
        List<int> open = [.. Enumerable.Range(0, stations.Count)];
        decimal left = watts;
        while (open.Count > 0)
        {
            var weights = open.Sum(i => (decimal)stations[i].Weight);
            var full = open.Where(i => left * stations[i].Weight >= stations[i].MaxW * weights).ToList();
            if (full.Count == 0)
            {
                open.ForEach(i => shares[i] = (long)decimal.Floor(left * stations[i].Weight / weights));
                break;
            }

            full.ForEach(i => shares[i] = stations[i].MaxW);
            left -= full.Sum(i => (decimal)stations[i].MaxW);
            open.RemoveAll(full.Contains);
        }

        return shares;
    }
}
