using System.Numerics;
using GridServices.Tariffs.Bills;

namespace GridServices.Tariffs.Allocation;

/// <summary>
/// Shapley values of the game "the peak of those who are there": the mean of what each adds to the highest window over all orders of arrival. Exact where all coalitions
/// can be looked at, otherwise sampled with an error bound.
/// </summary>
internal static class ShapleyValue
{
    /// <summary>Up to so many shareholders with load the value is exact (2^n coalitions).</summary>
    public const int MostExact = 16;

    private const int FewestSamples = 200;
    private const int MostSamples = 20_000;

    /// <summary>Interval additions for one game, and for all games of a bill: some seconds of one core.</summary>
    private const long MostWork = 400_000_000;

    private const long AllWork = 4_000_000_000;

    /// <summary>What the fewest samples may take: about a minute of one core.</summary>
    private const long MostSampledWork = 40_000_000_000;

    /// <summary>An entry is somewhere else in memory than the one before.</summary>
    private const int EntryCost = 16;

    /// <summary>ln(2 / 0.05), of Hoeffding's bound at 95 %.</summary>
    private const decimal Confidence = 3.688879454113936m;

    /// <summary>Values in kW, and the likely error of each as a share of its own peak (95 %); 0 = exact.</summary>
    /// <param name="loads">kW of each shareholder in the windows, not negative.</param>
    /// <param name="seed">Of the samples.</param>
    /// <param name="games">How many such games share the time.</param>
    public static (decimal[] Kw, decimal ErrorShare) Compute(WindowLoads loads, int seed, int games = 1)
    {
        var highest = loads.Highest();
        var active = Enumerable.Range(0, loads.Count).Where(i => highest[i] > 0).ToArray();
        var values = new decimal[loads.Count];
        if (active.Length == 0)
        {
            return (values, 0);
        }

        var scale = Scale(active.Sum(i => highest[i]));
        var windows = PeakWindows.Undominated(loads);
        var load = PeakWindows.SelectUnits(loads, active, windows, scale);
        var isExact = IsExact(active.Length, windows.Length, games);
        var work = Work(load, windows.Length);
        if (!isExact && work > MostSampledWork / FewestSamples / games)
        {
            throw new BillRefusedException("Shapley shares of so many sessions in so many demand windows would take minutes; split fewer at once, or choose coincidentPeak, nonCoincidentPeak, energyShare or marginal");
        }

        var samples = Samples(work, games);
        var found = isExact ? Exact(Dense(load, windows.Length)) : Sampled(load, windows.Length, samples, new Random(seed));
        for (var i = 0; i < active.Length; i++)
        {
            values[active[i]] = found[i] / scale;
        }

        // A marginal contribution lies between 0 and the own peak.
        return (values, isExact ? 0 : ErrorShare(samples));
    }

    /// <summary>The likely error as a share of the own peak.</summary>
    public static decimal ErrorShare(int samples) => SquareRoot.Compute(Confidence / (2 * samples));

    public static bool IsExact(int shareholders, int windows, int games = 1) => shareholders <= MostExact && (1L << shareholders) * windows <= Math.Min(MostWork, AllWork / games);

    private static int Samples(long work, int games) => (int)Math.Clamp(AllWork / Math.Max(1, work * games), FewestSamples, MostSamples);

    /// <summary>Additions of one order of arrival: window by window, or entry by entry where most windows are empty (an entry costs as much as so many windows of a vector).</summary>
    private static long Work((int Window, long Units)[][] load, int windows) => Math.Min((long)load.Length * windows, EntryCost * load.Sum(l => (long)l.Length));

    private static long[][] Dense((int Window, long Units)[][] load, int windows) => Array.ConvertAll(load, own =>
    {
        var dense = new long[windows];
        foreach (var (window, units) in own)
        {
            dense[window] = units;
        }

        return dense;
    });

    /// <summary>The power of ten that keeps sums within 61 bits.</summary>
    private static decimal Scale(decimal most)
    {
        var scale = 1_000_000_000_000m;
        while (most * scale > 1L << 61)
        {
            scale /= 10;
        }

        return scale;
    }

