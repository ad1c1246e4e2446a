using FsCheck;
using FsCheck.Fluent;
using GridServices.Operations.Access;
using GridServices.Operations.Events;
using GridServices.Operations.Notifications;
using GridServices.Operations.Registry;
using GridServices.Testing;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Tests.Notifications;

public sealed class NotificationPlanTests
{
    private static readonly Instant Told = Instant.FromUtc(2027, 7, 1, 12, 0);
    private static readonly Instant Start = Instant.FromUtc(2027, 7, 1, 16, 0);
    private static readonly Instant End = Instant.FromUtc(2027, 7, 1, 20, 0);
    private static readonly EventNoticeTerms Terms = new([60]);
    private static readonly SiteOwner[] Owners = [new("site-1", "c1"), new("site-2", "c2")];
    private static readonly Recipient Ann = Person("ann", ContactRole.EventPrimary);
    private static readonly Recipient Bob = Person("bob", ContactRole.EventBackup);

    [Fact]
    public void An_announcement_goes_once_by_each_channel_in_the_contact_s_language_and_zone()
    {
        var ann = Ann with { Channels = [Channel.Email, Channel.Sms], Language = "de", TimeZone = "Europe/Berlin" };
        var (due, log) = Run(CreateEvent(), [ann], [], Told);
        Assert.Equal([Channel.Email, Channel.Sms], due.Select(d => d.Channel));
        var part = Assert.Single(due[0].Parts);
        Assert.Equal(("notify.eventAnnounced", "de", "Europe/Berlin", true), (part.TextKey, due[0].Language, due[0].TimeZone, due[0].WantsAcknowledgement));
        Assert.Contains(new MessageArgument("window", "2027-07-01 18:00–22:00 CEST (UTC+02:00)"), part.Arguments);
        Assert.Empty(Run(CreateEvent(), [ann], log, Told).Due);
    }

    [Fact]
    public void Each_change_is_told_once_and_with_what_changed()
    {
        var e = CreateEvent();
        var (_, log) = Run(e, [Ann], [], Told);
        var changed = Revised(Revised(e, 1, EventChange.EndMoved), 2, EventChange.SignalChanged);
        var (due, log2) = Run(changed, [Ann], log, Told + Duration.FromMinutes(3));
        Assert.Equal([("notify.eventChanged", "r1.0", "endMoved"), ("notify.eventChanged", "r2.0", "signalChanged")], due.Select(d => (d.Parts[0].TextKey, d.Parts[0].Occasion, d.Parts[0].Arguments.Single(a => a.Name == "changes").Value)));
        Assert.Empty(Run(changed, [Ann], log2, Told + Duration.FromMinutes(4)).Due);
    }

    [Fact]
    public void A_cancellation_is_told_and_no_reminder_follows()
    {
        var e = CreateEvent();
        var cancelled = Revised(e, 0, EventChange.Cancelled) with { CancelledAt = Told + Duration.FromMinutes(5) };
        var (due, _) = Run(cancelled, [Ann], Run(e, [Ann], [], Told).Log, Start - Duration.FromMinutes(30));
        Assert.Equal("notify.eventCancelled", Assert.Single(due).Parts[0].TextKey);
    }

    [Fact]
    public void A_reminder_comes_before_the_start_not_after_and_again_when_it_moves()
    {
        var e = CreateEvent();
        var log = Run(e, [Ann], [], Told).Log;
        Assert.Empty(Run(e, [Ann], log, Start - Duration.FromMinutes(61)).Due);
        var (due, after) = Run(e, [Ann], log, Start - Duration.FromMinutes(60));
        Assert.Equal("notify.eventStarts", Assert.Single(due).Parts[0].TextKey);
        Assert.DoesNotContain(Run(e, [Ann], log, Start).Due, d => d.Parts[0].Trigger == Trigger.EventStarts);
        var moved = Revised(e, 1, EventChange.StartMoved) with { From = Start + Duration.FromHours(1) };
        Assert.Contains(Run(moved, [Ann], after, Start + Duration.FromMinutes(1)).Due, d => d.Parts[0].Trigger == Trigger.EventStarts);
    }

    [Fact]
    public void Only_contacts_of_the_sites_and_customers_in_the_event_are_told()
    {
        Recipient[] people = [Ann, Ann with { Id = "eve", CustomerId = "c9" }, Ann with { Id = "site2", SiteId = "site-2" }, Ann with { Id = "site1", SiteId = "site-1" }, Bob, Staff("dan", UserRole.Dispatcher)];
        Assert.Equal(["ann", "site1"], Run(CreateEvent(), people, [], Told).Due.Select(d => d.RecipientId));
    }

    [Fact]
    public void A_backup_contact_is_told_where_nobody_acknowledges_in_time()
    {
        Recipient[] people = [Ann, Bob];
        var (_, log) = Run(CreateEvent(), people, [], Told);
        Assert.Empty(Run(CreateEvent(), people, log, Told + Duration.FromMinutes(14)).Due);
        var (due, after) = Run(CreateEvent(), people, log, Told + Duration.FromMinutes(15));
        Assert.Equal(("bob", "notify.noAcknowledgement", true), (Assert.Single(due).RecipientId, due[0].Parts[0].TextKey, due[0].WantsAcknowledgement));
        Assert.Empty(Run(CreateEvent(), people, after, Told + Duration.FromHours(1)).Due);
    }

