using GridServices.FrequencyResponse.Energy;
using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.FrequencyResponse.Service.Recording;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Api;

/// <summary>A limited reservoir: what it must hold, holds, and by when it must be restored. Energies in Wh ≥ 0, powers in W, + = charge or import; of all contracts of the pool.</summary>
public sealed record ReservoirView
{
    /// <summary>Of the synchronous area, by the measured frequency.</summary>
    public required SystemState System { get; init; }
    public required ReservoirPhase Phase { get; init; }

    /// <summary>Begin of the alert state that lasts, or was last.</summary>
    public Instant? AlertAt { get; init; }
    public Instant? AlertEndedAt { get; init; }

    /// <summary>Full activation must last until then.</summary>
    public Instant? CoverUntil { get; init; }

    /// <summary>The store must hold again by then what it must.</summary>
    public Instant? RestoreBy { get; init; }

    /// <summary>When it did, after the last alert state.</summary>
    public Instant? RestoredAt { get; init; }

    /// <summary>What full activation needs each way; in an alert state for what is left of the time.</summary>
    public required double RaiseRequiredWh { get; init; }
    public required double LowerRequiredWh { get; init; }

    /// <summary>What the store could give, and take; absent: not known.</summary>
    public double? RaiseHeldWh { get; init; }
    public double? LowerHeldWh { get; init; }

    /// <summary>Power beside the planned baseline that restores it by the deadline where nothing is delivered meanwhile; absent: nothing is to be restored, or no power could.</summary>
    public double? RestoreW { get; init; }

    /// <summary>When it will be restored along the planned baseline where nothing is delivered; absent: nothing is to be restored, or it will not be by the deadline.</summary>
    public Instant? WillBeRestoredAt { get; init; }

    /// <summary>What is wrong, told ahead; absent: nothing.</summary>
    public string? Problem { get; init; }

    internal static ReservoirView? Create(Pool pool, int index, ReservoirDuty? duty, in PoolView view, Instant now)
    {
        if (duty is null || pool.Spec.Contracts[index].Reservoir is not { Reservoir: var rules } || Reservoirs.Outlook(pool, rules, duty, view.State, now, view.NowNanos) is not { } outlook)
        {
            return null;
        }

        return new ReservoirView
        {
            System = duty.System,
            Phase = duty.Phase,
            AlertAt = duty.AlertAt,
            AlertEndedAt = duty.AlertEndedAt,
            CoverUntil = duty.CoverUntil(rules),
            RestoreBy = duty.RestoreBy(rules),
            RestoredAt = duty.RestoredAt,
            RaiseRequiredWh = Numbers.WithoutNegativeZero(outlook.RaiseRequiredWh),
            LowerRequiredWh = Numbers.WithoutNegativeZero(outlook.LowerRequiredWh),
            RaiseHeldWh = outlook.RaiseHeldWh,
            LowerHeldWh = outlook.LowerHeldWh,
            RestoreW = outlook.RestoreW is { } power ? Numbers.WithoutNegativeZero(-power) : null,
            WillBeRestoredAt = outlook.RestoredAt,
            Problem = ReservoirProblem.Describe(outlook, duty.RestoreBy(rules), now),
        };
    }
}
