using GridServices.FrequencyResponse.Catalog;
using NodaTime;

namespace GridServices.FrequencyResponse.Energy;

/// <summary>What a limited reservoir has to do.</summary>
public enum ReservoirPhase
{
    /// <summary>Hold the energy for full activation each way.</summary>
    Ready,

    /// <summary>The alert state lasts: deliver, in full if it comes to that, for as long as the rule says.</summary>
    Covering,

    /// <summary>The alert state lasts longer than the rule says: the reservoir may be at its end.</summary>
    Covered,

    /// <summary>The alert state is over: win the energy back by the deadline.</summary>
    Restoring,
}

/// <summary>How long a limited reservoir must last, and how soon it must be full again (Regulation (EU) 2017/1485, Article 156).</summary>
/// <param name="Cover">Full activation from the begin of the alert state on; 15 to 30 min, as the operators decided.</param>
/// <param name="Restore">From the end of the alert state.</param>
public sealed record ReservoirRules(Duration Cover, Duration Restore)
{
    /// <summary>Null where the service knows no limited reservoirs.</summary>
    public static ReservoirRules? For(ServiceDefinition service)
    {
        ArgumentNullException.ThrowIfNull(service);
        return service.Value(NumberNames.LerMinimumSeconds) is { } cover && service.Value(NumberNames.LerRecoverySeconds) is { } restore
            ? new ReservoirRules(Duration.FromSeconds(cover), Duration.FromSeconds(restore))
            : null;
    }
}

/// <summary>Where a limited reservoir stands. Immutable; pure: the same state, frequency and store give the same next one.</summary>
/// <remarks>
/// <code>
///            alert begins     + 15 min        alert ends                    + 2 h
///   ready ────────┼── covering ──┼── covered ─────┼── restoring ──┬────────────┤ deadline
///                                                                 └─▶ ready, once the store holds it again
/// </code>
/// </remarks>
public sealed record ReservoirDuty
{
    /// <summary>Nothing is known yet.</summary>
    public static ReservoirDuty Start { get; } = new();

    /// <summary>Of the synchronous area.</summary>
    public SystemState System { get; init; }

    public ReservoirPhase Phase { get; init; }

    /// <summary>Begin of the alert state that lasts, or was last; null: there was none.</summary>
    public Instant? AlertAt { get; init; }

    /// <summary>End of it; null: it lasts, or there was none.</summary>
    public Instant? AlertEndedAt { get; init; }

    /// <summary>When the store held again what it must, after it; null: not yet.</summary>
    public Instant? RestoredAt { get; init; }

    /// <summary>Until when full activation must last.</summary>
    public Instant? CoverUntil(ReservoirRules rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        return Phase is ReservoirPhase.Covering or ReservoirPhase.Covered ? AlertAt + rules.Cover : null;
    }

    /// <summary>By when the store must hold again what it must.</summary>
    public Instant? RestoreBy(ReservoirRules rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        return Phase == ReservoirPhase.Restoring ? AlertEndedAt + rules.Restore : null;
    }

    /// <summary>A moment later.</summary>
    /// <param name="rules">Of the service.</param>
    /// <param name="system">As the frequency says.</param>
    /// <param name="now">The wall clock.</param>
    /// <param name="holds">The store holds what full activation each way needs; false also where that is not known.</param>
    public ReservoirDuty Next(ReservoirRules rules, SystemState system, Instant now, bool holds)
    {
        ArgumentNullException.ThrowIfNull(rules);
        var isAlert = system is SystemState.Alert or SystemState.Emergency;
        var wasAlert = Phase is ReservoirPhase.Covering or ReservoirPhase.Covered;

        // What is not known ends nothing: the alert state lasts until the frequency says otherwise.
        return isAlert || (wasAlert && system == SystemState.Unknown) ? Alert(rules, system, now, wasAlert)
            : wasAlert ? this with { System = system, Phase = ReservoirPhase.Restoring, AlertEndedAt = now }
            : Phase == ReservoirPhase.Restoring && holds ? this with { System = system, Phase = ReservoirPhase.Ready, RestoredAt = now }
            : System == system ? this
            : this with { System = system };
    }

    private ReservoirDuty Alert(ReservoirRules rules, SystemState system, Instant now, bool wasAlert)
    {
        var since = wasAlert ? AlertAt!.Value : now;
        var phase = now - since < rules.Cover ? ReservoirPhase.Covering : ReservoirPhase.Covered;
        return wasAlert && phase == Phase && system == System ? this
            : new ReservoirDuty { System = system, Phase = phase, AlertAt = since };
    }
}
