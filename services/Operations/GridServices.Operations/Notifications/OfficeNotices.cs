using System.Globalization;
using GridServices.Contracts;
using GridServices.Operations.Access;
using GridServices.Operations.Compliance;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Events;
using GridServices.Operations.Opt;
using GridServices.Operations.Programs;
using GridServices.Operations.Registry;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Notifications;

/// <summary>What is to be told about enrollments, certificates, lines and jobs.</summary>
public static class OfficeNotices
{
    private static readonly int[] DeadlineDays = [14, 3, 1, 0];

    /// <summary>How long a VTN or server may be away before somebody is told.</summary>
    public static Duration LineLostAfter { get; } = Duration.FromMinutes(10);

    /// <summary>A VEN that registers anew by itself within this is told to nobody.</summary>
    public static Duration RegistrationLostAfter { get; } = Duration.FromMinutes(2);

    /// <summary>Failures of a job before somebody is told.</summary>
    public const int JobFailures = 3;

    /// <summary>60, 30, 7 and 1 days before the end, and at the end. Found late, only the nearest one is told. Null: not yet.</summary>
    public static Notice? Certificate(Certificate certificate, Instant now) =>
        certificate.NotAfter is not { } end || CertificateWatch.FindAlarm(certificate, now) is not { } days ? null : new Notice
        {
            Trigger = Trigger.CertificateEnds,
            Subject = certificate.Id,
            Occasion = string.Create(CultureInfo.InvariantCulture, $"{TimeText.Format(end)}.{days}"),
            At = end - Duration.FromDays(days),
            Audience = new NoticeAudience { Staff = [UserRole.Admin, UserRole.Enroller] },
            Arguments = [new("certificate", certificate.Subject), new("end", From: end), new("days", Number(Math.Max(0, (int)Math.Ceiling((end - now).TotalDays)))), new("usedBy", Number(certificate.UseCount))],
            Emergency = days == 0,
        };

    /// <summary>14, 3 and 1 days before a program's deadline, and at it.</summary>
    public static Notice? Deadline(Enrollment enrollment, SiteOwner owner, Instant due, Instant now) => Step(DeadlineDays, due, now) is not { } days ? null : new Notice
    {
        Trigger = Trigger.EnrollmentDeadline,
        Subject = enrollment.Id,
        Occasion = string.Create(CultureInfo.InvariantCulture, $"{TimeText.Format(due)}.{days}"),
        At = due - Duration.FromDays(days),
        Audience = Office(owner, ContactRole.AuthorizedSigner),
        Arguments = [.. About(enrollment, owner), new("due", From: due), new("actions", Number(enrollment.RequiredActions.Count(a => a.Blocks)))],
    };

    /// <summary>Each required action once; the customer's are told to its signer, the others to us. Who has a link to sign by has been told with it.</summary>
    public static IEnumerable<Notice> RequiredActions(Enrollment enrollment, SiteOwner owner, Instant now) => enrollment.RequiredActions.Where(a => a.Blocks && a.Code != "signature.asked").Select(a => new Notice
    {
        Trigger = Trigger.RequiredAction,
        Subject = enrollment.Id,
        Occasion = $"{a.Code}{a.Pointer}",
        At = Instant.Min(now, enrollment.Updated.At),
        Audience = a.Owner == ActionOwner.Customer ? Office(owner, ContactRole.AuthorizedSigner) with { Staff = [] } : new NoticeAudience { Staff = [UserRole.Enroller] },
        Arguments = [.. About(enrollment, owner), new("action", a.Code), new("subject", a.Subject), .. a.Due is { } due ? (TextArgument[])[new("due", From: due)] : []],
    });

    /// <summary>The mail with the signer's link; asked for by a person, so it passes quiet hours and digests.</summary>
    public static Notice SignatureAsked(SignatureRequest request, ProgramTemplate template, Site site, SiteOwner owner) => new()
    {
        Trigger = Trigger.SignatureAsked,
        Subject = request.EnrollmentId,
        Occasion = request.Id,
        At = request.Asked.At,
        Audience = new NoticeAudience { Contacts = [ContactRole.AuthorizedSigner], Customers = [owner.CustomerId], Sites = [owner.SiteId] },
        Arguments = [new("program", template.Name), new("site", site.Name)],
        Emergency = true,
    };