    private static decimal[] Exact(long[][] load)
    {
        var count = load.Length;
        var peaks = Coalitions(load);
        var weight = Enumerable.Range(0, count).Select(size => Factorial(size) * Factorial(count - size - 1) / Factorial(count)).ToArray();
        var values = new decimal[count];
        var added = new Int128[count];
        for (var i = 0; i < count; i++)
        {
            Array.Clear(added);
            for (var coalition = 0; coalition < peaks.Length; coalition++)
            {
                if ((coalition & 1 << i) == 0)
                {
                    added[BitOperations.PopCount((uint)coalition)] += peaks[coalition | 1 << i] - peaks[coalition];
                }
            }

            values[i] = added.Select((sum, size) => (decimal)sum * weight[size]).Sum();
        }

        return values;
    }

    /// <summary>The peak of every coalition; each is reached from the one before by one who comes or goes (Gray code).</summary>
    private static long[] Coalitions(long[][] load)
    {
        var peaks = new long[1 << load.Length];
        var sum = new long[load[0].Length];
        var present = 0;
        for (var step = 1; step < peaks.Length; step++)
        {
            var who = BitOperations.TrailingZeroCount(step);
            present ^= 1 << who;
            peaks[present] = Add(sum, load[who], (present & 1 << who) != 0 ? 1 : -1);
        }

        return peaks;
    }

    private static decimal[] Sampled((int Window, long Units)[][] load, int windows, int samples, Random random)
    {
        var sparse = Work(load, windows) < (long)load.Length * windows ? new Entries(load) : null;
        var dense = sparse is null ? Dense(load, windows) : [];
        var added = new Int128[load.Length];
        var order = Enumerable.Range(0, load.Length).ToArray();
        var sum = new long[windows];
        for (var sample = 0; sample < samples; sample++)
        {
            random.Shuffle(order);
            Array.Clear(sum);
            var before = 0L;
            foreach (var who in order)
            {
                var peak = sparse is not null ? Math.Max(before, sparse.Add(sum, who)) : Add(sum, dense[who], 1);
                added[who] += peak - before;
                before = peak;
            }
        }

        return [.. added.Select(a => (decimal)a / samples)];
    }

    /// <summary>Adds (or takes away) a load and gives the highest sum.</summary>
    private static long Add(long[] sum, long[] load, long sign)
    {
        var (most, at) = (new Vector<long>(long.MinValue), 0);
        var times = new Vector<long>(sign);
        for (; at <= sum.Length - Vector<long>.Count; at += Vector<long>.Count)
        {
            var next = new Vector<long>(sum, at) + (sign == 1 ? new Vector<long>(load, at) : new Vector<long>(load, at) * times);
            next.CopyTo(sum, at);
            most = Vector.Max(most, next);
        }

        var peak = long.MinValue;
        for (var lane = 0; lane < Vector<long>.Count; lane++)
        {
            peak = Math.Max(peak, most[lane]);
        }

        for (; at < sum.Length; at++)
        {
            sum[at] += sign * load[at];
            peak = Math.Max(peak, sum[at]);
        }

        return peak;
    }

    private static decimal Factorial(int n) => Enumerable.Range(1, n).Aggregate(1m, (product, i) => product * i);

    /// <summary>All entries one after another: what one shareholder has is together.</summary>
    private sealed class Entries
    {
        private readonly int[] first;
        private readonly int[] windows;
        private readonly long[] units;

        public Entries((int Window, long Units)[][] load)
        {
            first = new int[load.Length + 1];
            for (var i = 0; i < load.Length; i++)
            {
                first[i + 1] = first[i] + load[i].Length;
            }

            (windows, units) = (new int[first[^1]], new long[first[^1]]);
            for (var i = 0; i < load.Length; i++)
            {
                for (var e = 0; e < load[i].Length; e++)
                {
                    (windows[first[i] + e], units[first[i] + e]) = load[i][e];
                }
            }
        }

        /// <summary>Adds a shareholder's and gives the highest sum among its windows.</summary>
        public long Add(long[] sum, int who)
        {
            var peak = 0L;
            for (var e = first[who]; e < first[who + 1]; e++)
            {
                peak = Math.Max(peak, sum[windows[e]] += units[e]);
            }

            return peak;
        }
    }
}
