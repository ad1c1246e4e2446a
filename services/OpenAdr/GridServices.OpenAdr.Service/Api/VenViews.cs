using GridServices.Contracts;
using GridServices.OpenAdr.Events;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Service.Driver;
using GridServices.OpenAdr.Service.Hub;
using NodaTime;

namespace GridServices.OpenAdr.Service.Api;

/// <summary>A VEN and how it fares.</summary>
public sealed record VenItem
{
    public required string VenKey { get; init; }
    public required VenRegistrationState State { get; init; }

    /// <summary>What the VEN is called in its registration.</summary>
    public string? VenId { get; init; }

    public required string VtnUrl { get; init; }
    public required string VenName { get; init; }
    public required IReadOnlyList<string> Sites { get; init; }
    public required VenCondition Condition { get; init; }

    internal static VenItem Of(VenView view, Instant now) => new()
    {
        VenKey = view.Id.Key,
        State = StateOf(view),
        VenId = view.State.Registration?.VenId,
        VtnUrl = view.Config.VtnUrl,
        VenName = view.Config.VenName,
        Sites = [.. view.Config.AllSites().Select(s => s.SiteId)],
        Condition = VenCondition.Of(view, now),
    };

    internal static VenRegistrationState StateOf(VenView view) =>
        view.State.Registration is not null ? VenRegistrationState.Registered
        : view.State.Plan.Paused ? VenRegistrationState.Paused
        : VenRegistrationState.Registering;
}

/// <summary>registering: not registered yet, or again; paused: a person ended the registration.</summary>
public enum VenRegistrationState
{
    Registering,
    Registered,
    Paused,
}

/// <summary>One VEN in full.</summary>
public sealed record VenDetail
{
    public required string VenKey { get; init; }

    /// <summary>As it was PUT, with defaults.</summary>
    public required VenConfig Config { get; init; }

    public required VenRegistrationState State { get; init; }
    public string? VenId { get; init; }
    public required VenCondition Condition { get; init; }

    /// <summary>What happened lately, newest first.</summary>
    public required IReadOnlyList<NoteItem> Notes { get; init; }

    /// <summary>What site controllers said of this VEN's envelopes lately, newest first.</summary>
    public IReadOnlyList<ReceiptItem> Receipts { get; init; } = [];

    /// <summary>What was taken though it looks doubtful; in answers to PUT.</summary>
    public IReadOnlyList<string>? Warnings { get; init; }

    internal static VenDetail Of(VenLoop ven, Instant now, IReadOnlyList<string>? warnings = null) => Of(ven.View, now, warnings) with
    {
        Receipts = [.. ven.Receipts.Latest.Reverse()],
    };

    private static VenDetail Of(VenView view, Instant now, IReadOnlyList<string>? warnings) => new()
    {
        VenKey = view.Id.Key,
        Config = view.Config,
        State = VenItem.StateOf(view),
        VenId = view.State.Registration?.VenId,
        Condition = VenCondition.Of(view, now),
        Notes = [.. view.Notes.Reverse().Select(n => new NoteItem(n.At, n.Level, n.Kind, n.EventId, n.Text))],
        Warnings = warnings is { Count: > 0 } ? warnings : null,
    };
}

public sealed record NoteItem(Instant At, NoteLevel Level, NoteKind Kind, string? EventId, string Text);

/// <summary>How a VEN fares.</summary>
public sealed record VenCondition
{
    public string? VtnId { get; init; }
    public string? RegistrationId { get; init; }

    /// <summary>How well the VTN is heard.</summary>
    public required UpstreamStatus Status { get; init; }

    public string? Problem { get; init; }
    public Instant? LastHeardAt { get; init; }
    public Instant? LastPollAt { get; init; }

    /// <summary>Positive: the VTN's clock is ahead; to a second or so.</summary>
    public double? ClockSkewS { get; init; }

    public required int EventsFar { get; init; }
    public required int EventsNear { get; init; }
    public required int EventsActive { get; init; }

    /// <summary>Messages the VTN has not answered yet.</summary>
    public required int Owed { get; init; }

    public required int Reports { get; init; }

    internal static VenCondition Of(VenView view, Instant now)
    {
        var (status, detail) = UpstreamRule.Of(view, now);
        var phases = view.State.Events.Select(e => e.PhaseAt(now)).ToList();
        return new VenCondition
        {
            VtnId = view.State.Registration?.VtnId,
            RegistrationId = view.State.Registration?.RegistrationId,
            Status = status,
            Problem = detail,
            LastHeardAt = view.HeardAt,
            LastPollAt = view.PolledAt,
            ClockSkewS = view.ClockSkew is { } skew ? Math.Round(skew.TotalSeconds, 1) : null,
            EventsFar = phases.Count(p => p == EventPhase.Far),
            EventsNear = phases.Count(p => p == EventPhase.Near),
            EventsActive = phases.Count(p => p == EventPhase.Active),
            Owed = view.State.Owed.Count,
            Reports = view.State.Reports.Count,
        };
    }
}

