namespace GridServices.Ieee2030Dot5.Service.Driver;

/// <summary>Something for a client's loop to do between two exchanges.</summary>
internal abstract record ClientWork
{
    /// <summary>Nothing but a look at the clock.</summary>
    public sealed record Wake : ClientWork
    {
        public static Wake Now { get; } = new();
    }

    /// <summary>For the engine; <paramref name="Done"/> completes once it is applied and, where it must be, on disk.</summary>
    public sealed record Take(DerInput Input, TaskCompletionSource<IReadOnlyList<DerNote>>? Done) : ClientWork;

    /// <summary>The server notified us.</summary>
    public sealed record Notified(ReadOnlyMemory<byte> Body) : ClientWork;

    /// <summary>A new configuration, stored together with the state it leads to.</summary>
    public sealed record Configure(DerClientConfig Config, TaskCompletionSource<IReadOnlyList<DerNote>> Done) : ClientWork;

    /// <summary>The client goes: every stream withdrawn.</summary>
    public sealed record Remove(TaskCompletionSource<IReadOnlyList<DerNote>> Done) : ClientWork;

    /// <summary>Whoever waits for it; null for nobody.</summary>
    public TaskCompletionSource<IReadOnlyList<DerNote>>? Answer => this switch
    {
        Take take => take.Done,
        Configure configure => configure.Done,
        Remove remove => remove.Done,
        _ => null,
    };
}
