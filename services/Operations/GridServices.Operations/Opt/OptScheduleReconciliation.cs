using NodaTime;

namespace GridServices.Operations.Opt;

/// <summary>What is to be done at the OpenAdr service.</summary>
/// <param name="ToSend">Ours that the service does not hold: <c>POST /v1/vens/{venKey}/opts</c> under their ids.</param>
/// <param name="ToCancel">optIds of ours that are no longer wanted: <c>DELETE …/opts/{optId}</c>.</param>
/// <param name="IsSettled">All that is wanted is held by the VTN, and nothing else of ours is there: the next look may be late.</param>
public sealed record OptScheduleWork(IReadOnlyList<OptSchedule> ToSend, IReadOnlyList<string> ToCancel, bool IsSettled);

/// <summary>
/// Holds the wanted schedules of one VEN against those kept and those found at the service, in two steps: first what is kept follows what is known, then comes what is to be
/// sent and cancelled. The same facts again change nothing. Only schedules of ours, by their optId or mark, are ever cancelled; a person's is never replaced either.
/// </summary>
public static class OptScheduleReconciliation
{
    /// <summary>How long one that is over is looked for: an answer that was lost may come late.</summary>
    public static readonly Duration RememberedFor = Duration.FromDays(1);

    /// <summary>What is kept from now on; those left out may be forgotten.</summary>
    /// <param name="wanted">Of this VEN.</param>
    /// <param name="kept">Of this VEN, ended ones too.</param>
    /// <param name="found">All that the service lists for the VEN; null = it has no such VEN.</param>
    /// <param name="now">The time of the look.</param>
    /// <param name="newId">Gives ULIDs.</param>
    /// <param name="isAway">The service does not answer: nothing is known of what it holds, and what it held stays as it was.</param>
    public static IReadOnlyList<OptSchedule> Reconcile(
        IReadOnlyCollection<WantedOptSchedule> wanted, IReadOnlyCollection<OptSchedule> kept, IReadOnlyCollection<FoundOptSchedule>? found, Instant now, Func<string> newId, bool isAway = false)
    {
        ArgumentNullException.ThrowIfNull(newId);
        var settled = kept.Select(k => k.EndedAt is null ? Follow(k, wanted.FirstOrDefault(k.IsFor), kept, found, now) : k).ToList();
        settled.AddRange(wanted.Where(w => !settled.Exists(s => s.EndedAt is null && s.IsFor(w))).Select(w => OptSchedule.From(w, newId(), now)).ToList());
        return [.. settled.Select(s => s.EndedAt is null ? Explained(s, settled, found, now, isAway) : s).Where(s => !IsForgotten(s, found, now))];
    }

    /// <param name="kept">What <see cref="Reconcile"/> gave.</param>
    /// <param name="found">As there.</param>
    /// <param name="now">As there.</param>
    public static OptScheduleWork Work(IReadOnlyCollection<OptSchedule> kept, IReadOnlyCollection<FoundOptSchedule>? found, Instant now)
    {
        var send = kept.Where(k => k is { EndedAt: null, OptId: null, Target.ResourceIds: not null } && found is not null && !(k.NextTryAt > now) && FindConflict(k, kept, found) is null).ToList();
        var cancel = kept.Where(k => k.EndedAt is not null && !send.Exists(s => IsSuccessor(s, k)))
            .Select(k => Listed(k, found)).OfType<FoundOptSchedule>()
            .Where(f => f is { State: not null, ReplacedBy: null })
            .Select(f => f.OptId).Distinct(StringComparer.Ordinal);
        return new OptScheduleWork(send, [.. cancel], found is not null && kept.All(k => k.EndedAt is null ? k is { OptId: not null, State: OptScheduleState.Held } : Listed(k, found) is null));
    }

    private static OptSchedule Follow(OptSchedule ours, WantedOptSchedule? want, IReadOnlyCollection<OptSchedule> kept, IReadOnlyCollection<FoundOptSchedule>? found, Instant now)
    {
        if (want is null || !ours.Matches(want, now))
        {
            return ours with { EndedAt = now };
        }

        var current = ours with { Plans = want.Plans };
        return Listed(ours, found) switch
        {
            // Cancelled or replaced there by somebody: the plan still stands, so it is told anew, unless a person's schedule is in its place.
            { State: null } or { ReplacedBy: not null } => ours with { EndedAt = now },
            { State: { } state } there => WithState(current with { OptId = there.OptId, NextTryAt = null }, state, there.Problem, now),
            // Held once and gone: the service's VEN was made anew. No VEN at all says nothing: the service may just be starting.
            null when ours.OptId is not null && found is not null => ours with { EndedAt = now },
            null => current with { Target = want.Target.ResourceIds is null ? ours.Target : want.Target },
        };
    }

    /// <summary>Only a service that lists the VEN's schedules can say that it is gone; one that is away may hold it, and the VEN stays opted out, until its last span is over.</summary>
    private static bool IsForgotten(OptSchedule ours, IReadOnlyCollection<FoundOptSchedule>? found, Instant now) =>
        ours.EndedAt is { } ended && ended + RememberedFor <= now && Listed(ours, found) is null && (found is not null || !ours.Spans.Any(s => s.Until > now));

    /// <summary>Why one that is not at the service is not there.</summary>
    private static OptSchedule Explained(OptSchedule ours, List<OptSchedule> settled, IReadOnlyCollection<FoundOptSchedule>? found, Instant now, bool isAway) => ours switch
    {
        _ when isAway => ours.OptId is null ? WithState(ours, OptScheduleState.Unsent, "the OpenAdr service does not answer", now) : ours,
        _ when found is null => WithState(ours, OptScheduleState.Unsent, $"the OpenAdr service has no VEN {ours.Target.VenKey} yet", now),
        { OptId: not null } => ours,
        _ when FindConflict(ours, settled, found) is { } other => WithState(ours, OptScheduleState.Unsent, $"opt {other.OptId}, made at the OpenAdr service, says something for the same program and would be replaced: cancel it there, or remove the plan", now),
        { Target.ResourceIds: null } => WithState(ours, OptScheduleState.Unsent, $"which resource of VEN {ours.Target.VenKey} the site {ours.Target.SiteId} is, is not known: the VEN serves other sites too, and gives this one no resourceId", now),
        { NextTryAt: not null } => ours,
        _ => WithState(ours, OptScheduleState.Unsent, null, now),
    };

    private static OptSchedule WithState(OptSchedule ours, OptScheduleState state, string? problem, Instant now) =>
        ours.State == state && ours.Problem == problem ? ours : ours with { State = state, Problem = problem, StateSince = ours.State == state ? ours.StateSince : now };

    private static FoundOptSchedule? FindConflict(OptSchedule ours, IReadOnlyCollection<OptSchedule> kept, IReadOnlyCollection<FoundOptSchedule> found) =>
        found.FirstOrDefault(f => f.ConflictsWith(ours) && !kept.Any(f.Is));

    private static FoundOptSchedule? Listed(OptSchedule ours, IReadOnlyCollection<FoundOptSchedule>? found) => found?.FirstOrDefault(f => f.Is(ours));

    private static bool IsSuccessor(OptSchedule later, OptSchedule earlier) =>
        later.Direction == earlier.Direction && later.Target.Slot == earlier.Target.Slot && (later.Target.ResourceIds ?? []).Equals(earlier.Target.ResourceIds ?? []);
}
