using System.Data.Common;
using NodaTime;

namespace GridServices.UtilityClients.Engine;

/// <summary>
/// One engine of a protocol under one configuration, with its connection to the utility. Pure but for <see cref="EngineNext{TView, TInput}.Send"/> and
/// <see cref="SaveConfigAsync"/>; the loop keeps the state and gives the time. Used by one loop at a time.
/// </summary>
public interface IProtocolEngine<TView, TConfig, TState, TInput, TKind> : IDisposable
    where TKind : struct, Enum
{
    /// <summary>As it was PUT, with defaults.</summary>
    TConfig Config { get; }

    /// <summary>As the core takes it.</summary>
    TConfig EffectiveConfig { get; }

    /// <summary>What tells the core that time has passed; null: its core needs no telling.</summary>
    TInput? Tick { get; }

    /// <summary>Has everything read from the utility again: something received may have been lost.</summary>
    TInput Resync { get; }

    /// <summary>Says that something the utility sent unasked could not be taken in; null: the engine asks often enough anyway.</summary>
    TInput? Missed { get; }

    /// <summary>Whether an engine that starts from this stored state begins with <see cref="Resync"/>.</summary>
    bool NeedsResync(TState stored);

    /// <summary>What to do now.</summary>
    EngineNext<TView, TInput> Next(TState state, Instant now);

    /// <summary>Applies an input. <paramref name="seed"/> is drawn anew for each and is the only source of chance.</summary>
    EngineStep<TState, TKind> Apply(TState state, TInput input, Instant now, ulong seed);

    /// <summary>True for inputs that nobody can send again, so that they wait for a store that is away even where somebody waits for the answer.</summary>
    bool IsIrreplaceable(TInput input);

    /// <summary>The input for a changed configuration; <paramref name="previous"/> as <see cref="EffectiveConfig"/>, null: the engine is new.</summary>
    TInput Configured(TConfig? previous);

    /// <summary>The input by which a deleted engine withdraws its streams.</summary>
    TInput Removed { get; }

    /// <summary>What is still to be said to the utility before the engine is deleted, or leaves it; null: nothing.</summary>
    TInput? FindFarewell(TState state);

    /// <summary>What takes a farewell back that is not said yet, where the engine stays after all; null: none is to be said.</summary>
    TInput? Stays(TState state) => default;

    /// <summary>True where the engine under <paramref name="next"/> is no longer what it is to the utility now, which has to be told so first.</summary>
    bool Leaves(TConfig next) => false;

    /// <summary>True where an exchange may be cut and be made again as it was: people then wait no longer for one that hangs.</summary>
    bool MayRepeatExchanges => false;

    /// <summary>The same engine under another configuration, with a connection of its own.</summary>
    IProtocolEngine<TView, TConfig, TState, TInput, TKind> With(TConfig config);

    /// <summary>The same engine with the same connection where files changed what it is to the utility; null where they did not.</summary>
    IProtocolEngine<TView, TConfig, TState, TInput, TKind>? Refreshed();

    /// <summary>The view of an engine that has not exchanged anything yet.</summary>
    TView NewView(TState state, Instant since);

    /// <summary>The view with the members that are the engine's own.</summary>
    TView Show(TView view);

    /// <summary>Writes the configuration, in the transaction that also writes the state it leads to.</summary>
    Task SaveConfigAsync(DbTransaction tx, Instant now);
}
