using GridServices.Contracts;
using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Session;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Reports;

/// <summary>Reports asked for, delivered and cancelled.</summary>
internal static class ReportSchedule
{
    private const int MostReports = 64;

    /// <summary>Up to this sampling interval a report waits for its last reading: at such rates it is on its way when the report is due.</summary>
    private static readonly Duration FastSampling = Duration.FromSeconds(5);

    /// <summary>A report is tried at least so long, counted from the first time in vain: it may have waited for its readings before.</summary>
    private static readonly Duration LeastPatience = Duration.FromHours(1);

    /// <summary>A VTN that refuses what it asked for just now is told METADATA no more often.</summary>
    private static readonly Duration MetadataAgainAfter = Duration.FromHours(1);

    /// <summary>OpenADR 2.0b rule 329: all reports still to come.</summary>
    public static ValueList<string> Pending(VenState state) =>
        [.. state.Reports.Select(r => r.ReportRequestId), .. state.Metadata.Select(m => m.ReportRequestId)];

    public static void Requested(StepContext context, OadrCreateReport message) => ProcessRequests(context, message.ReportRequests, message.RequestId);

    /// <summary>The VTN took the METADATA.</summary>
    public static void MetadataAnswered(StepContext context, PendingRequest item, OadrRegisteredReport registered)
    {
        context.Complete(item);
        MetadataSchedule.Advance(context, (item as PendingRequest.PublishMetadata)?.ReportRequestId);

        // OpenADR 2.0b rule 306: METADATA ends every report that was asked for before, METADATA again and again excepted; what was asked for while it waited goes on.
        var since = (item as PendingRequest.PublishMetadata)?.Since;
        End(context, r => !(r.AskedAt > since), "METADATA that the VTN took ends it");

        // OpenADR 2.0b rule 344: requests that ride on the answer are honoured like any other; the one that this METADATA answers is served.
        var answered = (item as PendingRequest.PublishMetadata)?.ReportRequestId;
        var requests = registered.ReportRequests.Where(r => answered is null || r.ReportRequestId != answered).ToValueList();
        if (requests.Count > 0)
        {
            ProcessRequests(context, requests, registered.Response.RequestId);
        }

        if (registered.RiderFault is { } fault)
        {
            context.Answer(new PendingRequest.ConfirmReports(Illegible(context, "oadrCreateReport", "A report request", fault, registered.Response)));
        }
    }

    // OpenADR 2.0b rules 33, 35: answered with the error's own code.
    private static EiResponse Illegible(StepContext context, string message, string what, ReadError fault, EiResponse answer)
    {
        var code = OadrCodes.GetCode(fault, message);
        context.Warn(NoteKind.ReportRefused, fault.Class, $"{what} that rode on an answer can't be read, and was answered {code}: {SafeText.Clause(fault.ToString())}.");
        return new EiResponse(code, fault.Detail, answer.RequestId);
    }

    /// <summary>The VTN took data.</summary>
    public static void Delivered(StepContext context, PendingRequest.SendReport item, OadrUpdatedReport updated)
    {
        Advance(context, item);

        // OpenADR 2.0b rules 328, 335: a cancellation may ride on the answer.
        if (updated.CancelReport is { } cancel)
        {
            Cancelled(context, cancel, item);
        }

        if (updated.RiderFault is { } fault)
        {
            context.Answer(new PendingRequest.ConfirmCancelledReports(Illegible(context, "oadrCancelReport", "A cancellation", fault, updated.Response)));
        }
    }

    /// <summary>The VTN took the window up to <see cref="PendingRequest.SendReport.Due"/>.</summary>
    public static void Advance(StepContext context, PendingRequest.SendReport item)
    {
        if (FindReport(context, item) is { } report)
        {
            Replace(context, report, Following(context, report, null));
            context.State = context.State with { Link = context.State.Link with { ReportsSincePoll = context.State.Link.ReportsSincePoll + 1 } };
        }
    }

    /// <summary>True where the message after the next is due as well.</summary>
    public static bool IsBehind(ScheduledReport report, Instant now) => report.ReportBack > Duration.Zero && now - report.Due >= report.ReportBack;

