using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>The ramp rate set by the utility.</summary>
/// <param name="SetGradW">Hundredths of a per cent of setMaxW per second, as DERSettings.setGradW must say it.</param>
/// <param name="SetSoftGradW">The same after a reconnection; null where not set.</param>
/// <param name="ProgramKey">Whose default sets it.</param>
public sealed record Gradient(int SetGradW, int? SetSoftGradW, string ProgramKey);

/// <summary>How fast a change is to be made: over a given time, at a rate, or (neither) at once.</summary>
/// <param name="Over">Time from the old value to the new one.</param>
/// <param name="PercentPerMinute">Of setMaxW.</param>
public sealed record Ramp(Duration? Over, decimal? PercentPerMinute)
{
    /// <summary>setGradW that stands for Wgra of AS/NZS 4777.2, whose exact rate is 100 % in six minutes.</summary>
    public const int Wgra = 27;

    /// <summary>As fast as can be.</summary>
    public static Ramp Unlimited { get; } = new(null, null);

    /// <summary>The ramp into a piece. CSIP-AUS ALL-25, ALL-28: rampTms on the control wins over setGradW.</summary>
    public static Ramp Into(ModePiece? piece, Gradient? gradient) => (piece?.RampTms, gradient?.SetGradW) switch
    {
        ({ } tms and > 0, _) => new Ramp(Duration.FromMilliseconds(tms * 10), null),
        (0, _) or (_, null) or (_, 0) => Unlimited,
        (_, Wgra) => new Ramp(null, 100m / 6),
        (_, { } grad) => new Ramp(null, grad * 60 / 100m),
    };
}
