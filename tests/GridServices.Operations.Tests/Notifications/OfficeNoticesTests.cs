using GridServices.Operations.Access;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Notifications;
using GridServices.Operations.Programs;
using GridServices.Operations.Registry;
using NodaTime;

namespace GridServices.Operations.Tests.Notifications;

public sealed class OfficeNoticesTests
{
    private static readonly Instant Now = Instant.FromUtc(2027, 5, 1, 12, 0);
    private static readonly SiteOwner Owner = new("site-1", "c1");

    [Theory]
    [InlineData(61, null)]
    [InlineData(60, "60")]
    [InlineData(31, "60")]
    [InlineData(29, "30")]
    [InlineData(7, "7")]
    [InlineData(2, "7")]
    [InlineData(1, "1")]
    [InlineData(0, "0")]
    [InlineData(-5, "0")]
    public void A_certificate_is_told_60_30_7_and_1_days_before_its_end_and_at_it(int days, string? occasion)
    {
        var notice = OfficeNotices.Certificate(Certificate(Now + Duration.FromDays(days)), Now);
        Assert.Equal(occasion, notice?.Occasion.Split('.')[^1]);
        Assert.Equal(occasion == "0", notice?.Emergency ?? false);
    }

    [Fact]
    public void A_renewed_certificate_is_another_occasion_and_one_without_an_end_none()
    {
        var first = OfficeNotices.Certificate(Certificate(Now + Duration.FromDays(29)), Now)!;
        Assert.NotEqual(first.Occasion, OfficeNotices.Certificate(Certificate(Now + Duration.FromDays(30)), Now)!.Occasion);
        Assert.Equal("29", first.Arguments.Single(a => a.Name == "days").Text);
        Assert.Null(OfficeNotices.Certificate(Certificate(null), Now));
        Assert.Null(OfficeNotices.Certificate(Certificate(Now) with { State = CertificateState.Revoked }, Now));
    }

    [Theory]
    [InlineData(EnrollmentState.Submitted, 9, false)]
    [InlineData(EnrollmentState.Submitted, 10, true)]
    [InlineData(EnrollmentState.UtilityReview, 30, true)]
    [InlineData(EnrollmentState.Accepted, 30, false)]
    public void A_utility_that_takes_longer_than_usual_is_told_once_to_those_who_enroll(EnrollmentState state, int days, bool told)
    {
        var template = TemplateCatalog.All[0] with { ReviewDays = new Fact<int>(10, "test", Certainty.Judgement) };
        var enrollment = Sample.Enrollment with { State = state, StateSince = Now };
        var notice = OfficeNotices.ReviewOverdue(enrollment, template, Owner, Now + Duration.FromDays(days));
        Assert.Equal(told, notice is not null);
        Assert.Equal(told ? [UserRole.Enroller] : null, notice?.Audience.Staff);
        Assert.Equal(state == EnrollmentState.Accepted ? null : $"{Contracts.EnumNames<EnrollmentState>.GetName(state)}.2027-05-01T12:00:00Z", OfficeNotices.ReviewOverdue(enrollment, template, Owner, Now + Duration.FromDays(days + 5))?.Occasion);
        Assert.Null(OfficeNotices.ReviewOverdue(enrollment, template with { ReviewDays = null }, Owner, Now + Duration.FromDays(400)));
    }

    [Fact]
    public void A_line_is_lost_after_ten_minutes()
    {
        var notice = OfficeNotices.LineLost("openadr", "ven-a", Now);
        var dan = new Recipient { Id = "dan", StaffRole = UserRole.Dispatcher, Language = "en", TimeZone = "UTC" };
        Assert.Empty(NotificationPlan.Due([notice], [dan], [], new NotificationSettings(), Now + Duration.FromMinutes(9)));
        Assert.Single(NotificationPlan.Due([notice], [dan], [], new NotificationSettings(), Now + Duration.FromMinutes(10)));
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public void A_job_is_told_at_its_third_failure(int failures, bool told) => Assert.Equal(told, OfficeNotices.JobFailed("reconcile", failures, Now, Now, "the store is away") is not null);

    [Fact]
    public void A_job_that_fails_on_is_told_once_and_again_when_it_fails_after_a_success()
    {
        Notice Told(int failures, Instant since) => OfficeNotices.JobFailed("reconcile", failures, since, since + Duration.FromMinutes(failures), "the store is away")!;
        Assert.Equal(Told(3, Now).Occasion, Told(4, Now).Occasion);
        Assert.NotEqual(Told(3, Now).Occasion, Told(3, Now + Duration.FromHours(1)).Occasion);
    }

    [Theory]
    [InlineData(15, null)]
    [InlineData(14, "14")]
    [InlineData(3, "3")]
    [InlineData(1, "1")]
    public void A_deadline_is_told_before_it_comes(int days, string? occasion) =>
        Assert.Equal(occasion, OfficeNotices.Deadline(Enrollment(), Owner, Now + Duration.FromDays(days), Now)?.Occasion.Split('.')[^1]);

    [Fact]
    public void Required_actions_go_to_whose_they_are()
    {
        var enrollment = Enrollment() with
        {
            RequiredActions =
            [
                new RequiredAction { Code = "signatureMissing", Owner = ActionOwner.Customer, Text = "Sign.", Due = Now },
                new RequiredAction { Code = "fieldMissing", Owner = ActionOwner.Us, Text = "Fill in.", Pointer = "/answers/generatorKw" },
                new RequiredAction { Code = "note", Owner = ActionOwner.Us, Text = "Look.", Blocks = false },
            ],
        };
        var notices = OfficeNotices.RequiredActions(enrollment, Owner, Now).ToList();
        Assert.Equal(["signatureMissing", "fieldMissing/answers/generatorKw"], notices.Select(n => n.Occasion));
        Assert.Equal([ContactRole.AuthorizedSigner], notices[0].Audience.Contacts);
        Assert.Equal([UserRole.Enroller], notices[1].Audience.Staff);
    }

    [Theory]
    [InlineData(EnrollmentState.Accepted, Trigger.EnrollmentAccepted)]
    [InlineData(EnrollmentState.Rejected, Trigger.EnrollmentRejected)]
    [InlineData(EnrollmentState.Active, null)]
    public void The_utility_s_answer_is_told(EnrollmentState state, Trigger? trigger) => Assert.Equal(trigger, OfficeNotices.Decision(Enrollment() with { State = state }, Owner)?.Trigger);

    [Fact]
    public void A_billing_run_ends_well_or_not()
    {
        Assert.Equal(Trigger.BillingRunFinished, OfficeNotices.BillingRun("r1", 10, 0, Now).Trigger);
        Assert.Equal(Trigger.BillingRunFailed, OfficeNotices.BillingRun("r1", 9, 1, Now).Trigger);
    }

    private static Certificate Certificate(Instant? end) => new()
    {
        Id = "01CERT",
        Tenant = "t1",
        Created = new Stamp(Now, "ann"),
        Updated = new Stamp(Now, "ann"),
        Version = 1,
        Kind = CertificateKind.OpenAdrEc,
        Subject = "CN=0011",
        NotAfter = end,
        State = CertificateState.Installed,
    };

    private static Enrollment Enrollment() => new()
    {
        Id = "01ENR",
        Tenant = "t1",
        Created = new Stamp(Now, "ann"),
        Updated = new Stamp(Now, "ann"),
        Version = 1,
        SiteId = "site-1",
        Template = new TemplateRef("PGE-ELRP-A2", 1),
        Period = new DatePeriod { From = new LocalDate(2027, 5, 1) },
        StateSince = Now,
    };
}