    [Fact]
    public void An_acknowledgement_by_anybody_of_the_customer_is_enough_until_the_event_changes()
    {
        Recipient[] people = [Ann, Ann with { Id = "amy" }, Bob];
        var log = Run(CreateEvent(), people, [], Told).Log.Select(s => s.RecipientId == "amy" ? s with { AcknowledgedAt = Told + Duration.FromMinutes(2) } : s).ToList();
        Assert.Empty(Run(CreateEvent(), people, log, Told + Duration.FromMinutes(20)).Due);
        var changed = Revised(CreateEvent(), 1, EventChange.EndMoved);
        var later = Run(changed, people, log, Told + Duration.FromMinutes(21)).Log;
        Assert.Equal("bob", Assert.Single(Run(changed, people, later, Told + Duration.FromMinutes(36)).Due).RecipientId);
    }

    [Fact]
    public void Another_customer_s_acknowledgement_does_not_count()
    {
        var e = CreateEvent(sites: ["site-1", "site-2"]);
        Recipient[] people = [Ann, Bob, Ann with { Id = "cat", CustomerId = "c2" }];
        var log = Run(e, people, [], Told).Log.Select(s => s.RecipientId == "cat" ? s with { AcknowledgedAt = Told } : s).ToList();
        Assert.Equal("bob", Assert.Single(Run(e, people, log, Told + Duration.FromMinutes(15)).Due).RecipientId);
    }

    [Fact]
    public void Without_a_primary_contact_the_backup_is_told_at_once() => Assert.Equal("bob", Assert.Single(Run(CreateEvent(), [Bob], [], Told).Due).RecipientId);

    [Fact]
    public void Quiet_hours_hold_messages_back_and_emergencies_pass()
    {
        // 14:00 to 17:30 in Berlin; told at 14:00.
        var ann = Ann with { TimeZone = "Europe/Berlin", QuietHours = new QuietHours(new LocalTime(14, 0), new LocalTime(17, 30)) };
        Assert.Empty(Run(CreateEvent(), [ann], [], Told).Due);
        Assert.Single(Run(CreateEvent(), [ann], [], Told + Duration.FromMinutes(210)).Due, d => d.Parts[0].Trigger == Trigger.EventAnnounced);
        Assert.Single(Run(CreateEvent(), [ann], [], Told, Terms with { Emergency = true }).Due);
        Assert.Equal("bob", Run(CreateEvent(), [ann, Bob], [], Told + Duration.FromMinutes(15)).Due.Single().RecipientId);
    }

    [Theory]
    [InlineData(22, 7, 23, true)]
    [InlineData(22, 7, 6, true)]
    [InlineData(22, 7, 7, false)]
    [InlineData(22, 7, 21, false)]
    [InlineData(9, 9, 3, true)]
    [InlineData(9, 17, 17, false)]
    [InlineData(9, 17, 9, true)]
    public void Quiet_hours_may_run_over_midnight(int from, int until, int hour, bool quiet)
    {
        var ann = Ann with { TimeZone = "UTC", QuietHours = new QuietHours(new LocalTime(from, 0), new LocalTime(until, 0)) };
        var notice = OfficeNotices.OutboxParked("openadr", 1, Told) with { Audience = new NoticeAudience { Contacts = [ContactRole.EventPrimary], Customers = ["c1"] } };
        var at = Instant.FromUtc(2027, 7, 2, hour, 0);
        Assert.Equal(quiet, NotificationPlan.Due([notice], [ann], [], new NotificationSettings(), at).Count == 0);
    }

    [Fact]
    public void A_digest_gathers_what_can_wait_and_goes_once_a_day()
    {
        var dan = Staff("dan", UserRole.Admin) with { DigestAt = new LocalTime(8, 0), TimeZone = "UTC" };
        Notice[] notices = [OfficeNotices.Drift("ven/a", "h1", Told), OfficeNotices.Drift("ven/b", "h2", Told), OfficeNotices.OutboxParked("openadr", 1, Told)];
        var (due, log) = Run(notices, [dan], [], Told - Duration.FromHours(4) + Duration.FromDays(1) - Duration.FromMinutes(1));
        Assert.Equal([Trigger.OutboxParked], due.Select(d => d.Parts[0].Trigger));
        var morning = Instant.FromUtc(2027, 7, 2, 8, 0);
        var (digest, after) = Run(notices, [dan], log, morning);
        Assert.Equal((true, 2, "digest|2027-07-02|dan|email"), (digest.Single().IsDigest, digest[0].Parts.Count, digest[0].Key));
        Assert.Empty(Run(notices, [dan], after, morning + Duration.FromHours(2)).Due);
        Notice[] more = [.. notices, OfficeNotices.Drift("ven/c", "h3", morning)];
        Assert.Empty(Run(more, [dan], after, morning + Duration.FromHours(2)).Due);
        Assert.Equal("ven/c", Assert.Single(Run(more, [dan], after, morning + Duration.FromDays(1)).Due.Single().Parts).Subject);
    }

