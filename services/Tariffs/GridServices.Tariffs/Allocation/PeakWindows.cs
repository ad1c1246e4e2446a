namespace GridServices.Tariffs.Allocation;

/// <summary>Windows that can set a peak, whoever of the shareholders is there.</summary>
internal static class PeakWindows
{
    /// <summary>The highest windows that others are compared with.</summary>
    private const int Compared = 24;

    /// <summary>All windows but those in which one of the highest has at least as much of everybody: they never set a peak. The highest come first.</summary>
    public static int[] Undominated(WindowLoads loads)
    {
        var ranked = Enumerable.Range(0, loads.Windows).OrderByDescending(w => loads.Together[w]).ToArray();
        var rank = new int[ranked.Length];
        for (var r = 0; r < ranked.Length; r++)
        {
            rank[ranked[r]] = r;
        }

        // By window, one bit for each of the highest before it that has at least as much of all who were looked at.
        var above = Array.ConvertAll(rank, r => (1u << Math.Min(r, Compared)) - 1);
        for (var who = 0; who < loads.Count; who++)
        {
            Compare(loads[who], rank, above);
        }

        return Array.FindAll(ranked, w => above[w] == 0);
    }

    /// <summary>Whole units of those with load in the windows that are kept, which are counted anew.</summary>
    public static (int Window, long Units)[][] SelectUnits(WindowLoads loads, int[] active, int[] windows, decimal scale)
    {
        var number = new int[loads.Windows];
        Array.Fill(number, -1);
        for (var w = 0; w < windows.Length; w++)
        {
            number[windows[w]] = w;
        }

        return Array.ConvertAll(active, who => loads[who].Where(l => number[l.Window] >= 0)
            .Select(l => (number[l.Window], (long)decimal.Round(l.Kw * scale))).ToArray());
    }

    private static void Compare(WindowLoad[] own, int[] rank, uint[] above)
    {
        Span<decimal> highest = stackalloc decimal[Compared];
        highest.Clear();
        foreach (var (window, kw) in own)
        {
            if (rank[window] < Compared)
            {
                highest[rank[window]] = kw;
            }
        }

        foreach (var (window, kw) in own)
        {
            for (var (bits, h) = (above[window], 0); bits != 0; bits >>= 1, h++)
            {
                if ((bits & 1) != 0 && highest[h] < kw)
                {
                    above[window] &= ~(1u << h);
                }
            }
        }
    }
}