    /// <summary>
    /// The VTN did not take the report: it is sent again, ever more slowly, as long as its readings are kept. Other reports don't wait for it.
    /// </summary>
    public static void Failed(StepContext context, PendingRequest.SendReport item, Failure failure, Func<int, Duration> pauseAfter)
    {
        if (FindReport(context, item) is not { } report)
        {
            return;
        }

        var kept = report.RIds.Select(rId => Channels.Find(context.Config, report.Kind, rId)).OfType<ReportConfig>()
            .Select(c => Channels.GetBufferLength(context.Config, c)).DefaultIfEmpty(Duration.Zero).Max();
        if (failure.Reclassify(othersAreTaken: context.State.Link.HeardAt >= report.FailedSince).IsFinal || context.Now - (report.FailedSince ?? context.Now) > Duration.Max(kept, LeastPatience))
        {
            Replace(context, report, Following(context, report, failure.What));
            AlarmOnce(context, report, $"{PendingRequestText.Describe(item)} up to {report.Due} is given up and its readings are lost to the VTN: {failure.What}. Later ones are sent. Check the VTN's URL and profile.");
            return;
        }

        (context.State, var number) = Requests.AssignNumber(context.State, item, failure);
        var failing = report with
        {
            Number = number,
            Failures = report.Failures + 1,
            FailedSince = report.FailedSince ?? context.Now,
            NotBefore = context.Now + pauseAfter(report.Failures + 1),
            TimedOut = failure.IsTimeout,
            Problem = failure.What,
        };
        var isTheReports = failing.Failures >= Delivery.FailuresAllowed && context.State.Link.HeardAt >= failing.FailedSince;
        Replace(context, report, failing with { IsTold = report.IsTold || isTheReports });
        if (isTheReports)
        {
            AlarmOnce(context, report, $"{PendingRequestText.Describe(item)} was sent {failing.Failures} times in vain ({failure.What}) while the VTN answers; it is tried again ever more slowly. Tell the VTN's operator.");
        }
        else if (failing.Failures == 1 && !report.IsTold)
        {
            context.Warn(NoteKind.MessageRefused, ErrorClass.Unavailable, $"The VTN did not take {PendingRequestText.Describe(item)}: {failure.What}. It is tried again; everything else goes on.");
        }
    }

    /// <summary>The VTN knows the report no more (452): METADATA ends all requests that it has forgotten and lets it ask anew (OpenADR 2.0b rule 306); now and then, so that it becomes no circle.</summary>
    public static void Forgotten(StepContext context, PendingRequest.SendReport item)
    {
        if (context.State.Link.MetadataAgainAt is { } last && context.Now - last < MetadataAgainAfter)
        {
            return;
        }

        context.State = context.State with { Link = context.State.Link with { MetadataAgainAt = context.Now } };
        context.Enqueue(new PendingRequest.PublishMetadata(null));
        context.Warn(NoteKind.MessageRefused, ErrorClass.UnknownId, $"The VTN does not know report '{SafeText.Short(item.ReportRequestId)}' any more; METADATA is told again, so that it can ask anew.");
    }

    /// <summary>When the next message of a report goes out: when it is due; where its past is fetched, once that has come or took too long; or, of a fast channel, a little later where the last reading is still on its way.</summary>
    public static Instant SendAt(VenConfig config, VenState state, ScheduledReport report)
    {
        if (PastQuestions.Find(config, state, report) is not null)
        {
            return report.Due + PastQuestions.Patience;
        }

        if (report.ReportBack == Duration.Zero || report.Granularity == Duration.Zero)
        {
            return report.Due;
        }

        var late = report.RIds.Select(rId => Channels.Find(config, report.Kind, rId)).OfType<ReportConfig>()
            .Where(c => c.SamplingInterval <= FastSampling && ReportBuffer.LastOver(state, c, report.Due - c.SamplingInterval, report.Due) is null)
            .Select(c => c.SamplingInterval).DefaultIfEmpty(Duration.Zero).Max();
        return report.Due + late;
    }

