using System.Runtime.InteropServices;

namespace GridServices.Tariffs.Allocation;

/// <summary>Mean kW in the window of that number.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct WindowLoad(int Window, decimal Kw);

/// <summary>Mean kW of each shareholder in the windows of a charge: entries in order of the windows, none where there is no load.</summary>
internal sealed class WindowLoads(int windows, WindowLoad[][] entries)
{
    /// <summary>How many windows there are.</summary>
    public int Windows => windows;

    /// <summary>How many shareholders.</summary>
    public int Count => entries.Length;

    /// <summary>kW of all together, by window.</summary>
    public decimal[] Together { get; } = Sums(windows, entries);

    public WindowLoad[] this[int shareholder] => entries[shareholder];

    /// <summary>From kW of each window.</summary>
    public static WindowLoads From(IReadOnlyList<decimal[]> kw) =>
        new(kw.Count == 0 ? 0 : kw[0].Length, [.. kw.Select(k => k.Select((v, w) => new WindowLoad(w, v)).Where(l => l.Kw != 0).ToArray())]);

    /// <summary>The window with the highest sum; the first of equal ones.</summary>
    public int Peak => Array.IndexOf(Together, Together.Max());

    /// <summary>The same loads, the shareholders in another order.</summary>
    public WindowLoads InOrder(int[] order) => new(windows, [.. order.Select(i => entries[i])]);

    /// <summary>kW of one window by shareholder.</summary>
    public decimal[] At(int window) => Weighted(w => w == window ? 1 : 0);

    /// <summary>The sum of each one's kW times a factor of the window.</summary>
    public decimal[] Weighted(Func<int, decimal> factor)
    {
        var factors = Enumerable.Range(0, windows).Select(factor).ToArray();
        return Array.ConvertAll(entries, own =>
        {
            var sum = 0m;
            foreach (var (window, kw) in own)
            {
                sum += factors[window] == 0 ? 0 : kw * factors[window];
            }

            return sum;
        });
    }

    /// <summary>Each one's highest window; 0 without load.</summary>
    public decimal[] Highest() => Array.ConvertAll(entries, own => own.Length == 0 ? 0 : own.Max(l => l.Kw));

    /// <summary>What each adds to the highest window, arriving in the order given.</summary>
    public decimal[] Arriving()
    {
        var load = new decimal[windows];
        var before = 0m;
        return Array.ConvertAll(entries, own =>
        {
            var peak = before;
            foreach (var (window, kw) in own)
            {
                load[window] += kw;
                peak = Math.Max(peak, load[window]);
            }

            (var added, before) = (peak - before, peak);
            return added;
        });
    }

    private static decimal[] Sums(int windows, WindowLoad[][] entries)
    {
        var sums = new decimal[windows];
        foreach (var own in entries)
        {
            foreach (var (window, kw) in own)
            {
                sums[window] += kw;
            }
        }

        return sums;
    }
}
