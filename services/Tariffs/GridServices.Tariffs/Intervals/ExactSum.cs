using System.Numerics;

namespace GridServices.Tariffs.Intervals;

/// <summary>Sums and maxima over stored units, exact whatever their size; vectorised where no sum can overflow.</summary>
internal static class ExactSum
{
    /// <summary>The sum of positive values (negative ones count as 0).</summary>
    public static Int128 Positive(ReadOnlySpan<long> values, IntervalSeries series)
    {
        if (!series.HasNegative)
        {
            return All(values, series.MaxAbs);
        }

        Int128 sum = 0;
        foreach (var value in values)
        {
            sum += value > 0 ? value : 0;
        }

        return sum;
    }

    /// <summary>The sum of all values.</summary>
    public static Int128 All(ReadOnlySpan<long> values, long maxAbs)
    {
        // The longest run whose sum surely fits 63 bits.
        var safe = maxAbs == 0 ? int.MaxValue : (int)Math.Min(int.MaxValue, long.MaxValue / maxAbs);
        if (values.Length <= safe)
        {
            return Vectors(values);
        }

        Int128 sum = 0;
        while (!values.IsEmpty)
        {
            var part = Math.Min(safe, values.Length);
            sum += Vectors(values[..part]);
            values = values[part..];
        }

        return sum;
    }

    /// <summary>Place and value of the first largest entry.</summary>
    public static (int Index, long Value) Max(ReadOnlySpan<long> values)
    {
        var best = long.MinValue;
        var at = 0;
        if (values.Length >= Vector<long>.Count * 2)
        {
            var most = new Vector<long>(long.MinValue);
            var end = values.Length - Vector<long>.Count;
            for (; at <= end; at += Vector<long>.Count)
            {
                most = Vector.Max(most, new Vector<long>(values[at..]));
            }

            for (var lane = 0; lane < Vector<long>.Count; lane++)
            {
                best = Math.Max(best, most[lane]);
            }
        }

        for (; at < values.Length; at++)
        {
            best = Math.Max(best, values[at]);
        }

        return (values.IndexOf(best), best);
    }

    private static long Vectors(ReadOnlySpan<long> values)
    {
        unchecked
        {
            var sum = 0L;
            var at = 0;
            if (values.Length >= Vector<long>.Count * 2)
            {
                var lanes = Vector<long>.Zero;
                var end = values.Length - Vector<long>.Count;
                for (; at <= end; at += Vector<long>.Count)
                {
                    lanes += new Vector<long>(values[at..]);
                }

                sum = Vector.Sum(lanes);
            }

            for (; at < values.Length; at++)
            {
                sum += values[at];
            }

            return sum;
        }
    }
}
