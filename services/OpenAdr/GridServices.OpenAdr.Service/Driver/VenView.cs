using NodaTime;

namespace GridServices.OpenAdr.Service.Driver;

/// <summary>A VEN as everybody but its own loop sees it: replaced whole, never changed.</summary>
public sealed record VenView
{
    public required VenId Id { get; init; }
    public required VenConfig Config { get; init; }
    public required VenState State { get; init; }

    /// <summary>When this process took the VEN up.</summary>
    public required Instant Since { get; init; }

    /// <summary>The last message of the VTN that could be read.</summary>
    public Instant? HeardAt { get; init; }

    /// <summary>The last answer that tells of events or of the registration: others say nothing about whether events would arrive.</summary>
    public Instant? EventsHeardAt { get; init; }

    /// <summary>True: the VTN signs its messages; signatures are not verified.</summary>
    public bool VtnSigns { get; init; }

    /// <summary>The last oadrPoll that was answered.</summary>
    public Instant? PolledAt { get; init; }

    /// <summary>Positive: the VTN's clock is ahead of ours. To a second or so.</summary>
    public Duration? ClockSkew { get; init; }

    /// <summary>Since when <see cref="Problem"/> stands; null when there is none.</summary>
    public Instant? ProblemSince { get; init; }

    /// <summary>Why the last poll, or what else the line stands by, failed; one safe line.</summary>
    public string? Problem { get; init; }

    /// <summary>The latest notes of the engine, newest last.</summary>
    public IReadOnlyList<TimedNote> Notes { get; init; } = [];

    /// <summary>True: the loop itself failed and is started again.</summary>
    public bool Faulted { get; init; }
}

/// <summary>A note and when it was made.</summary>
public sealed record TimedNote(Instant At, NoteLevel Level, NoteKind Kind, string? EventId, string Text);
