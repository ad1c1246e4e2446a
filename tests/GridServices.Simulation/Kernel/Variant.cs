namespace GridServices.Simulation.Kernel;

/// <summary>A deliberate fault of the modelled system, to show that a check finds it.</summary>
internal enum Variant
{
    /// <summary>None.</summary>
    Sound,

    /// <summary>A publisher's store says "committed" and loses the last seconds when the process dies.</summary>
    StoreAcknowledgesEarly,

    /// <summary>The relay sends what waits in any order.</summary>
    RelayWithoutOrder,

    /// <summary>An engine that was started elsewhere goes on writing.</summary>
    EngineWithoutFence,

    /// <summary>A controller drops what another history of the hub does not state yet.</summary>
    ControllerForgets,

    /// <summary>A controller has no limits of the beginning and no fail-safe.</summary>
    ControllerWithoutFailsafe,

    /// <summary>The hub moves its sequence on for what is then not stored.</summary>
    HubSkipsSequences,

    /// <summary>The hub shows what it failed to store.</summary>
    HubShowsUncommitted,

    /// <summary>The hub takes a refused publication into its memory.</summary>
    HubKeepsRefused,

    /// <summary>An engine begins again from nothing instead of from its stored state.</summary>
    EngineForgets,

    /// <summary>An engine draws random begins anew at each start.</summary>
    EngineDrawsAnew,

    /// <summary>An engine opts out at each start of what it has opted into.</summary>
    EngineAnswersAnew,
}
