using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Events;
using GridServices.OpenAdr.Service.Driver;
using GridServices.OpenAdr.Service.Hub;
using GridServices.OpenAdr.Session;
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
    public required VenOverview Overview { get; init; }
    public required VenCondition Condition { get; init; }

    internal static VenItem From(VenView view, Instant now) => From(view, VenCondition.From(view, now), now);

    private static VenItem From(VenView view, VenCondition condition, Instant now) => new()
    {
        VenKey = view.Id.Key,
        State = GetState(view),
        VenId = view.State.Registration?.VenId,
        VtnUrl = view.Config.VtnUrl,
        VenName = view.Config.VenName,
        Sites = [.. view.Config.AllSites().Select(s => s.SiteId)],
        Overview = VenOverview.From(view, condition.Problem, now),
        Condition = condition,
    };

    internal static VenRegistrationState GetState(VenView view) =>
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
    public required VenOverview Overview { get; init; }
    public required VenCondition Condition { get; init; }

    /// <summary>What happened lately, newest first.</summary>
    public required IReadOnlyList<NoteItem> Notes { get; init; }

    /// <summary>What site controllers said of this VEN's envelopes lately, newest first.</summary>
    public IReadOnlyList<ReceiptItem> Receipts { get; init; } = [];

    /// <summary>What was taken though it looks doubtful; in answers to PUT.</summary>
    public IReadOnlyList<string>? Warnings { get; init; }

    internal static VenDetail From(VenLoop ven, Instant now, IReadOnlyList<string>? warnings = null) => From(ven.View, VenCondition.From(ven.View, now), now, warnings) with
    {
        Receipts = [.. ven.View.Receipts.Latest.Reverse()],
    };

    private static VenDetail From(VenView view, VenCondition condition, Instant now, IReadOnlyList<string>? warnings) => new()
    {
        VenKey = view.Id.Key,
        Config = view.Config,
        State = VenItem.GetState(view),
        VenId = view.State.Registration?.VenId,
        Overview = VenOverview.From(view, condition.Problem, now),
        Condition = condition,
        Notes = [.. view.Notes.Reverse().Select(n => new NoteItem(n.At, n.Level, n.Kind, n.About, n.Text))],
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

    /// <summary>The last message that the VTN pushed; absent: none, which is normal where it has nothing to say.</summary>
    public Instant? LastPushAt { get; init; }

    /// <summary>Positive: the VTN's clock is ahead; to a second or so.</summary>
    public double? ClockSkewS { get; init; }

    public required int EventsFar { get; init; }
    public required int EventsNear { get; init; }
    public required int EventsActive { get; init; }

    /// <summary>Messages the VTN has not answered yet, those in <see cref="Failing"/> included, parked ones not, nor a request that waits for METADATA of the VTN.</summary>
    public required int Owed { get; init; }

    /// <summary>Messages that the VTN did not take and that are tried again; everything else goes on.</summary>
    public IReadOnlyList<StuckMessage>? Failing { get; init; }

    /// <summary>Messages that the VTN does not take while it takes others; POST actions/resend sends them again.</summary>
    public IReadOnlyList<StuckMessage>? Parked { get; init; }

    public required int Reports { get; init; }

    internal static VenCondition From(VenView view, Instant now)
    {
        var (status, detail) = UpstreamRule.Classify(view, now);
        var phases = view.State.Events.Select(e => e.PhaseAt(now)).ToList();
        return new VenCondition
        {
            VtnId = view.State.Registration?.VtnId,
            RegistrationId = view.State.Registration?.RegistrationId,
            Status = status,
            Problem = detail,
            LastHeardAt = view.HeardAt,
            LastPollAt = view.PolledAt,
            LastPushAt = view.PushedAt,
            ClockSkewS = view.ClockSkew is { } skew ? Math.Round(skew.TotalSeconds, 1) : null,
            EventsFar = phases.Count(p => p == EventPhase.Far),
            EventsNear = phases.Count(p => p == EventPhase.Near),
            EventsActive = phases.Count(p => p == EventPhase.Active),
            Owed = view.State.Owed.Count(o => o is { ParkedAt: null } and not PendingRequest.RequestVtnMetadata { Rides: true }),
            Failing = Stuck(view.State, o => o.Refusals > 0 && o.ParkedAt is null),
            Parked = Stuck(view.State, o => o.ParkedAt is not null),
            Reports = view.State.Reports.Count,
        };
    }

    private static List<StuckMessage>? Stuck(VenState state, Func<PendingRequest, bool> which) =>
        state.Owed.Where(which).Select(StuckMessage.From).ToList() is { Count: > 0 } stuck ? stuck : null;
}

/// <summary>A message that the VTN did not take.</summary>
/// <param name="Message">Its element name.</param>
/// <param name="Events">The events it answers; absent where it answers none.</param>
/// <param name="Tries">How often it was sent in vain.</param>
/// <param name="Since">The first time.</param>
/// <param name="Problem">What the VTN did last.</param>
/// <param name="NextTryAt">Absent: only when a person says so.</param>
public sealed record StuckMessage(string Message, IReadOnlyList<string>? Events, int Tries, Instant? Since, string? Problem, Instant? NextTryAt)
{
    internal static StuckMessage From(PendingRequest owed) => new(
        PendingRequestText.GetName(owed), PendingRequestText.GetEvents(owed) is { Count: > 0 } events ? events : null, owed.Refusals, owed.FailedSince, owed.Problem, owed.NotBefore);
}

/// <summary>What a VEN can report and what the VTN asked for.</summary>
/// <param name="Channels">What is offered.</param>
/// <param name="Requested">Data that the VTN has asked for.</param>
/// <param name="Metadata">METADATA that it wants again and again.</param>
/// <param name="OfVtn">METADATA of the VTN's own that it has promised.</param>
public sealed record ReportsItem(
    IReadOnlyList<ChannelItem> Channels, IReadOnlyList<RequestedReport> Requested, IReadOnlyList<MetadataItem> Metadata, IReadOnlyList<VtnReportItem> OfVtn);

/// <summary>METADATA that goes to the VTN again and again.</summary>
public sealed record MetadataItem(string ReportRequestId, Duration ReportBack, Instant Due, Instant? Until);

/// <summary>METADATA that the VTN was asked for and has promised.</summary>
/// <param name="ReportRequestId">Ours.</param>
/// <param name="ReportBack">How often; PT0S = once.</param>
public sealed record VtnReportItem(string ReportRequestId, Duration ReportBack);

public sealed record ChannelItem(string RId, ReportKind Kind, string? Source, int PointsKept, Instant? LastPointAt);

/// <summary>A report that the VTN has asked for.</summary>
/// <param name="ReportRequestId">The VTN's name for it.</param>
/// <param name="Kind">What it is about.</param>
/// <param name="RIds">Its channels.</param>
/// <param name="Granularity">Length of an interval; PT0S = on change, of a history as it is kept.</param>
/// <param name="ReportBack">How often it is sent; PT0S = once.</param>
/// <param name="Due">When the next message is due.</param>
/// <param name="Until">After this no more; absent = for ever, or once.</param>
/// <param name="WaitsFor">Why a history that is due waits: who does not answer what. Absent = it waits for nothing.</param>
public sealed record RequestedReport(
    string ReportRequestId, ReportKind Kind, IReadOnlyList<string> RIds, Duration Granularity, Duration ReportBack, Instant Due, Instant? Until, string? WaitsFor);

/// <summary>What came of an action.</summary>
public sealed record ActionResponse(VenRegistrationState State, VenCondition Condition, IReadOnlyList<string> Notes);
