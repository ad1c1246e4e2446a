using GridServices.Wire;

namespace GridServices.Operations.Opt;

/// <summary>An opt schedule that a VEN holds at the OpenAdr service, whoever made it.</summary>
public sealed record FoundOptSchedule
{
    public required string OptId { get; init; }

    /// <summary>Null: it is to go, and the VTN has not said so yet (cancelling).</summary>
    public required OptScheduleState? State { get; init; }

    public required OptDirection Direction { get; init; }
    public string? MarketContext { get; init; }

    /// <summary>Empty = all of the VEN's.</summary>
    public ValueList<string> ResourceIds { get; init; } = [];

    /// <summary>What its maker wrote for people.</summary>
    public string? Note { get; init; }

    /// <summary>The schedule that takes its place as soon as the VTN took that.</summary>
    public string? ReplacedBy { get; init; }

    public string? Problem { get; init; }

    internal bool Is(OptSchedule ours) => OptId == ours.OptId || (Note is not null && (Note == ours.Mark || Note.StartsWith(ours.Mark + ":", StringComparison.Ordinal)));

    /// <summary>Whether one of them would replace the other (OpenADR 2.0b rule 203).</summary>
    internal bool ConflictsWith(OptSchedule ours) =>
        State is not null && Direction == ours.Direction && MarketContext == ours.Target.MarketContext && ResourceIds.ToHashSet(StringComparer.Ordinal).SetEquals(ours.Target.ResourceIds ?? []);
}