    /// <param name="context">The step.</param>
    /// <param name="cancel">What the VTN wants no more.</param>
    /// <param name="sent">The report on whose answer the cancellation rides: known, though that may have been its last message.</param>
    public static void Cancelled(StepContext context, OadrCancelReport cancel, PendingRequest? sent = null)
    {
        var known = context.State.Reports.Select(r => r.ReportRequestId).Concat(context.State.Metadata.Select(m => m.ReportRequestId))
            .Append((sent as PendingRequest.SendReport)?.ReportRequestId);
        var isKnown = cancel.ReportRequestIds.All(known.Contains);
        foreach (var report in context.State.Reports.Where(r => cancel.ReportRequestIds.Contains(r.ReportRequestId)).ToList())
        {
            // OpenADR 2.0b rule 345: with reportToFollow one more message, with what there is.
            var last = report with
            {
                Last = true,
                Due = context.Now,
                CoveredUntil = Instant.Min(report.CoveredUntil, context.Now),
                Fetched = null,
                Number = null,
                Failures = 0,
                FailedSince = null,
                NotBefore = null,
                TimedOut = false,
            };
            Replace(context, report, cancel.ReportToFollow ? last : null);
            context.Inform(NoteKind.ReportCancelled, $"Report '{SafeText.Short(report.ReportRequestId)}' was cancelled by the VTN.");
        }

        EndMetadata(context, cancel);

        // OpenADR 2.0b rule 336: an unknown reportRequestID is an error.
        var response = isKnown
            ? EiResponse.Ok(cancel.RequestId)
            : new EiResponse(OadrCodes.InvalidId, "A reportRequestID is unknown.", cancel.RequestId);
        context.Answer(new PendingRequest.ConfirmCancelledReports(response));
    }

    // OpenADR 2.0b rule 345: METADATA has no last report: it says the same each time.
    private static void EndMetadata(StepContext context, OadrCancelReport cancel)
    {
        if (context.State.Metadata.Any(m => cancel.ReportRequestIds.Contains(m.ReportRequestId)))
        {
            context.State = context.State with
            {
                Metadata = context.State.Metadata.Where(m => !cancel.ReportRequestIds.Contains(m.ReportRequestId)).ToValueList(),
                Owed = context.State.Owed.Where(o => o is not PendingRequest.PublishMetadata { ReportRequestId: { } id } || !cancel.ReportRequestIds.Contains(id)).ToValueList(),
            };
            context.Inform(NoteKind.ReportCancelled, "METADATA that was sent again and again was cancelled by the VTN.");
        }
    }

    // After an outage the missed windows go out together, as many intervals as a message may hold.
    private static Instant NextDue(StepContext context, ScheduledReport report, Instant from)
    {
        var missed = Math.Max(1, (long)((context.Now - from) / report.ReportBack));
        var perWindow = GetStep(context.Config, report) is var step && step == Duration.Zero ? 1 : Math.Max(1, (long)(report.ReportBack / step));
        var windows = Math.Clamp(Channels.BufferPoints(context.Config) / perWindow, 1, missed);
        var due = from + (report.ReportBack * windows);
        return report.Until is { } until && until < due ? until : due;
    }

    // Without a granularity a history holds each interval as it was measured.
    private static Duration GetStep(VenConfig config, ScheduledReport report) => report.Granularity == Duration.Zero && Channels.IsHistory(report.Kind)
        ? Channels.GetAll(config, report).Select(c => c.SamplingInterval).DefaultIfEmpty(Duration.Zero).Min()
        : report.Granularity;

    // What is older than all that could be kept, and was not measured, is left out, window by window: only "bad" could be said of it. A meter's intervals are kept by another.
    private static Instant NextFrom(StepContext context, ScheduledReport report)
    {
        var channels = Channels.GetAll(context.Config, report);
        var kept = channels.Select(c => Channels.Reach(context.Config, c)).DefaultIfEmpty(report.ReportBack).Max();
        var first = channels.Exists(c => Channels.IsMetered(context.Config, c)) ? null : channels.Select(c => ReportBuffer.First(context.State, c.RId, report.Due - c.SamplingInterval + Duration.Epsilon, context.Now - kept)?.At).Min();
        var passed = (long)(((first ?? (context.Now - kept)) - report.Due) / report.ReportBack);
        return passed > 0 ? report.Due + (report.ReportBack * passed) : report.Due;
    }

