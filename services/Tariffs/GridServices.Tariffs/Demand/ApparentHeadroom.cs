using GridServices.Tariffs.Bills;

namespace GridServices.Tariffs.Demand;

/// <summary>How kvar go on while nobody has measured them yet; at least one of the two is known.</summary>
/// <param name="Held">As last read, kvar; null = they were not read.</param>
/// <param name="Tangent">kvar per kW at the worst power factor; null = none is stated.</param>
internal sealed record KvarForecast(decimal? Held, decimal? Tangent)
{
    /// <summary>Null where nothing at all is known of kvar: they are never taken for none.</summary>
    public static KvarForecast? Create(decimal? lastKvar, decimal? worstPowerFactor) =>
        lastKvar is null && worstPowerFactor is null ? null : new KvarForecast(lastKvar, worstPowerFactor is { } factor ? ComputeTangent(factor) : null);

    /// <summary>kvar per kW at a power factor above 0.</summary>
    public static decimal ComputeTangent(decimal factor) => SquareRoot.Compute(1 - factor * factor) / factor;

    /// <summary>kvar that go with so many kW: the larger of both.</summary>
    public decimal ComputeKvar(decimal kw) => Math.Max(Math.Abs(Held ?? 0), kw * (Tangent ?? 0));
}

/// <summary>
/// What may still be drawn, kW, until a window ends so that its mean kVA stay at a target. With E and R of kWh and kvarh drawn, x still to be drawn and S = target x W in kVAh:
/// <code>
///   kvar held at q     (E + x)² + (R + q L)² = S²
///   power factor       (E + x)² + (|R| + x tan φ)² = S²       the smaller x of both holds
/// </code>
/// </summary>
internal static class ApparentHeadroom
{
    /// <param name="targetKva">Mean kVA the window may reach.</param>
    /// <param name="windowSeconds">Length W.</param>
    /// <param name="elapsedSeconds">Time already passed in it, below W.</param>
    /// <param name="kwh">Drawn in it.</param>
    /// <param name="kvarh">Reactive energy in it, signed.</param>
    /// <param name="ahead">How kvar go on.</param>
    public static Headroom Compute(decimal targetKva, decimal windowSeconds, decimal elapsedSeconds, decimal kwh, decimal kvarh, KvarForecast ahead)
    {
        if (windowSeconds <= 0 || elapsedSeconds < 0 || elapsedSeconds >= windowSeconds)
        {
            throw new ArgumentOutOfRangeException(nameof(elapsedSeconds), elapsedSeconds, "the elapsed time lies inside the window");
        }

        var (reach, left) = (targetKva * windowSeconds / 3600, (windowSeconds - elapsedSeconds) / 3600);
        var drawn = SquareRoot.Compute(kwh * kwh + kvarh * kvarh);
        var held = ahead.Held is { } kvar ? Held(reach, kwh, kvarh + kvar * left) : (More: decimal.MaxValue, PerKw: 0m);
        var factor = ahead.Tangent is { } tangent ? Factor(reach, kwh, Math.Abs(kvarh), tangent) : (More: decimal.MaxValue, PerKw: 0m);
        var more = Math.Min(held.More, factor.More) / left;
        return new Headroom(Math.Max(0, more), more, drawn > reach, drawn * 3600 / windowSeconds) { PerKw = Math.Max(held.PerKw, factor.PerKw) };
    }

    /// <summary>kWh still to come, and what one more adds to the kVAh.</summary>
    private static (decimal More, decimal PerKw) Held(decimal reach, decimal kwh, decimal kvarh)
    {
        var rest = reach * reach - kvarh * kvarh;
        var more = (rest < 0 ? -SquareRoot.Compute(-rest) : SquareRoot.Compute(rest)) - kwh;
        var at = kwh + Math.Max(0, more);
        return (more, Slope(at, at, kvarh, 1));
    }

    private static (decimal More, decimal PerKw) Factor(decimal reach, decimal kwh, decimal kvarh, decimal tangent)
    {
        var (square, half, over) = (1 + tangent * tangent, kwh + kvarh * tangent, kwh * kwh + kvarh * kvarh - reach * reach);
        var more = (SquareRoot.Compute(half * half - square * over) - half) / square;
        var (at, reactive) = (kwh + Math.Max(0, more), kvarh + Math.Max(0, more) * tangent);
        return (more, Slope(at + reactive * tangent, at, reactive, SquareRoot.Compute(square)));
    }

    /// <summary>Where nothing is drawn at all, the first kW brings what it does alone.</summary>
    private static decimal Slope(decimal rise, decimal kwh, decimal kvarh, decimal alone) =>
        SquareRoot.Compute(kwh * kwh + kvarh * kvarh) is > 0 and var kvah ? rise / kvah : alone;
}
