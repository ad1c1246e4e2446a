using GridServices.FrequencyResponse.Catalog;

namespace GridServices.FrequencyResponse.Performance;

/// <summary>How NESO's dynamic services bound a response in time.</summary>
/// <remarks>
/// The bounds follow the curve of the frequency between two lags ago: the lower bound takes the highest frequency of that window,
/// the upper bound the lowest. Each bound moves no faster than its rates. Immutable.
/// </remarks>
public sealed record GbDynamicRule
{
    /// <summary>Time between two samples.</summary>
    public required double StepSeconds { get; init; }

    /// <summary>Least lag, samples.</summary>
    public required int ShortLag { get; init; }

    /// <summary>Greatest lag, samples.</summary>
    public required int LongLag { get; init; }

    /// <summary>Rise of the lower and fall of the upper bound, share per second.</summary>
    public required double SlowPerSecond { get; init; }

    /// <summary>Fall of the lower and rise of the upper bound, share per second.</summary>
    public required double FastPerSecond { get; init; }

    /// <summary>The error counts as the smallest of this many samples in a row.</summary>
    public required int RollingSamples { get; init; }

    /// <summary>Error up to which the period is paid in full, and from which it is not paid.</summary>
    public required double FullFactorError { get; init; }

    /// <inheritdoc cref="FullFactorError"/>
    public required double ZeroFactorError { get; init; }

    /// <summary>NESO's illustrative performance code for Dynamic Containment: 20 Hz, lag 0.20 to 0.55 s, rates 2 and 4 per second, four samples.</summary>
    public static GbDynamicRule Containment { get; } = new()
    {
        StepSeconds = 0.05,
        ShortLag = 4,
        LongLag = 11,
        SlowPerSecond = 2,
        FastPerSecond = 4,
        RollingSamples = 4,
        FullFactorError = 0.03,
        ZeroFactorError = 0.07,
    };

    /// <summary>
    /// The rule of a service, with the factor's thresholds from its numbers. Moderation has the timings of Containment, hence its rule;
    /// for Regulation (start within 2 s, full within 10 s) lags and rates are stretched to these: a choice of ours.
    /// </summary>
    public static GbDynamicRule For(ServiceDefinition service)
    {
        ArgumentNullException.ThrowIfNull(service);
        var rule = service.FullActivationSeconds is > 1
            ? Containment with
            {
                LongLag = (int)Math.Ceiling((service.InitiationSeconds ?? 2) / Containment.StepSeconds) + 1,
                SlowPerSecond = 1 / (service.FullActivationSeconds.Value - (service.InitiationSeconds ?? 2)),
            }
            : Containment;
        return rule with
        {
            FullFactorError = service.Value(NumberNames.FullFactorError) ?? rule.FullFactorError,
            ZeroFactorError = service.Value(NumberNames.ZeroFactorError) ?? rule.ZeroFactorError,
        };
    }

    /// <summary>The K factor of a settlement period: 1 up to the first threshold, falling straight to 0 at the second.</summary>
    public double GetFactor(double error) =>
        error <= FullFactorError ? 1 : error >= ZeroFactorError ? 0 : (ZeroFactorError - error) / (ZeroFactorError - FullFactorError);
}
