namespace GridServices.Wire.Engine;

/// <summary>The result of applying one input to an engine.</summary>
/// <param name="State">The new state; the same object when nothing changed.</param>
/// <param name="Publications">To be stored in the outbox in one transaction with <paramref name="State"/>.</param>
/// <param name="Notes">For the log and for people.</param>
/// <param name="MustStore">False: only timing and running averages changed; the write can be skipped, and a crash then costs one early request.</param>
public sealed record EngineStep<TState, TKind>(
    TState State, IReadOnlyList<EnginePublication> Publications, IReadOnlyList<Note<TKind>> Notes, bool MustStore)
    where TKind : struct, Enum;