/// <summary>An event as it stands now.</summary>
public sealed record EventItem
{
    public required string EventId { get; init; }
    public required uint ModificationNumber { get; init; }
    public required string MarketContext { get; init; }

    /// <summary>Computed now; the VTN's own word counts only where it cancels.</summary>
    public required EventPhase Status { get; init; }

    /// <summary>With the offset drawn.</summary>
    public required Instant Start { get; init; }

    /// <summary>Exclusive; absent: until cancelled.</summary>
    public Instant? End { get; init; }

    /// <summary>Seconds drawn from the event's startafter window, contained in the times.</summary>
    public required long RandomizedByS { get; init; }

    public required uint? Priority { get; init; }
    public required bool TestEvent { get; init; }
    public required OptType OptType { get; init; }

    /// <summary>True: a person chose it.</summary>
    public required bool OptByPerson { get; init; }

    public required bool ResponseRequired { get; init; }

    /// <summary>True while the answer to it has not been acknowledged by the VTN.</summary>
    public required bool AnswerOwed { get; init; }

    public required Instant ReceivedAt { get; init; }
    public required string Sha256 { get; init; }
    public string? VtnComment { get; init; }
    public required IReadOnlyList<SignalItem> Signals { get; init; }

    internal static EventItem Of(VenState state, HeldEvent held, Instant now)
    {
        var descriptor = held.Event.Descriptor;
        return new EventItem
        {
            EventId = held.Id,
            ModificationNumber = descriptor.ModificationNumber,
            MarketContext = descriptor.MarketContext,
            Status = held.PhaseAt(now),
            Start = held.Start(),
            End = held.End(),
            RandomizedByS = held.OffsetS,
            Priority = descriptor.Priority,
            TestEvent = descriptor.TestEvent is { Length: > 0 } text && !text.Trim().Equals("false", StringComparison.OrdinalIgnoreCase),
            OptType = held.Opt,
            OptByPerson = held.OptByPerson,
            ResponseRequired = held.Event.ResponseRequired == Messages.ResponseRequired.Always,
            AnswerOwed = state.Owed.OfType<Registration.Owed.AnswerEvents>().Any(o => o.Responses.Any(r => r.QualifiedEventId.EventId == held.Id)),
            ReceivedAt = held.ReceivedAt,
            Sha256 = held.Sha256,
            VtnComment = descriptor.VtnComment,
            Signals = [.. held.Event.Signals.Select(s => SignalItem.Of(s, held.Start()))],
        };
    }
}

/// <summary>A signal with the times of its steps.</summary>
public sealed record SignalItem(string SignalName, SignalType SignalType, string? Units, IReadOnlyList<SignalStep> Steps)
{
    internal static SignalItem Of(EventSignal signal, Instant start)
    {
        var steps = new List<SignalStep>();
        var at = start;
        foreach (var interval in signal.Intervals)
        {
            Instant? until = interval.Duration?.ToDuration() is { } length && length > Duration.Zero ? at + length : null;
            steps.Add(new SignalStep(at, until, interval.Value));
            at = until ?? at;
        }

        return new SignalItem(signal.SignalName, signal.SignalType, signal.ItemBase?.Units, steps);
    }
}

/// <summary>[<paramref name="From"/>, <paramref name="Until"/>); no end: to the end of the event.</summary>
public sealed record SignalStep(Instant From, Instant? Until, double Value);

/// <summary>What a VEN can report and what the VTN asked for.</summary>
public sealed record ReportsItem(IReadOnlyList<ChannelItem> Channels, IReadOnlyList<RequestedReport> Requested);

public sealed record ChannelItem(string RId, ReportKind Kind, string? Source, int PointsKept, Instant? LastPointAt);

public sealed record RequestedReport(
    string ReportRequestId, ReportKind Kind, IReadOnlyList<string> RIds, Duration Granularity, Duration ReportBack, Instant Due, Instant? Until);

/// <summary>A person's choice about an event.</summary>
public sealed record OptChoice
{
    public required OptType OptType { get; init; }

    /// <summary>For the log.</summary>
    public string? Reason { get; init; }
}

/// <summary>What came of an action.</summary>
public sealed record ActionAnswer(VenRegistrationState State, VenCondition Condition, IReadOnlyList<string> Notes);
