using GridServices.Contracts.Json;
using GridServices.Tariffs.Intervals;
using NodaTime;

namespace GridServices.Tariffs.Allocation;

/// <summary>A session's energy on the site's intervals, from its first to its last alone.</summary>
internal static class SessionLoad
{
    /// <summary>Digits of a kWh that are kept where energy is spread over time, and that a session may have.</summary>
    public const int Digits = 12;

    /// <summary>The site's intervals [First, Last) that the session touches.</summary>
    public static (int First, int Last) Span(AllocatedSession session, IntervalSeries site) =>
        Span(session.Parts.Min(p => p.From), session.Parts.Max(p => p.Until), site);

    /// <summary>Some of its time is outside of the site's data, and on another bill.</summary>
    public static bool IsPartlyOutside(AllocatedSession session, IntervalSeries site) => session.Parts.Any(p => p.From < site.Start || p.Until > site.End);

    /// <summary>What is in the site's data; the whole of it is in the intervals to the last unit.</summary>
    /// <param name="session">The session.</param>
    /// <param name="site">The site's meter.</param>
    public static IntervalSeries On(AllocatedSession session, IntervalSeries site)
    {
        var (start, step) = (site.Start, Duration.FromSeconds(site.StepSeconds));
        var (first, last) = Span(session, site);
        var units = new long[last - first];
        foreach (var part in session.Parts)
        {
            AddPart(part);
        }

        return IntervalSeries.FromUnits(start + step * first, step, IntervalUnit.Kwh, Digits, units);

        void AddPart(SessionStretch part)
        {
            var (from, until) = Span(part.From, part.Until, site);
            var whole = (Int128)(part.Kwh * ExactDecimal.Power(Digits));
            Int128 Until(Instant at) => whole * Math.Clamp((at - part.From).BclCompatibleTicks, 0, (part.Until - part.From).BclCompatibleTicks) / (part.Until - part.From).BclCompatibleTicks;
            for (var i = from; i < until; i++)
            {
                var at = start + step * i;
                units[i - first] += (long)(Until(at + step) - Until(at));
            }
        }
    }

    private static (int First, int Last) Span(Instant from, Instant until, IntervalSeries site)
    {
        var step = Duration.FromSeconds(site.StepSeconds);
        int Index(Instant at) => (int)Math.Clamp((long)Math.Floor((at - site.Start) / step), 0, site.Count);
        return (Index(from), Index(until + step - Duration.Epsilon));
    }
}
