using System.Numerics;
using GridServices.Contracts;

namespace GridServices.FrequencyResponse.Measurement;

/// <summary>Why a sample, or the measurement as a whole, must not drive power.</summary>
[Flags]
public enum SampleFault : ushort
{
    None = 0,

    /// <summary>Nothing valid has arrived yet.</summary>
    NoSample = 1,

    /// <summary>Not a finite number.</summary>
    NotANumber = 2,

    /// <summary>Outside what the system can have: a dead sensor, another nominal, another unit.</summary>
    Range = 4,

    /// <summary>Changed faster than the grid can, and no second sample has confirmed it.</summary>
    Rocof = 8,

    /// <summary>Too old by the monotonic clock, or by its own stamp.</summary>
    Stale = 16,

    /// <summary>The same bits for too long.</summary>
    Frozen = 32,

    /// <summary>The meter's voltage is gone: its frequency means nothing.</summary>
    Voltage = 64,

    /// <summary>The device disowns it.</summary>
    Quality = 128,

    /// <summary>The stamp is that of the sample before.</summary>
    Duplicate = 256,

    /// <summary>The stamp lies before that of the sample before.</summary>
    Order = 512,

    /// <summary>The stamp lies in the future, or has jumped back by more than a late frame can.</summary>
    SourceTime = 1024,

    /// <summary>From no source that is configured.</summary>
    UnknownSource = 2048,

    /// <summary>Sources that are each valid contradict one another.</summary>
    Disagree = 4096,

    /// <summary>The source's step is coarser than the service allows.</summary>
    Resolution = 8192,
}

/// <summary>The house's name for each fault.</summary>
public static class SampleFaults
{
    /// <summary>The gravest fault's class of refusal; null where there is none.</summary>
    public static ErrorClass? Class(this SampleFault fault) => fault switch
    {
        SampleFault.None => null,
        _ when (fault & SampleFault.UnknownSource) != SampleFault.None => ErrorClass.AuthzSource,
        _ when (fault & SampleFault.NotANumber) != SampleFault.None => ErrorClass.Malformed,
        _ when (fault & SampleFault.Range) != SampleFault.None => ErrorClass.QualityRange,
        _ when (fault & (SampleFault.Voltage | SampleFault.Quality | SampleFault.Resolution)) != SampleFault.None => ErrorClass.Plausibility,
        _ when (fault & SampleFault.SourceTime) != SampleFault.None => ErrorClass.QualityTime,
        _ when (fault & (SampleFault.Order | SampleFault.Duplicate)) != SampleFault.None => ErrorClass.QualityOrder,
        _ when (fault & SampleFault.Disagree) != SampleFault.None => ErrorClass.QualityDisagree,
        _ when (fault & SampleFault.Frozen) != SampleFault.None => ErrorClass.QualityStuck,
        _ when (fault & SampleFault.Rocof) != SampleFault.None => ErrorClass.QualityRocof,
        _ => ErrorClass.QualityStale,
    };

    /// <summary>Position of a single fault in counters, 0..15.</summary>
    public static int Index(SampleFault single) => BitOperations.TrailingZeroCount((uint)single);
}