    /// <summary>The utility has not answered in the days that it usually takes, by its template; told once, to those who enroll. Null: it has time yet, or nobody knows how long it takes.</summary>
    public static Notice? ReviewOverdue(Enrollment enrollment, ProgramTemplate template, SiteOwner owner, Instant now)
    {
        ArgumentNullException.ThrowIfNull(enrollment);
        ArgumentNullException.ThrowIfNull(template);
        return enrollment.State is EnrollmentState.Submitted or EnrollmentState.UtilityReview && template.ReviewDays is { Value: var days } && enrollment.StateSince + Duration.FromDays(days) is var due && due <= now
            ? new Notice
            {
                Trigger = Trigger.ReviewOverdue,
                Subject = enrollment.Id,
                Occasion = $"{EnumNames<EnrollmentState>.GetName(enrollment.State)}.{TimeText.Format(enrollment.StateSince)}",
                At = due,
                Audience = new NoticeAudience { Staff = [UserRole.Enroller] },
                Arguments = [.. About(enrollment, owner), new("since", From: enrollment.StateSince), new("days", Number(days))],
            }
            : null;
    }

    /// <summary>The utility's answer; null in every other state.</summary>
    public static Notice? Decision(Enrollment enrollment, SiteOwner owner) => enrollment.State is not (EnrollmentState.Accepted or EnrollmentState.Rejected) ? null : new Notice
    {
        Trigger = enrollment.State == EnrollmentState.Accepted ? Trigger.EnrollmentAccepted : Trigger.EnrollmentRejected,
        Subject = enrollment.Id,
        Occasion = TimeText.Format(enrollment.StateSince),
        At = enrollment.StateSince,
        Audience = Office(owner, ContactRole.AuthorizedSigner, ContactRole.EventPrimary),
        Arguments = [.. About(enrollment, owner), new("reason", enrollment.StateReason)],
    };

    /// <summary>A VTN or 2030.5 server that is not heard; told once per outage, ten minutes into it.</summary>
    public static Notice LineLost(string protocol, string key, Instant since) => Staff(
        Trigger.LineLost, $"{protocol}:{key}", TimeText.Format(since), since + LineLostAfter, [UserRole.Dispatcher, UserRole.Admin], new("line", key), new("protocol", protocol), new("since", From: since));

    /// <summary>An opt schedule that the VTN or the service refused, told once per refusal; null while it is not.</summary>
    public static Notice? OptScheduleRefused(OptSchedule schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        return schedule is not { EndedAt: null, State: OptScheduleState.Refused } ? null : Staff(
            Trigger.OptScheduleRefused, schedule.Id, TimeText.Format(schedule.StateSince), schedule.StateSince, [UserRole.Dispatcher, UserRole.Enroller],
            new("site", schedule.Target.SiteId), new("line", schedule.Target.VenKey), new("window", From: schedule.Spans[0].From, Until: schedule.Spans[^1].Until), new("reason", schedule.Problem));
    }

    public static Notice OutboxParked(string service, int parked, Instant oldest) => Staff(
        Trigger.OutboxParked, service, TimeText.Format(oldest), oldest, [UserRole.Dispatcher, UserRole.Admin], new("service", service), new("parked", Number(parked)));

    /// <param name="entity">Which document.</param>
    /// <param name="foundHash">Of what was found; another change by hand is told again.</param>
    /// <param name="foundAt">When.</param>
    public static Notice Drift(string entity, string foundHash, Instant foundAt) => Staff(
        Trigger.Drift, entity, foundHash, foundAt, [UserRole.Enroller, UserRole.Admin], new("entity", entity), new("found", From: foundAt));

    public static Notice BillingRun(string runId, int done, int failed, Instant endedAt) => Staff(
        failed > 0 ? Trigger.BillingRunFailed : Trigger.BillingRunFinished, runId, TimeText.Format(endedAt), endedAt, [UserRole.Analyst], new("run", runId), new("done", Number(done)), new("failed", Number(failed)));

