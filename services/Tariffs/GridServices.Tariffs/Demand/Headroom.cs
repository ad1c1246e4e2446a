namespace GridServices.Tariffs.Demand;

/// <summary>What may still be drawn until the end of a demand window so that its mean stays at a target.</summary>
/// <param name="AllowableKw">max(0, (target x W - energy so far) / (W - elapsed)).</param>
/// <param name="UnclampedKw">The same without the floor; below 0 = only export could hold the target.</param>
/// <param name="BreachCertain">Import alone can no longer stay at the target.</param>
/// <param name="LeastWindowKw">The window's mean if nothing more is drawn.</param>
public sealed record Headroom(decimal AllowableKw, decimal UnclampedKw, bool BreachCertain, decimal LeastWindowKw)
{
    /// <summary>How much one more kW adds to what is paid: 1, or of kVA what their triangle gives at the headroom.</summary>
    public decimal PerKw { get; init; } = 1;

    /// <summary>Headroom of one window.</summary>
    /// <param name="targetKw">Mean kW the window may reach.</param>
    /// <param name="windowSeconds">Length W.</param>
    /// <param name="elapsedSeconds">Time already passed in it, below W.</param>
    /// <param name="energyKwh">Energy already drawn in it.</param>
    public static Headroom Compute(decimal targetKw, decimal windowSeconds, decimal elapsedSeconds, decimal energyKwh)
    {
        if (windowSeconds <= 0 || elapsedSeconds < 0 || elapsedSeconds >= windowSeconds)
        {
            throw new ArgumentOutOfRangeException(nameof(elapsedSeconds), elapsedSeconds, "the elapsed time lies inside the window");
        }

        var left = (targetKw * windowSeconds - energyKwh * 3600) / (windowSeconds - elapsedSeconds);
        return new Headroom(Math.Max(0, left), left, left < 0, energyKwh * 3600 / windowSeconds);
    }
}
