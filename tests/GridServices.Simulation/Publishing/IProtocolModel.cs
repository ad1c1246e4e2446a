using GridServices.Contracts;
using GridServices.Hosting.Hub;
using GridServices.Simulation.Kernel;
using GridServices.UtilityClients.Engine;
using GridServices.Wire.Engine;
using NodaTime;

namespace GridServices.Simulation.Publishing;

/// <summary>A protocol's core as <see cref="EngineRun{TState, TInput}"/> drives it; what <c>IProtocolEngine</c> is to the product's loop.</summary>
internal interface IProtocolModel<TState, TInput>
    where TState : class
    where TInput : class
{
    EngineId Id { get; }

    TState Initial { get; }

    TInput Tick { get; }

    /// <summary>Of an engine whose configuration was written just now.</summary>
    TInput Configured { get; }

    /// <summary>After a start; null: nothing.</summary>
    TInput? Resync(TState stored);

    byte[] Write(TState state);

    TState Read(byte[] stored);

    /// <summary>What to do now: an exchange, or null and the time to wait for.</summary>
    (Func<Task<TInput?>>? Exchange, Instant At) Next(Node node, TState state);

    StepOutcome<TState> Apply(TState state, TInput input, Instant now, ulong seed);

    /// <summary>The engine starts with this stored state.</summary>
    /// <returns>The state that it goes on from; another one in a faulty <see cref="Variant"/> only.</returns>
    TState Begin(TState stored, Instant now);

    /// <summary>How well the utility behind each stream is heard.</summary>
    IReadOnlyList<UpstreamStream> Upstreams(TState state, Instant now);

    /// <summary>Why the store's word on a stream may be an old one; null: it was heard.</summary>
    string? WhyUnheard(TState state, SpokenStream stream);

    /// <summary>True for an input that tells of something refused: it must change no order.</summary>
    bool IsRefusal(TInput input);

    /// <summary>The orders that a state holds, each as text.</summary>
    IEnumerable<string> Orders(TState state);

    string Describe(TInput input);
}

/// <summary>What came of one input.</summary>
internal sealed record StepOutcome<TState>(TState State, IReadOnlyList<EnginePublication> Publications, bool MustStore);