    /// <summary>A job that failed three times in a row, told once; null before.</summary>
    public static Notice? JobFailed(string job, int failures, Instant since, Instant lastAt, string reason) => failures < JobFailures ? null : Staff(
        Trigger.JobFailed, job, TimeText.Format(since), lastAt, [UserRole.Admin], new("job", job), new("failures", Number(failures)), new("since", From: since), new("reason", reason));

    /// <summary>A service of ours that does not answer; told once per outage, ten minutes into it.</summary>
    public static Notice ServiceAway(string service, Instant since) => Staff(
        Trigger.ServiceAway, service, TimeText.Format(since), since + LineLostAfter, [UserRole.Dispatcher, UserRole.Admin], new("service", service), new("since", From: since));

    /// <summary>A registration that the utility no longer holds; at most once a day.</summary>
    public static Notice RegistrationLost(string protocol, string key, Instant since) => Staff(
        Trigger.RegistrationLost, $"{protocol}:{key}", TimeText.Format(since)[..10], since + RegistrationLostAfter, [UserRole.Dispatcher, UserRole.Enroller, UserRole.Admin],
        new("line", key), new("protocol", protocol), new("since", From: since));

    public static Notice ImportDone(string id, string fileName, long applied, long errors, Instant endedAt) => Staff(
        Trigger.ImportDone, id, TimeText.Format(endedAt), endedAt, [UserRole.Enroller, UserRole.Admin],
        new("file", fileName), new("applied", applied.ToString(CultureInfo.InvariantCulture)), new("failed", errors.ToString(CultureInfo.InvariantCulture)));

    /// <summary>The reports of an event, once when made and once when all are final.</summary>
    public static Notice? ReportReady(Event e, IReadOnlyCollection<ComplianceReport> reports) => reports.Count == 0 ? null : Staff(
        Trigger.ReportReady, e.Source, reports.All(r => r.Status == ReportStatus.Final) ? "final" : "preliminary", reports.Max(r => r.Head.MadeAt), [UserRole.Analyst, UserRole.Dispatcher],
        new("event", e.Source), new("program", e.TemplateCode ?? e.Program), new("status", reports.All(r => r.Status == ReportStatus.Final) ? "final" : "preliminary"), new("sites", Number(reports.Count)));

    /// <summary>A site that drew or gave more than it was allowed; null where it did not, or where it is not known.</summary>
    public static Notice? LimitNotRespected(ComplianceReport report, SiteOwner owner) => report.Limit.Respected != LimitAnswer.No ? null : new Notice
    {
        Trigger = Trigger.LimitNotRespected,
        Subject = report.Head.Source,
        Occasion = $"{owner.SiteId}.{Contracts.EnumNames<ReportStatus>.GetName(report.Status)}",
        At = report.Head.MadeAt,
        Audience = new NoticeAudience { Contacts = [ContactRole.Technical], Staff = [UserRole.Dispatcher, UserRole.Admin], Customers = [owner.CustomerId], Sites = [owner.SiteId] },
        Arguments =
        [
            new("event", report.Head.Source), new("site", report.Head.SiteName), new("window", From: report.Head.From, Until: report.Head.Until),
            new("overSeconds", decimal.Round(report.Limit.OverSeconds).ToString(CultureInfo.InvariantCulture)), new("overWh", decimal.Round(report.Limit.OverWh).ToString(CultureInfo.InvariantCulture)),
        ],
    };

    /// <summary>The tightest step that has been reached.</summary>
    private static int? Step(int[] days, Instant end, Instant now) => days.Where(d => end - Duration.FromDays(d) <= now).Select(d => (int?)d).LastOrDefault();

    private static Notice Staff(Trigger trigger, string subject, string occasion, Instant at, ValueList<UserRole> roles, params TextArgument[] arguments) => new()
    {
        Trigger = trigger,
        Subject = subject,
        Occasion = occasion,
        At = at,
        Audience = new NoticeAudience { Staff = roles },
        Arguments = arguments.ToValueList(),
    };

    private static NoticeAudience Office(SiteOwner owner, params ContactRole[] roles) =>
        new() { Contacts = roles.ToValueList(), Staff = [UserRole.Enroller], Customers = [owner.CustomerId], Sites = [owner.SiteId] };

    private static TextArgument[] About(Enrollment enrollment, SiteOwner owner) => [new("program", enrollment.Template.Code), new("site", owner.SiteId)];

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
