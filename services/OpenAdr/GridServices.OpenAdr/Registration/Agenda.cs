using NodaTime;

namespace GridServices.OpenAdr.Registration;

/// <summary>What the VEN has to say now, and when to look again if there is nothing.</summary>
internal readonly record struct Agenda(Owed? Due, Instant WakeAt)
{
    public static Agenda At(VenConfig config, VenState state, Instant now) =>
        state.Registration is null ? Unregistered(config, state, now) : Registered(config, state, now);

    private static Agenda Unregistered(VenConfig config, VenState state, Instant now)
    {
        // What is still owed then is the answer to the cancellation; anything else went with the registration.
        var owed = FirstOwed(config, state, now, _ => true);
        if (owed.Due is not null || state.Plan.Paused)
        {
            return owed;
        }

        if (state.Plan.NotBefore is { } notBefore && IsAhead(notBefore, now, LongestWait(config)))
        {
            return new Agenda(null, Instant.Min(notBefore, owed.WakeAt));
        }

        // OpenADR 2.0b rule 401: an unregistered VEN must try to register; the query is its own choice.
        return state.Plan.Queried || config.Quirks.SkipQueryRegistration
            ? new Agenda(new Owed.Register(Again: false), now)
            : new Agenda(new Owed.QueryRegistration(), now);
    }

    private static Agenda Registered(VenConfig config, VenState state, Instant now)
    {
        // While a registration is owed nothing else is of use to the VTN but the answers of the registration service itself.
        var registering = state.Owed.Any(o => o is Owed.Register && !IsPostponed(config, o, now));
        var owed = FirstOwed(config, state, now, o => !registering || o is Owed.Register or Owed.Acknowledge or Owed.ConfirmCancelledRegistration);
        var pollAt = state.Link.PollAt ?? now;
        var pollIsDue = !IsAhead(pollAt, now, Line.PollInterval(config, state.Registration));

        // What a VTN refuses to take for ever must not keep the VEN from hearing of events.
        if (pollIsDue && !registering && state.Link.Failures >= Line.PollsFirstAfter)
        {
            return new Agenda(new Owed.Poll(), now);
        }

        if (owed.Due is not null || registering)
        {
            return owed;
        }

        var report = NextReport(state);
        if (report is not null && report.Due <= now)
        {
            return new Agenda(report, now);
        }

        // OpenADR 2.0b rule 500: replies first, then the next poll.
        return pollIsDue
            ? new Agenda(new Owed.Poll(), now)
            : new Agenda(null, Instant.Min(Instant.Min(pollAt, report?.Due ?? Instant.MaxValue), owed.WakeAt));
    }

    private static Agenda FirstOwed(VenConfig config, VenState state, Instant now, Func<Owed, bool> wanted)
    {
        var wakeAt = Instant.MaxValue;
        foreach (var item in state.Owed)
        {
            if (!wanted(item))
            {
                continue;
            }

            if (!IsPostponed(config, item, now))
            {
                return new Agenda(item, now);
            }

            wakeAt = Instant.Min(wakeAt, item.NotBefore!.Value);
        }

        return new Agenda(null, wakeAt);
    }

    private static bool IsPostponed(VenConfig config, Owed item, Instant now) =>
        item.NotBefore is { } notBefore && IsAhead(notBefore, now, LongestWait(config));

    /// <summary>Still to come. A moment further ahead than it can ever have been set comes from a clock that was put back: it is now.</summary>
    internal static bool IsAhead(Instant at, Instant now, Duration longest) => at > now && at - now <= longest * 1.1;

    private static Duration LongestWait(VenConfig config) => Duration.Max(RegistrationRules.LongestPause, config.RegisterAgainAfter ?? Duration.Zero);

    private static Owed.SendReport? NextReport(VenState state)
    {
        Owed.SendReport? next = null;
        foreach (var report in state.Reports)
        {
            if (next is null || report.Due < next.Due)
            {
                next = new Owed.SendReport(report.ReportRequestId, report.Due);
            }
        }

        return next;
    }
}
