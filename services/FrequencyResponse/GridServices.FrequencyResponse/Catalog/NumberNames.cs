using System.Collections.Frozen;

namespace GridServices.FrequencyResponse.Catalog;

/// <summary>Names of the numbers of a service, as in the catalog's JSON; the unit ends the name, a share has none.</summary>
public static class NumberNames
{
    public const string InitiationSeconds = "initiationSeconds";
    public const string HalfActivationSeconds = "halfActivationSeconds";
    public const string FullActivationSeconds = "fullActivationSeconds";

    /// <summary>How long full response must last.</summary>
    public const string DurationSeconds = "durationSeconds";

    /// <summary>Shortest support of a switched service that lets go slowly.</summary>
    public const string ShortSupportSeconds = "shortSupportSeconds";

    /// <summary>Shortest support of a switched service that lets go at once.</summary>
    public const string LongSupportSeconds = "longSupportSeconds";

    /// <summary>Fastest release after a short support, share of the quantity per second.</summary>
    public const string MaxReleasePerSecond = "maxReleasePerSecond";

    /// <summary>A switched service is able to respond again after at most this.</summary>
    public const string RearmSeconds = "rearmSeconds";

    /// <summary>Oldest sample that may drive the service.</summary>
    public const string SampleAgeLimitSeconds = "sampleAgeLimitSeconds";

    /// <summary>Coarsest step of the frequency measurement.</summary>
    public const string ResolutionHz = "resolutionHz";

    /// <summary>Capacity kept free in the opposite direction, share of the quantity.</summary>
    public const string ReservedCapacity = "reservedCapacity";

    /// <summary>Share of the response energy that may be recovered per settlement period.</summary>
    public const string RecoverySharePerPeriod = "recoverySharePerPeriod";
    public const string MaxQuantityWatts = "maxQuantityWatts";
    public const string MonitorHz = "monitorHz";
    public const string TriggerHz = "triggerHz";
    public const string DeadbandHz = "deadbandHz";
    public const string DeadbandUnderHz = "deadbandUnderHz";
    public const string DeadbandOverHz = "deadbandOverHz";

    /// <summary>Change of frequency that asks for full power, share of nominal.</summary>
    public const string Droop = "droop";
    public const string DroopUnder = "droopUnder";
    public const string DroopOver = "droopOver";
    public const string OpenLoopSeconds = "openLoopSeconds";
    public const string OverFulfilment = "overFulfilment";
    public const string DeadbandUseHz = "deadbandUseHz";

    /// <summary>Standard range of the frequency, each way from nominal; outside it for longer than <see cref="StandardRangeSeconds"/> the area is in the alert state.</summary>
    public const string StandardRangeHz = "standardRangeHz";
    public const string StandardRangeSeconds = "standardRangeSeconds";

    /// <summary>Largest steady-state deviation; beyond half of it for longer than <see cref="HalfDeviationSeconds"/> the area is in the alert state.</summary>
    public const string SteadyDeviationHz = "steadyDeviationHz";
    public const string HalfDeviationSeconds = "halfDeviationSeconds";

    /// <summary>Limited reservoirs: how long full activation must last from the begin of the alert state on.</summary>
    public const string LerMinimumSeconds = "lerMinimumSeconds";
    public const string LerMaximumSeconds = "lerMaximumSeconds";
    public const string LerRecoverySeconds = "lerRecoverySeconds";
    public const string EnduranceSeconds = "enduranceSeconds";
    public const string PowerFactor = "powerFactor";
    public const string NemFactor = "nemFactor";
    public const string MinSteps = "minSteps";
    public const string SteadyUnder = "steadyUnder";
    public const string SteadyOver = "steadyOver";
    public const string LinearityUnder = "linearityUnder";
    public const string LinearityOver = "linearityOver";
    public const string ShareAtSevenAndHalfSeconds = "shareAt7500ms";
    public const string EnergyAtSevenAndHalfSeconds = "energyAt7500msSeconds";
    public const string ScoreMinimum = "scoreMinimum";
    public const string ScoreForfeit = "scoreForfeit";

    /// <summary>Regulation: weights of the parts of the score.</summary>
    public const string AccuracyWeight = "accuracyWeight";
    public const string DelayWeight = "delayWeight";
    public const string PrecisionWeight = "precisionWeight";
    public const string FullFactorError = "fullFactorError";
    public const string ZeroFactorError = "zeroFactorError";
    public const string AssessHz = "assessHz";
    public const string StandardRampHzPerSecond = "standardRampHzPerSecond";
    public const string SignalPeriodSeconds = "signalPeriodSeconds";

    /// <summary>Instructions: earliest that full delivery may be asked for after the arrival, beside the time to full delivery.</summary>
    public const string NoticeSeconds = "noticeSeconds";

    /// <summary>Instructions: our ramp from 0 to the whole quantity; absent = half of the time to full delivery.</summary>
    public const string RampSeconds = "rampSeconds";
    public const string MinActivationSeconds = "minActivationSeconds";
    public const string MaxActivationSeconds = "maxActivationSeconds";

    /// <summary>Most activations that begin within <see cref="RepeatWindowSeconds"/>.</summary>
    public const string MaxActivations = "maxActivations";
    public const string RepeatWindowSeconds = "repeatWindowSeconds";

    /// <summary>From the end of an activation to the start of the next.</summary>
    public const string RecoverySeconds = "recoverySeconds";

    /// <summary>Least size of one instruction.</summary>
    public const string MinInstructionWatts = "minInstructionWatts";

    /// <summary>Least quantity that is sold.</summary>
    public const string MinQuantityWatts = "minQuantityWatts";

    /// <summary>Length of the windows that it is sold in; contracted windows are whole multiples.</summary>
    public const string WindowSeconds = "windowSeconds";

    /// <summary>Every name that may be used.</summary>
    public static FrozenSet<string> All { get; } = FrozenSet.ToFrozenSet(
    [
        InitiationSeconds, HalfActivationSeconds, FullActivationSeconds, DurationSeconds, ShortSupportSeconds, LongSupportSeconds,
        MaxReleasePerSecond, RearmSeconds, SampleAgeLimitSeconds, ResolutionHz, ReservedCapacity, RecoverySharePerPeriod, MaxQuantityWatts,
        MonitorHz, TriggerHz, DeadbandHz, DeadbandUnderHz, DeadbandOverHz, Droop, DroopUnder, DroopOver, OpenLoopSeconds, OverFulfilment,
        DeadbandUseHz, LerMinimumSeconds, LerMaximumSeconds, LerRecoverySeconds, EnduranceSeconds, PowerFactor, NemFactor, MinSteps,
        SteadyUnder, SteadyOver, LinearityUnder, LinearityOver, ShareAtSevenAndHalfSeconds, EnergyAtSevenAndHalfSeconds, ScoreMinimum,
        ScoreForfeit, FullFactorError, ZeroFactorError, AssessHz, StandardRampHzPerSecond, SignalPeriodSeconds,
        NoticeSeconds, RampSeconds, MinActivationSeconds, MaxActivationSeconds, MaxActivations, RepeatWindowSeconds, RecoverySeconds, MinInstructionWatts,
        MinQuantityWatts, WindowSeconds, AccuracyWeight, DelayWeight, PrecisionWeight,
        StandardRangeHz, StandardRangeSeconds, SteadyDeviationHz, HalfDeviationSeconds,
    ], StringComparer.Ordinal);
}
