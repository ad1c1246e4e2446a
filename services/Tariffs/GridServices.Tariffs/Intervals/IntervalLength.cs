using System.Runtime.InteropServices;
using NodaTime;

namespace GridServices.Tariffs.Intervals;

/// <summary>How long the intervals of a file are, told from the distances of its stamps.</summary>
internal static class IntervalLength
{
    private const long Day = 86_400;

    /// <summary>Whole minutes that divide a day, in seconds.</summary>
    private static readonly long[] Usual = [.. Enumerable.Range(1, 1440).Where(m => 1440 % m == 0).Select(m => m * 60L)];

    /// <summary>The commonest distance in seconds; null where no two stamps differ.</summary>
    /// <param name="stamps">In order.</param>
    public static long? Commonest(IEnumerable<Instant> stamps)
    {
        var distances = new Dictionary<long, int>();
        Instant? before = null;
        foreach (var stamp in stamps)
        {
            if (before is { } earlier && (long)(stamp - earlier).TotalSeconds is > 0 and var distance)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(distances, Steady(distance), out _)++;
            }

            before = stamp;
        }

        return distances.Count == 0 ? null : distances.OrderByDescending(d => d.Value).ThenBy(d => d.Key).First().Key;
    }

    public static bool DividesTheDay(long seconds) => Day % seconds == 0;

    /// <summary>A clock that is a few seconds early or late makes no interval of 899 s: a distance within a tenth of a usual length is that length.</summary>
    private static long Steady(long distance)
    {
        var usual = Usual.MinBy(u => Math.Abs(u - distance));
        return DividesTheDay(distance) || Math.Abs(usual - distance) * 10 > usual ? distance : usual;
    }
}