    [Fact]
    public void A_choice_that_a_machine_turned_round_is_told_to_the_dispatcher_too()
    {
        var e = CreateEvent();
        e = e with { Sites = [e.Sites[0] with { OptHistory = [new SiteOpt(OptState.Out, OptSource.User, "ann"), new SiteOpt(OptState.In, OptSource.Rule)] }] };
        var due = Run(e, [Staff("dan", UserRole.Dispatcher)], [], Told).Due.Single();
        Assert.Equal(("notify.optChangedByMachine", "ann"), (due.Parts[0].TextKey, due.Parts[0].Arguments.Single(a => a.Name == "who").Value));
        e = e with { Sites = [e.Sites[0] with { OptHistory = [new SiteOpt(OptState.Out, OptSource.User, "ann"), new SiteOpt(OptState.In, OptSource.User, "bob")] }] };
        Assert.Empty(Run(e, [Staff("dan", UserRole.Dispatcher)], [], Told).Due);
    }

    [Fact]
    public void Ten_thousand_contacts_of_as_many_customers_are_planned_in_seconds_with_their_backups()
    {
        string[] sites = [.. Enumerable.Range(0, 10_000).Select(i => $"site-{i}")];
        SiteOwner[] owners = [.. sites.Select((s, i) => new SiteOwner(s, $"c{i}"))];
        Recipient[] people = [.. sites.Select((s, i) => Ann with { Id = $"a{i}", CustomerId = $"c{i}", SiteId = s }), .. sites.Select((s, i) => Bob with { Id = $"b{i}", CustomerId = $"c{i}" })];
        var notices = EventNotices.Create(CreateEvent(sites), owners, Terms);
        var watch = ThreadTime.Start();
        var (due, log) = Run(notices, people, [], Told);
        Assert.Equal(10_000, due.Count);
        var unanswered = log.Select((s, i) => i % 2 == 0 ? s with { AcknowledgedAt = Told } : s).ToList();
        Assert.Equal(5_000, Run(notices, people, unanswered, Told + Duration.FromMinutes(15)).Due.Count(d => d.RecipientId[0] == 'b'));
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void However_often_it_is_asked_each_key_is_sent_once() => Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), minutes =>
    {
        var (log, at) = (new List<SentMessage>(), Told);
        foreach (var step in minutes)
        {
            at += Duration.FromMinutes(step);
            log = Run(Revised(CreateEvent(), 1, EventChange.EndMoved), [Ann, Bob, Ann with { Id = "q", QuietHours = new QuietHours(new LocalTime(10, 0), new LocalTime(13, 0)) }], log, at).Log;
        }

        return log.Select(s => s.Key).Distinct().Count() == log.Count;
    }).QuickCheckThrowOnFailure();

    private static (IReadOnlyList<MessageDue> Due, List<SentMessage> Log) Run(Event e, Recipient[] people, List<SentMessage> log, Instant now, EventNoticeTerms? terms = null) =>
        Run(EventNotices.Create(e, Owners, terms ?? Terms), people, log, now);

    private static (IReadOnlyList<MessageDue> Due, List<SentMessage> Log) Run(IEnumerable<Notice> notices, Recipient[] people, List<SentMessage> log, Instant now)
    {
        var due = NotificationPlan.Due(notices, people, log, new NotificationSettings(), now);
        return (due, [.. log, .. due.SelectMany(d => d.Covers.Append(d.Key).Select(k => new SentMessage(k, d.RecipientId, d.Parts[0].Subject, now)))]);
    }

    private static Recipient Person(string id, ContactRole role) => new() { Id = id, ContactRole = role, CustomerId = "c1", Language = "en", TimeZone = "America/Los_Angeles" };

    private static Recipient Staff(string id, UserRole role) => new() { Id = id, StaffRole = role, Language = "en", TimeZone = "UTC" };

    private static Event CreateEvent(params string[] sites) => new()
    {
        Tenant = "t1",
        Source = "openadr:pge/e17",
        Origin = EventOrigin.OpenAdr,
        AnnouncedAt = Told,
        From = Start,
        Until = End,
        Revisions = [new EventRevision { Number = 0, ToldAt = Told, From = Start, Until = End, Changes = [EventChange.Announced] }],
        Sites = (sites.Length == 0 ? ["site-1"] : sites).Select(s => new EventSite { SiteId = s, Through = "ven-a", From = Start, Until = End, Revision = 0, ToldAt = Told, State = SiteEventState.Held }).ToValueList(),
    };

    private static Event Revised(Event e, long number, EventChange change) => e with
    {
        Revisions = [.. e.Revisions, new EventRevision { Number = number, ToldAt = Told + Duration.FromMinutes(e.Revisions.Count), From = Start, Until = End, Cancelled = change == EventChange.Cancelled, Changes = [change] }],
    };
}
