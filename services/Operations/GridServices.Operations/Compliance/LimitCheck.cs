using GridServices.Operations.Events;
using NodaTime;

namespace GridServices.Operations.Compliance;

/// <summary>How long, and by how much energy, limits were exceeded in a span; what is not measured, or under limits that nobody recorded, is unknown.</summary>
internal readonly record struct LimitUse(decimal OverSeconds, decimal OverWattSeconds, decimal UnknownSeconds)
{
    public static LimitUse operator +(LimitUse a, LimitUse b) => new(a.OverSeconds + b.OverSeconds, a.OverWattSeconds + b.OverWattSeconds, a.UnknownSeconds + b.UnknownSeconds);

    public decimal OverKwh => OverWattSeconds / 3_600_000;
}

/// <summary>Holds the measured power against the limits that were in force.</summary>
internal sealed class LimitCheck(ActualPower actual, IReadOnlyList<LimitStep> limits, long toleranceW)
{
    /// <summary>Of [from, until): the greater of what readings and what metered means show.</summary>
    public LimitUse Over(Instant from, Instant until)
    {
        var (sum, at) = (new LimitUse(), from);
        foreach (var step in limits.Where(s => s.From < until && s.Until > from).OrderBy(s => s.From))
        {
            var (start, end) = (Instant.Max(step.From, at), Instant.Min(step.Until, until));
            if (start < end)
            {
                sum += new LimitUse(0, 0, Seconds(at, start)) + OverStep(step, start, end);
                at = end;
            }
        }

        return WithMeter(sum + new LimitUse(0, 0, Seconds(at, until)), from, until);
    }

    /// <summary>Whether any limit is stated in the span.</summary>
    public bool IsStated(Instant from, Instant until) => limits.Any(s => s.From < until && s.Until > from && (s.ImportW ?? s.ExportW) is not null);

    /// <summary>The lowest import limit, and whether limits are known throughout.</summary>
    public (long? LowestW, bool Known) Lowest(Instant from, Instant until)
    {
        LimitStep[] steps = [.. limits.Where(s => s.From < until && s.Until > from).OrderBy(s => s.From)];
        var covered = steps.Where(s => s.Known).Sum(s => Seconds(Instant.Max(s.From, from), Instant.Min(s.Until, until)));
        return (steps.Min(s => s.ImportW), covered >= Seconds(from, until));
    }

    /// <summary>What a metered mean shows above the limits, W s; 0 where limits are not stated throughout.</summary>
    public decimal MeteredExcess(MeterInterval interval)
    {
        var wattSeconds = interval.Kwh!.Value * 3_600_000;
        var allowance = toleranceW * Seconds(interval.From, interval.Until);
        var import = wattSeconds - (Allowed(interval, s => s.ImportW) ?? decimal.MaxValue / 2);
        var export = -wattSeconds - (Allowed(interval, s => s.ExportW) ?? decimal.MaxValue / 2);
        return import > allowance ? import : export > allowance ? export : 0;
    }

    private LimitUse OverStep(LimitStep step, Instant from, Instant until)
    {
        if (!step.Known)
        {
            return new LimitUse(0, 0, Seconds(from, until));
        }

        if (step.ImportW is null && step.ExportW is null)
        {
            return default;
        }

        var (sum, measured) = (new LimitUse(), 0m);
        foreach (var held in actual.HeldIn(from, until))
        {
            var seconds = Seconds(Instant.Max(held.From, from), Instant.Min(held.Until, until));
            var excess = Math.Max(held.PowerW - (decimal?)step.ImportW ?? decimal.MinValue, -held.PowerW - (decimal?)step.ExportW ?? decimal.MinValue);
            measured += seconds;
            sum += excess > toleranceW ? new LimitUse(seconds, excess * seconds, 0) : default;
        }

        return sum + new LimitUse(0, 0, Seconds(from, until) - measured);
    }

    private LimitUse WithMeter(LimitUse seen, Instant from, Instant until)
    {
        var (excess, seconds) = (0m, 0m);
        foreach (var interval in actual.Measured(from, until))
        {
            var over = MeteredExcess(interval);
            excess += over;
            seconds += over > 0 ? Seconds(interval.From, interval.Until) : 0;
        }

        return excess > seen.OverWattSeconds ? seen with { OverWattSeconds = excess, OverSeconds = Math.Max(seen.OverSeconds, seconds) } : seen;
    }

    private decimal? Allowed(MeterInterval interval, Func<LimitStep, long?> limit)
    {
        var (at, sum) = (interval.From, 0m);
        foreach (var step in limits.Where(s => s.From < interval.Until && s.Until > interval.From).OrderBy(s => s.From))
        {
            if (step.From > at || !step.Known || limit(step) is not { } watts)
            {
                return null;
            }

            var end = Instant.Min(step.Until, interval.Until);
            sum += watts * Seconds(at, end);
            at = end;
        }

        return at < interval.Until ? null : sum;
    }

    private static decimal Seconds(Instant from, Instant until) => ActualPower.Seconds(from, until);
}
