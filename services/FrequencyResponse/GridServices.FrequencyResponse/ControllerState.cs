using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GridServices.FrequencyResponse.Energy;
using GridServices.FrequencyResponse.Measurement;
using GridServices.FrequencyResponse.Response;

namespace GridServices.FrequencyResponse;

/// <summary>Everything that the controller remembers from step to step. <c>default</c> = just started, nothing received.</summary>
/// <remarks>A plain value without references: the same inputs give the same bits.</remarks>
[StructLayout(LayoutKind.Sequential)]
public struct ControllerState
{
    internal long Steps;
    internal long LastNanos;
    internal WallClockState Wall;
    internal SourceStates Sources;
    internal ServiceStates Services;
    internal EnergyState Energy;
    internal SentState Sent;
    internal SiteConditions Conditions;
    internal FaultCounts Counts;

    /// <summary>Turns so far.</summary>
    public readonly long StepCount => Steps;

    /// <summary>The conditions that the next step goes by.</summary>
    public readonly SiteConditions Site => Conditions;

    /// <summary>GB: least energy to be held for raising at the start of this settlement period, Wh; 0 without a GB contract.</summary>
    public readonly SoeRequirement RaiseRequirement => Energy.Gb.Raise;

    /// <summary>GB: least room to be kept for lowering, Wh.</summary>
    public readonly SoeRequirement LowerRequirement => Energy.Gb.Lower;

    /// <summary>GB: moves of the baseline that are decided, W, + = injection, for the running settlement period and those after it; empty where none is.</summary>
    public readonly IReadOnlyList<PlannedShift> PlannedShifts()
    {
        if (!Energy.Gb.Running)
        {
            return [];
        }

        var (gb, first) = (Energy.Gb, Energy.Gb.Period);
        double[] orders = gb.Planned ? [gb.OrderW, gb.NextOrderW, gb.LaterOrderW, gb.PlannedOrderW] : [gb.OrderW, gb.NextOrderW, gb.LaterOrderW];
        return [.. orders.Select((w, ahead) => new PlannedShift((first + ahead) * GbRecovery.PeriodNanos, (first + ahead + 1) * GbRecovery.PeriodNanos, w))];
    }

    /// <summary>The same state under other conditions.</summary>
    public readonly ControllerState With(in SiteConditions conditions)
    {
        var next = this;
        next.Conditions = conditions;
        return next;
    }

    /// <summary>The same power where quantities change: what is kept in shares of the old ones, in shares of the new ones.</summary>
    /// <param name="ratios">Of each service in its place: the quantity so far ÷ the new one, &gt; 0.</param>
    /// <remarks>Without it an instruction would jump by the ratio of the two, however slow its ramp.</remarks>
    public readonly ControllerState Rescale(IReadOnlyList<double> ratios)
    {
        ArgumentNullException.ThrowIfNull(ratios);
        var next = this;
        for (var i = 0; i < Math.Min(ratios.Count, ControllerConfig.MaxServices); i++)
        {
            next.Services[i].Rescale(ratios[i]);
        }

        return next;
    }

    /// <summary>How often a fault was found in a sample since the start.</summary>
    public readonly long GetCount(SampleFault single) => Counts[SampleFaults.Index(single)];
}

/// <summary>A move of the baseline in one settlement period.</summary>
/// <param name="FromUnixNanos">Inclusive.</param>
/// <param name="UntilUnixNanos">Exclusive.</param>
/// <param name="ShiftW">W, + = injection.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct PlannedShift(long FromUnixNanos, long UntilUnixNanos, double ShiftW);

/// <summary>The last set-point that was sent.</summary>
internal struct SentState
{
    internal bool Ever;

    /// <summary>It was the baseline: no service asked for anything.</summary>
    internal bool Resting;
    internal double PowerW;
    internal long AtNanos;
}

[InlineArray(ControllerConfig.MaxSources)]
internal struct SourceStates
{
    private SourceState _first;
}

[InlineArray(ControllerConfig.MaxServices)]
internal struct ServiceStates
{
    private ServiceState _first;
}

[InlineArray(16)]
internal struct FaultCounts
{
    private long _first;
}
