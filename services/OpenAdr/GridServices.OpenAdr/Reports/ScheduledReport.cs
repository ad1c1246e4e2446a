using GridServices.OpenAdr.Configuration;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Reports;

/// <summary>A report the VTN asked for.</summary>
/// <remarks>
/// <code>
///   From       CoveredUntil        Due                       Until
///   ─┼──────────────┼───────────────┼─────── ReportBack ──────┼──▶ t
///    │  delivered   │ next message  │                         │
/// </code>
/// </remarks>
public sealed record ScheduledReport
{
    public required string ReportRequestId { get; init; }
    public required ReportKind Kind { get; init; }

    /// <summary>Channels asked for, in the order asked.</summary>
    public required ValueList<string> RIds { get; init; }

    /// <summary>Length of one interval; zero: on change (OpenADR 2.0b rule 317).</summary>
    public required Duration Granularity { get; init; }

    /// <summary>Length of one message; zero: once (OpenADR 2.0b rule 324).</summary>
    public required Duration ReportBack { get; init; }

    /// <summary>Data before this was delivered, or is not wanted.</summary>
    public required Instant CoveredUntil { get; init; }

    /// <summary>When the next message is due.</summary>
    public required Instant Due { get; init; }

    /// <summary>End of the report, exclusive; null: for ever.</summary>
    public Instant? Until { get; init; }

    /// <summary>When the VTN asked for it; null: not noted.</summary>
    public Instant? AskedAt { get; init; }

    /// <summary>When <see cref="Due"/> was set; null: not noted.</summary>
    public Instant? PlannedAt { get; init; }

    /// <summary>True: the next message is the last (OpenADR 2.0b rules 324, 345).</summary>
    public bool Last { get; init; }

    /// <summary>How often the next message was sent in vain, in a row.</summary>
    public int Failures { get; init; }

    /// <summary>When the next message was first sent in vain; null: it was not.</summary>
    public Instant? FailedSince { get; init; }

    /// <summary>Of the next message's requestID; see <see cref="Session.PendingRequest.Number"/>.</summary>
    public long? Number { get; init; }

    /// <summary>On change: of each channel the last change that was told; none: none was told so far.</summary>
    public ValueList<ToldChange> Told { get; init; } = [];

    /// <summary>True: the last time no reply came in time; see <see cref="Session.PendingRequest.TimedOut"/>.</summary>
    public bool TimedOut { get; init; }

    /// <summary>What the VTN did with the last message, in words; null: it took it.</summary>
    public string? Problem { get; init; }

    /// <summary>True: a person was told that the VTN does not take this report; told again only after it took one.</summary>
    public bool IsTold { get; init; }

    /// <summary>The next message is not sent before this; null: when it is due.</summary>
    public Instant? NotBefore { get; init; }

    /// <summary>What was fetched for the next message; null: nothing is needed, or it has not come.</summary>
    public FetchedPast? Fetched { get; init; }
}

/// <param name="RId">The channel.</param>
/// <param name="At">When it changed.</param>
public sealed record ToldChange(string RId, Instant At);

/// <summary>One stored measurement: a number, or a status.</summary>
/// <param name="At">The sampling slot's begin.</param>
/// <param name="Value">W or Wh; null for a status.</param>
/// <param name="ManualOverride">Status only: people hold the site against what it was asked.</param>
public sealed record ReportPoint(Instant At, long? Value, bool? ManualOverride);
