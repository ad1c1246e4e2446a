using System.Collections.Concurrent;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Submission;

/// <summary>Tells by the clock what was not taken in time, however long a receiver takes to answer.</summary>
internal sealed partial class PlanSubmitter
{
    private static readonly Duration Kept = Duration.FromHours(2);

    /// <summary>What is told once, whoever notices it first.</summary>
    private readonly ConcurrentDictionary<(EntryId Contract, Instant From, SubmissionPhase State), byte> _told = new();

    /// <summary>The clock was looked at until here; null: not yet, and what has not begun is looked through.</summary>
    private Instant? _lookedUntil;

    /// <summary>Marks what passed its gate, or began, since the last look. A look that fails is taken again.</summary>
    private async Task ReportAsync(CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        await ReviewAsync(alarms, store, options.Tenant, now, ct);
        var (passed, unread) = await store.PassedAsync(options.Tenant, _lookedUntil ?? now - PlanSubmission.Gate, now, ct);
        await ReportUnreadAsync(unread.Where(u => !u.IsNoted), ct);
        var isMarked = true;
        foreach (var due in passed.Where(d => host.Entries.Contract(d.Contract) is not null))
        {
            // Of a contract that is gone nothing is owed: it is closed as ended.
            var after = due.Submission.At(now);
            if (after is not null && !await store.MarkAsync(due, after, ct))
            {
                isMarked = false;
                continue;
            }

            // What nobody marked may be settled since it was read: it may set an alarm, which is looked at again, and never end one.
            if (after is not null || due.Submission.FindAlarm(now) is not null)
            {
                Report(due, after ?? due.Submission);
            }
        }

        if (!isMarked)
        {
            // Somebody noted something meanwhile, perhaps only that a try went out: looked at again.
            return;
        }

        _lookedUntil = now;
        foreach (var old in _told.Keys.Where(t => t.From < now - Kept))
        {
            _told.TryRemove(old, out _);
        }
    }

    /// <summary>Open alarms follow what is stored: one that was set from an older copy ends here.</summary>
    internal static async Task ReviewAsync(PlanAlarms alarms, SubmissionStore store, string tenant, Instant now, CancellationToken ct)
    {
        if (alarms.List() is not { Count: > 0 } open)
        {
            return;
        }

        var standing = await store.StandingAsync(tenant, open.Min(o => o.From), open.Max(o => o.From), ct);
        foreach (var (contract, from, until) in open)
        {
            if (standing.TryGetValue((contract, from), out var stored))
            {
                alarms.Note(contract, from, until, stored.FindAlarm(now));
            }
        }
    }

    /// <summary>What can't be read is given up at once: it would not become readable by waiting.</summary>
    private async Task ReportUnreadAsync(IEnumerable<UnreadSubmission> unread, CancellationToken ct)
    {
        foreach (var one in unread)
        {
            if (_told.TryAdd((one.Contract, one.From, SubmissionPhase.Failed), 0))
            {
                LogUnread(log, one.Contract.ToString(), one.From, one.Problem);
            }

            // How long the period lasts stands in what can't be read.
            var given = PlanSubmission.Unread(one.From, one.Problem, one.IsNoted);
            await store.SaveAsync(one.Contract, given, ct);
            alarms.Note(one.Contract, one.From, one.From + Duration.FromHours(1), given.FindAlarm(clock.GetCurrentInstant()));
        }
    }

    private void Report(DueSubmission due, PlanSubmission after)
    {
        alarms.Note(due.Contract, due.Plan.From, due.Plan.Until, after.FindAlarm(clock.GetCurrentInstant()));
        var isNew = after.State != due.Submission.State && after.State is SubmissionPhase.Overdue or SubmissionPhase.Failed;
        if ((isNew || after.IsToBeAsked(clock.GetCurrentInstant())) && _told.TryAdd((due.Contract, due.Plan.From, after.State), 0))
        {
            if (after.State == SubmissionPhase.Unconfirmed)
            {
                LogUnconfirmed(log, due.Contract.ToString(), due.Plan.From, after.Problem!, due.Plan.From - PlanSubmission.Gate);
            }
            else
            {
                LogOverdue(log, due.Contract.ToString(), due.Plan.From, after.Problem!);
            }
        }
    }

    [LoggerMessage(EventIds.PlanSubmitterUnconfirmed, LogLevel.Error,
        "Nobody knows whether the receiver holds the plan of contract {Contract} for the period from {From}: it went out and was not answered ({Problem}). "
        + "Ask there; the gate is at {Gate}")]
    private static partial void LogUnconfirmed(ILogger logger, string contract, Instant from, string problem, Instant gate);

    [LoggerMessage(EventIds.PlanSubmitterOverdue, LogLevel.Error, "The plan of contract {Contract} for the period from {From} was not taken by the receiver in time; submit it by hand: {Problem}")]
    private static partial void LogOverdue(ILogger logger, string contract, Instant from, string problem);

    [LoggerMessage(EventIds.PlanSubmitterUnread, LogLevel.Error,
        "The plan of contract {Contract} for the period from {From}, or what was noted of its submission, can't be read; submit it by hand: {Problem}")]
    private static partial void LogUnread(ILogger logger, string contract, Instant from, string problem);
}
