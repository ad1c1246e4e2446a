namespace GridServices.OpenAdr.Service.Driver;

/// <summary>Something for a VEN's loop to do between two exchanges.</summary>
internal abstract record VenWork
{
    /// <summary>Nothing but a look at the clock.</summary>
    public sealed record Wake : VenWork
    {
        public static Wake Now { get; } = new();
    }

    /// <summary>For the engine; <paramref name="Done"/> completes once it is applied and, where it must be, on disk.</summary>
    public sealed record Take(VenInput Input, TaskCompletionSource<IReadOnlyList<VenNote>>? Done) : VenWork;

    /// <summary>A new configuration, stored together with the state it leads to.</summary>
    public sealed record Configure(VenConfig Config, TaskCompletionSource<IReadOnlyList<VenNote>> Done) : VenWork;

    /// <summary>The VEN goes: streams withdrawn, registration cancelled where the VTN can be reached.</summary>
    public sealed record Remove(TaskCompletionSource<IReadOnlyList<VenNote>> Done) : VenWork;
}
