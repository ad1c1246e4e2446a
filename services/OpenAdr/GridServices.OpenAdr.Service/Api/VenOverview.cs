using GridServices.Contracts;
using GridServices.OpenAdr.Events;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Service.Driver;
using NodaTime;

namespace GridServices.OpenAdr.Service.Api;

/// <summary>A VEN at a glance: does its utility know it, does it take part, does the utility hear of its load.</summary>
public sealed record VenOverview
{
    /// <summary>Readings that are so many sampling intervals old are none.</summary>
    private const int SilentIntervals = 3;

    private static readonly Duration LeastSilence = Duration.FromMinutes(2);

    public required OverviewItem Registered { get; init; }

    /// <summary>Of the events ahead and active.</summary>
    public required OverviewItem OptedIn { get; init; }

    /// <summary>Of the reports that the VTN has asked for.</summary>
    public required OverviewItem Reporting { get; init; }

    internal static VenOverview From(VenView view, string? problem, Instant now) => new()
    {
        Registered = DescribeRegistration(view, problem),
        OptedIn = DescribeOpts(view.State, now),
        Reporting = DescribeReporting(view, now),
    };

    private static OverviewItem DescribeRegistration(VenView view, string? problem) => (view.State.Registration, view.State.Plan.Paused) switch
    {
        ({ } registration, _) => new(OverviewState.Yes, registration.Since, $"as {SafeText.Short(registration.VenId)} with {SafeText.Short(registration.VtnId)}"),
        (_, true) => new(OverviewState.No, view.State.Plan.EndedAt, "a person ended the registration; POST actions/register starts it again"),
        _ => new(OverviewState.No, view.State.Plan.EndedAt ?? view.ProblemSince, problem is null ? "the registration is under way" : SafeText.Line(problem)),
    };

    private static OverviewItem DescribeOpts(VenState state, Instant now)
    {
        var ahead = state.Events.Where(e => e.PhaseAt(now) != EventPhase.Completed).OrderBy(e => e.Start()).ToList();
        var (isIn, isOut) = (ahead.Where(e => e.Opt == OptType.OptIn).ToList(), ahead.Where(e => e.Opt == OptType.OptOut).ToList());
        return (isIn.Count, isOut.Count) switch
        {
            (0, 0) => new(OverviewState.NotAsked, null, "no event is ahead"),
            (_, 0) => new(OverviewState.Yes, isIn.Min(DecidedAt), $"in for {Names(isIn)}"),
            (0, _) => new(OverviewState.No, isOut.Min(DecidedAt), $"out of {Names(isOut)}: {ExplainOut(isOut[0])}"),
            _ => new(OverviewState.Partly, isOut.Min(DecidedAt), $"in for {Names(isIn)}; out of {Names(isOut)}: {ExplainOut(isOut[0])}"),
        };
    }

    private static OverviewItem DescribeReporting(VenView view, Instant now)
    {
        var (config, state) = (view.Config, view.State);
        if (state.Reports.Count == 0)
        {
            return new(OverviewState.NotAsked, null, config.Reports.Count == 0 ? "no reports are configured" : "the VTN asks for none");
        }

        if (state.Reports.FirstOrDefault(r => r.FailedSince is not null) is { } failing)
        {
            return new(OverviewState.No, failing.FailedSince, $"the VTN does not take report {SafeText.Short(failing.ReportRequestId)}: {SafeText.Line(failing.Problem ?? "no reason known")}");
        }

        var asked = state.Reports.SelectMany(r => r.RIds).ToHashSet(StringComparer.Ordinal);
        var silent = config.Reports.Where(r => asked.Contains(r.RId) && !(LastPoint(state, r.RId) is { } at && now - at <= Silence(r.SamplingInterval))).ToList();
        return silent.Count == 0
            ? new(OverviewState.Yes, AskedAt(state), $"what the VTN asks for: {string.Join(", ", asked.Order(StringComparer.Ordinal).Take(3).Select(rId => SafeText.Short(rId)))}{(asked.Count > 3 ? $" and {asked.Count - 3} more" : string.Empty)}")
            : new(silent.Count == asked.Count ? OverviewState.No : OverviewState.Partly, silent.Min(r => LastPoint(state, r.RId)) ?? AskedAt(state), $"no reading for {string.Join(", ", silent.Take(3).Select(r => SafeText.Short(r.RId)))}");
    }

    private static Instant? AskedAt(VenState state) => state.Reports.Min(r => r.AskedAt) ?? state.Registration?.Since;

    private static Duration Silence(Duration samplingInterval) => Duration.Max(samplingInterval * SilentIntervals, LeastSilence);

    private static Instant? LastPoint(VenState state, string rId) => state.Points.GetValueOrDefault(rId, []) is { Count: > 0 } points ? points[^1].At : null;

    private static Instant DecidedAt(HeldEvent held) => held.Choice?.At ?? held.ReceivedAt;

    private static string ExplainOut(HeldEvent held) =>
        held.OptByPerson ? $"chosen by {SafeText.Short(held.Choice?.By ?? "a person")}{(held.Choice?.Reason is { } reason ? $" ({SafeText.Short(reason)})" : string.Empty)}"
        : held.ScheduledReason is { } scheduled ? $"an opt schedule ({SafeText.Short(scheduled)})"
        : "a person must opt in, or the program never does";

    private static string Names(List<HeldEvent> events) =>
        string.Join(", ", events.Take(3).Select(e => SafeText.Short(e.Id))) + (events.Count > 3 ? $" and {events.Count - 3} more" : string.Empty);
}

/// <summary>One answer of the overview.</summary>
/// <param name="State">The answer.</param>
/// <param name="Since">Since when; absent: not known, or nothing to date.</param>
/// <param name="Why">In a few words.</param>
public sealed record OverviewItem(OverviewState State, Instant? Since, string Why);

/// <summary>partly: of some events, or of some channels. notAsked: there is nothing to take part in, or to report.</summary>
public enum OverviewState
{
    Yes,
    Partly,
    No,
    NotAsked,
}
