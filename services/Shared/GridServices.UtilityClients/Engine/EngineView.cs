using GridServices.Contracts;
using NodaTime;

namespace GridServices.UtilityClients.Engine;

/// <summary>An engine as everybody but its own loop sees it: replaced whole, never changed. A protocol adds its own members.</summary>
public abstract record EngineView<TConfig, TState, TKind>
    where TKind : struct, Enum
{
    public required EngineId Id { get; init; }

    /// <summary>As it was PUT, with defaults.</summary>
    public required TConfig Config { get; init; }

    public required TState State { get; init; }

    /// <summary>When this process started the engine.</summary>
    public required Instant Since { get; init; }

    /// <summary>The last reply that could be read.</summary>
    public Instant? HeardAt { get; init; }

    /// <summary>The utility's clock against ours by its Date header: positive = it is ahead. To a second or so.</summary>
    public Duration? ClockSkew { get; init; }

    /// <summary>Since when there is a <see cref="Problem"/>; null when there is none.</summary>
    public Instant? ProblemSince { get; init; }

    /// <summary>Why the connection to the utility fails, one safe line.</summary>
    public string? Problem { get; init; }

    /// <summary>The latest notes of the engine, newest last.</summary>
    public IReadOnlyList<TimedNote<TKind>> Notes { get; init; } = [];

    /// <summary>True: the loop itself failed and is started again.</summary>
    public bool Faulted { get; init; }
}

/// <summary>A note and when it was made.</summary>
public sealed record TimedNote<TKind>(Instant At, NoteLevel Level, TKind Kind, ErrorClass? Class, string? About, string Text)
    where TKind : struct, Enum;
