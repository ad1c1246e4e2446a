using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Registration;
using GridServices.OpenAdr.Reports;
using NodaTime;

namespace GridServices.OpenAdr.Session;

/// <summary>What the VEN has to say now, and when to look again if there is nothing.</summary>
internal readonly record struct RequestScheduler(PendingRequest? Due, Instant WakeAt)
{
    /// <summary>Reports that go one after the other while a poll is due.</summary>
    private const int MostReportsBetweenPolls = 3;

    /// <summary>True for a report after which the next one is due as well.</summary>
    private bool IsBehind { get; init; }

    public static RequestScheduler At(VenConfig config, VenState state, Instant now) =>
        state.Registration is null ? Unregistered(config, state, now) : Registered(config, state, now);

    private static RequestScheduler Unregistered(VenConfig config, VenState state, Instant now)
    {
        // What is still owed then is the answer to the cancellation; anything else went with the registration.
        var fresh = First(config, state, now, o => o.Refusals == 0);
        if (fresh.Due is not null || state.Plan.Paused)
        {
            return fresh.Due is not null ? fresh : First(config, state, now, _ => true);
        }

        if (state.Plan.NotBefore is { } notBefore && IsAhead(notBefore, now, LongestWait(config)))
        {
            var owed = First(config, state, now, _ => true);
            return owed.Due is not null ? owed : new RequestScheduler(null, Instant.Min(notBefore, owed.WakeAt));
        }

        // OpenADR 2.0b rule 401: an unregistered VEN must try to register; the query is its own choice.
        return state.Plan.Queried || config.Quirks.SkipQueryRegistration
            ? new RequestScheduler(new PendingRequest.Register(Again: false), now)
            : new RequestScheduler(new PendingRequest.QueryRegistration(), now);
    }

    // In this order: what is fresh; the poll; what was sent in vain before. So nothing that the VTN never takes keeps the VEN from anything else.
    private static RequestScheduler Registered(VenConfig config, VenState state, Instant now)
    {
        // A message that hangs costs one poll's delay, never those of all that wait with it.
        // OpenADR 2.0b rules 51, 500: a VEN that pulls makes all requests itself, a push VEN never polls; what it may have missed it asks for by oadrRequestEvent.
        var polls = config.Transport == VenTransport.Pull;
        var pollAt = polls ? state.Link.PollAt ?? now : Instant.MaxValue;
        var isPollDue = polls && !IsAhead(pollAt, now, LongestPollPause(config, state));
        if (state.Link.InDoubt && isPollDue)
        {
            return new RequestScheduler(new PendingRequest.Poll(), now);
        }

        // While a registration is owed nothing else is of use to the VTN but the answers of the registration service itself.
        if (state.Owed.Any(o => o is PendingRequest.Register && !IsPostponed(config, o, now)))
        {
            return First(config, state, now, o => o is PendingRequest.Register or PendingRequest.Acknowledge or PendingRequest.ConfirmCancelledRegistration);
        }

        var fresh = First(config, state, now, o => o.Refusals == 0);
        if (fresh.Due is not null)
        {
            return fresh;
        }

        var report = NextReport(config, state, now, again: false);
        if (report.Due is not null)
        {
            // After an outage many are late: new events don't wait for all of them. Nor for reports that fall due as fast as a slow VTN takes them.
            return isPollDue && (state.Link.ReportsSincePoll >= MostReportsBetweenPolls || (state.Link.ReportsSincePoll > 0 && report.IsBehind)) ? new RequestScheduler(new PendingRequest.Poll(), now) : report;
        }

        var metadata = MetadataSchedule.Next(state);
        if (metadata?.Due <= now)
        {
            return new RequestScheduler(metadata.Value.Item, now);
        }

        // OpenADR 2.0b rule 500: replies first, then the next poll.
        if (isPollDue)
        {
            return new RequestScheduler(new PendingRequest.Poll(), now);
        }

        var resyncAt = Resync.At(config, state, now);
        if (resyncAt <= now)
        {
            return new RequestScheduler(new PendingRequest.RequestEvents(), now);
        }

        var again = First(config, state, now, o => o.Refusals > 0);
        var reportAgain = NextReport(config, state, now, again: true);
        return again.Due is not null ? again
            : reportAgain.Due is not null ? reportAgain
            : new RequestScheduler(null, new[] { pollAt, resyncAt, fresh.WakeAt, again.WakeAt, report.WakeAt, reportAgain.WakeAt, metadata?.Due ?? Instant.MaxValue }.Min());
    }

    /// <summary>The first that is not postponed, and of those sent in vain the one that waited longest; else when the next one is to be sent.</summary>
    private static RequestScheduler First(VenConfig config, VenState state, Instant now, Func<PendingRequest, bool> wanted)
    {
        PendingRequest? due = null;
        var wakeAt = Instant.MaxValue;
        foreach (var item in state.Owed)
        {
            if (!wanted(item))
            {
                continue;
            }

            if (IsPostponed(config, item, now))
            {
                wakeAt = Instant.Min(wakeAt, item.NotBefore ?? Instant.MaxValue);
            }
            else if (due is null || (item.Refusals > 0 && due.Refusals > 0 && item.NotBefore < due.NotBefore))
            {
                due = item;
            }
        }

        return new RequestScheduler(due, due is null ? wakeAt : now);
    }

    private static bool IsPostponed(VenConfig config, PendingRequest item, Instant now) => item.NotBefore is { } notBefore
        ? IsAhead(notBefore, now, LongestWait(config))
        : item is { ParkedAt: not null } or PendingRequest.RequestVtnMetadata { Rides: true };

    /// <summary>Still to come. A moment further ahead than it can ever have been set comes from a clock that was put back: it is now.</summary>
    internal static bool IsAhead(Instant at, Instant now, Duration longest) => at > now && at - now <= longest * 1.1;

    private static Duration LongestWait(VenConfig config) => Duration.Max(
        Duration.Max(RegistrationRules.LongestPause, config.MaxBackOff), config.RegisterAgainAfter ?? Duration.Zero);

    /// <summary>Longest pause that is made between two polls.</summary>
    internal static Duration LongestPollPause(VenConfig config, VenState state)
    {
        var interval = LinkPolicy.PollInterval(config, state.Registration);
        return state.Link.PollFailures > 0 ? Duration.Max(interval, config.MaxBackOff) : interval;
    }

    /// <summary>The report that is due first, among those never sent in vain or among those that were.</summary>
    private static RequestScheduler NextReport(VenConfig config, VenState state, Instant now, bool again)
    {
        ScheduledReport? next = null;
        var nextAt = Instant.MaxValue;
        foreach (var report in state.Reports)
        {
            if (report.Failures > 0 == again && SendAt(config, state, report, now) is var at && at < nextAt)
            {
                (next, nextAt) = (report, at);
            }
        }

        return next is not null && nextAt <= now
            ? new RequestScheduler(new PendingRequest.SendReport(next.ReportRequestId, next.Due) { TimedOut = next.TimedOut, Number = next.Number }, now) { IsBehind = ReportSchedule.IsBehind(next, now) }
            : new RequestScheduler(null, nextAt);
    }

    private static Instant SendAt(VenConfig config, VenState state, ScheduledReport report, Instant now) =>
        report.NotBefore is { } notBefore && IsAhead(notBefore, now, LongestWait(config))
            ? Instant.Max(notBefore, report.Due)
            : ReportSchedule.SendAt(config, state, report);
}
