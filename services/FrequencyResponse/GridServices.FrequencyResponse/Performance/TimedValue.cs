using System.Runtime.InteropServices;

namespace GridServices.FrequencyResponse.Performance;

/// <summary>A value at a time; straight lines between two of them.</summary>
/// <param name="Seconds">Since the start of the series.</param>
/// <param name="Value">Power, frequency or share, as the series says.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct TimedValue(double Seconds, double Value);

/// <summary>Integrals and means of a series sorted by time.</summary>
public static class TimedSeries
{
    /// <summary>Mean over [from, until]; NaN where the series does not cover it.</summary>
    public static double Mean(ReadOnlySpan<TimedValue> series, double from, double until) => Integral(series, from, until) / (until - from);

    /// <summary>Integral over [from, until], value × seconds; NaN where the series does not cover it.</summary>
    public static double Integral(ReadOnlySpan<TimedValue> series, double from, double until)
    {
        if (series.Length < 2 || from < series[0].Seconds || until > series[^1].Seconds || until <= from)
        {
            return double.NaN;
        }

        var sum = 0.0;
        for (var i = 1; i < series.Length; i++)
        {
            var (a, b) = (series[i - 1], series[i]);
            var (start, end) = (Math.Max(a.Seconds, from), Math.Min(b.Seconds, until));
            if (end > start)
            {
                sum += (end - start) * (Between(a, b, start) + Between(a, b, end)) / 2;
            }
        }

        return sum;
    }

    /// <summary>Value at a time; NaN outside the series.</summary>
    public static double At(ReadOnlySpan<TimedValue> series, double seconds)
    {
        for (var i = 1; i < series.Length; i++)
        {
            if (seconds <= series[i].Seconds && seconds >= series[i - 1].Seconds)
            {
                return Between(series[i - 1], series[i], seconds);
            }
        }

        return double.NaN;
    }

    private static double Between(TimedValue a, TimedValue b, double at) =>
        b.Seconds > a.Seconds ? a.Value + ((b.Value - a.Value) * (at - a.Seconds) / (b.Seconds - a.Seconds)) : b.Value;
}