    private static void ProcessRequests(StepContext context, ValueList<ReportRequest> requests, string requestId)
    {
        var (accepted, once, again, fault) = WantedReports.From(context, requests);
        if (fault is null && context.State.Reports.Count + context.State.Metadata.Count + accepted.Count + again.Count > MostReports)
        {
            fault = (OadrCodes.InvalidData, $"more than {MostReports} reports");
        }

        fault ??= requests.Select(r => r.ReportRequestId).Distinct(StringComparer.Ordinal).Count() == requests.Count ? null : (OadrCodes.InvalidId, "two requests have the same reportRequestID");
        if (fault is { } refused)
        {
            // One answer for the whole message: refused, it asks for nothing.
            context.Answer(new PendingRequest.ConfirmReports(new EiResponse(refused.Code, refused.Text, requestId)));
            context.Warn(NoteKind.ReportRefused, ErrorClass.UnknownId, $"A report request was answered {refused.Code}: {refused.Text}.");
            return;
        }

        var ids = accepted.Select(a => a.ReportRequestId).Concat(again.Select(m => m.ReportRequestId)).ToHashSet(StringComparer.Ordinal);
        context.State = context.State with
        {
            Reports = [.. context.State.Reports.Where(r => !ids.Contains(r.ReportRequestId)), .. accepted.Select(a => a with { AskedAt = context.Now, PlannedAt = context.Now })],
            Metadata = [.. context.State.Metadata.Where(m => !ids.Contains(m.ReportRequestId)), .. again],
        };
        context.Answer(new PendingRequest.ConfirmReports(EiResponse.Ok(requestId)));
        foreach (var report in accepted)
        {
            context.Inform(NoteKind.ReportRequested, $"The VTN asked for {Channels.GetName(report.Kind)} '{SafeText.Short(report.ReportRequestId)}', first due {report.Due}.");
        }

        // OpenADR 2.0b rule 301: METADATA can be asked for at any time.
        foreach (var id in once)
        {
            // It ends what was asked for before this message, not what the message itself asks for.
            context.Enqueue(new PendingRequest.PublishMetadata(id) { Since = context.Now - Duration.Epsilon });
        }
    }

    /// <summary>Ends reports, and says so.</summary>
    public static void End(StepContext context, Func<ScheduledReport, bool> which, string why)
    {
        foreach (var ended in context.State.Reports.Where(which).ToList())
        {
            Replace(context, ended, null);
            context.Inform(NoteKind.ReportCancelled, $"Report '{SafeText.Short(ended.ReportRequestId)}' comes no more: {why}.");
        }
    }

    private static ScheduledReport? FindReport(StepContext context, PendingRequest.SendReport item) =>
        context.State.Reports.FirstOrDefault(r => r.ReportRequestId == item.ReportRequestId && r.Due == item.Due);

    // OpenADR 2.0b rule 324: report-back zero means once.
    private static ScheduledReport? Following(StepContext context, ScheduledReport report, string? problem) =>
        report.Last || report.ReportBack == Duration.Zero || NextFrom(context, report) is var from && from >= report.Until ? null : report with
        {
            CoveredUntil = from,
            Due = NextDue(context, report, from),
            Fetched = null,
            Told = ChangeIntervals.GetSentChanges(context.Config, context.State, report),
            Number = null,
            PlannedAt = context.Now,
            Failures = 0,
            FailedSince = null,
            NotBefore = null,
            TimedOut = false,
            Problem = problem,
            IsTold = problem is not null,
        };

    private static void AlarmOnce(StepContext context, ScheduledReport report, string text)
    {
        if (!report.IsTold)
        {
            context.Alarm(NoteKind.MessageGivenUp, ErrorClass.Unavailable, text);
        }
    }

    private static void Replace(StepContext context, ScheduledReport report, ScheduledReport? other) => context.State = context.State with
    {
        Reports = context.State.Reports.Select(r => r == report ? other : r).OfType<ScheduledReport>().ToValueList(),
    };
}
