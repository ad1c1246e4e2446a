using GridServices.UtilityClients.Journal;

namespace GridServices.UtilityClients.Engine;

/// <summary>Something for an engine's loop to do between two exchanges.</summary>
public abstract record EngineWork<TConfig, TInput, TKind>
    where TKind : struct, Enum
{
    private EngineWork(TaskCompletionSource<IReadOnlyList<Note<TKind>>>? done) => Done = done;

    /// <summary>Completes once the work is applied and, where it must be, on disk; null: nobody waits.</summary>
    public TaskCompletionSource<IReadOnlyList<Note<TKind>>>? Done { get; }

    /// <summary>True where a person waits, and an exchange that hangs is cut for it.</summary>
    internal bool Hastens => this is Configure or Apply { IsPersons: true };

    /// <summary>True where the configuration is not the same afterwards.</summary>
    internal bool IsChange => this is Configure or Remove;

    /// <summary>Nothing but a look at the clock.</summary>
    public sealed record Wake() : EngineWork<TConfig, TInput, TKind>(done: null);

    /// <summary>For the engine; <paramref name="Row"/> is added to the journal first.</summary>
    public sealed record Apply(TInput Input, TaskCompletionSource<IReadOnlyList<Note<TKind>>>? Answer = null, JournalRow? Row = null)
        : EngineWork<TConfig, TInput, TKind>(Answer)
    {
        /// <summary>True: it stands for all that was missed before.</summary>
        internal bool EndsMissed { get; init; }

        /// <summary>True: a person waits for it.</summary>
        internal bool IsPersons { get; init; }
    }

    /// <summary>A new configuration, stored together with the state it leads to.</summary>
    public sealed record Configure(TConfig Config, TaskCompletionSource<IReadOnlyList<Note<TKind>>> Answer)
        : EngineWork<TConfig, TInput, TKind>(Answer);

    /// <summary>The engine is deleted: its streams are withdrawn, and the utility is told where it can be reached.</summary>
    public sealed record Remove(TaskCompletionSource<IReadOnlyList<Note<TKind>>> Answer)
        : EngineWork<TConfig, TInput, TKind>(Answer);
}
