using GridServices.Operations.Enrollments;
using GridServices.Operations.Events;
using GridServices.Operations.Json;
using GridServices.Operations.Opt;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Tests.Events;

public sealed class EventMergerTests
{
    private static readonly Instant Told = Instant.FromUtc(2027, 7, 1, 8, 0);
    private static readonly Instant Start = Instant.FromUtc(2027, 7, 1, 16, 0);
    private static readonly Instant End = Instant.FromUtc(2027, 7, 1, 20, 0);

    [Fact]
    public void The_same_event_at_two_VENs_is_one_event_with_two_sites()
    {
        var events = Apply([], Ven("ven-a", Fact(site: "site-1")));
        events = Apply(events, Ven("ven-b", Fact(site: "site-2") with { ReceivedAt = Told - Duration.FromMinutes(1) }));
        var e = Assert.Single(events);
        Assert.Equal(("openadr:pge/e17", Told - Duration.FromMinutes(1)), (e.Source, e.AnnouncedAt));
        Assert.Equal(["site-1", "site-2"], e.Sites.Select(s => s.SiteId));
        Assert.Equal([EventChange.Announced], Assert.Single(e.Revisions).Changes);
    }

    [Fact]
    public void The_same_id_of_two_utilities_is_two_events() =>
        Assert.Equal(2, Apply(Apply([], Ven("ven-a", Fact())), SourceSnapshot.FromVen("ven-c", "sce", [Fact() with { VenKey = "ven-c", Utility = "sce", Sites = ["site-3"] }])).Count);

    [Fact]
    public void A_snapshot_that_is_applied_again_changes_nothing()
    {
        var snapshot = Ven("ven-a", Fact(), Fact("e18", site: "site-1") with { Status = VenEventStatus.Refused, RefusedBecause = "no program" });
        var events = EventMerger.Apply("t1", [], snapshot, Enrollments, Told);
        Assert.Equal(2, events.Count);
        Assert.Empty(EventMerger.Apply("t1", events, snapshot, Enrollments, Told + Duration.FromMinutes(1)));
    }

    [Fact]
    public void Offsets_drawn_by_VENs_are_the_sites_own_and_not_another_event()
    {
        var events = Apply([], Ven("ven-a", Fact(drawnS: 30)));
        events = Apply(events, Ven("ven-b", Fact(site: "site-2", drawnS: 250)));
        var e = Assert.Single(events);
        Assert.Single(e.Revisions);
        Assert.Equal((Start, End), (e.From, e.Until!.Value));
        Assert.Equal([30, 250], e.Sites.Select(s => (int)(s.From - Start).TotalSeconds));
    }

    [Fact]
    public void Two_changes_are_two_revisions_each_with_what_it_changed()
    {
        var events = Apply([], Ven("ven-a", Fact()));
        events = Apply(events, Ven("ven-a", Fact(modification: 1) with { End = End + Duration.FromHours(1), Sha256 = "m1" }));
        events = Apply(events, Ven("ven-a", Fact(modification: 2) with { End = End + Duration.FromHours(1), Signals = [Level(2)], Sha256 = "m2" }));
        var e = Assert.Single(events);
        Assert.Equal(["Announced", "EndMoved", "SignalChanged"], e.Revisions.SelectMany(r => r.Changes).Select(c => c.ToString()));
        Assert.Equal([0L, 1, 2], e.Revisions.Select(r => r.Number));
        Assert.Equal(End + Duration.FromHours(1), e.Until);
        Assert.Equal(["m2"], e.Current.Messages);
    }

    [Fact]
    public void A_change_that_two_VENs_tell_is_one_revision_and_a_slow_one_does_not_turn_it_back()
    {
        var events = Apply([], Ven("ven-a", Fact()));
        events = Apply(events, Ven("ven-a", Fact(modification: 1) with { Start = Start + Duration.FromHours(1), Sha256 = "a" }));
        events = Apply(events, Ven("ven-b", Fact(site: "site-2") with { Sha256 = "old" }));
        Assert.Equal(Start + Duration.FromHours(1), Assert.Single(events).From);
        events = Apply(events, Ven("ven-b", Fact(site: "site-2", modification: 1) with { Start = Start + Duration.FromHours(1), Sha256 = "b" }));
        var e = Assert.Single(events);
        Assert.Equal([0L, 1], e.Revisions.Select(r => r.Number));
        Assert.Equal(["a", "b"], e.Current.Messages);
        Assert.All(e.Sites, s => Assert.Equal(1, s.Revision));
    }

    [Fact]
    public void An_event_that_only_moved_has_no_other_signal()
    {
        var moved = Duration.FromHours(1);
        var events = Apply([], Ven("ven-a", Fact() with { Signals = [Level(1, Start, End)] }));
        events = Apply(events, Ven("ven-a", Fact(modification: 1) with { Start = Start + moved, End = End + moved, Signals = [Level(1, Start + moved, End + moved)] }));
        Assert.Equal([EventChange.StartMoved, EventChange.EndMoved], Assert.Single(events).Current.Changes);
    }

    [Fact]
    public void An_event_that_is_listed_no_more_before_its_end_is_cancelled_once_no_site_holds_it()
    {
        var events = Apply(Apply([], Ven("ven-a", Fact())), Ven("ven-b", Fact(site: "site-2")));
        events = Apply(events, Ven("ven-a"), Told + Duration.FromHours(1));
        var half = Assert.Single(events);
        Assert.Null(half.CancelledAt);
        Assert.Equal([SiteEventState.Gone, SiteEventState.Held], half.Sites.Select(s => s.State));
        var e = Assert.Single(Apply(events, Ven("ven-b"), Told + Duration.FromHours(2)));
        Assert.Equal(Told + Duration.FromHours(2), e.CancelledAt);
        Assert.Equal([EventChange.Cancelled], e.Current.Changes);
        Assert.Equal((EventPhase.Cancelled, EventPhase.Cancelled), (e.PhaseAt(Told + Duration.FromHours(3)), e.PhaseAt(End)));
    }

    [Fact]
    public void One_that_comes_back_is_called_again()
    {
        var events = Apply(Apply([], Ven("ven-a", Fact())), Ven("ven-a"), Told + Duration.FromHours(1));
        var e = Assert.Single(Apply(events, Ven("ven-a", Fact()), Told + Duration.FromHours(2)));
        Assert.Null(e.CancelledAt);
        Assert.Equal([EventChange.Announced, EventChange.Cancelled, EventChange.Reinstated], e.Revisions.SelectMany(r => r.Changes));
    }

    [Fact]
    public void One_that_has_ended_and_is_listed_no_more_was_not_cancelled()
    {
        var events = Apply([], Ven("ven-a", Fact()));
        Assert.Empty(EventMerger.Apply("t1", events, Ven("ven-a"), Enrollments, End));
        Assert.Equal(EventPhase.Ended, events[0].PhaseAt(End));
    }

    [Fact]
    public void One_cut_short_has_ended_when_it_was_cancelled()
    {
        var at = Start + Duration.FromHours(1);
        var e = Assert.Single(Apply(Apply([], Ven("ven-a", Fact())), Ven("ven-a"), at));
        Assert.Equal((EventPhase.Ended, at), (e.PhaseAt(at), e.Over!.Value));
    }

    [Fact]
    public void Phases_follow_the_clock_and_an_open_end_stays_live()
    {
        var e = Apply([], Ven("ven-a", Fact()))[0];
        Assert.Equal([EventPhase.Next, EventPhase.Live, EventPhase.Ended], new[] { Start - Duration.Epsilon, Start, End }.Select(e.PhaseAt));
        var open = Apply([], Ven("ven-a", Fact() with { End = null }))[0];
        Assert.Equal(EventPhase.Live, open.PhaseAt(End + Duration.FromDays(30)));
        Assert.Null(open.Over);
    }

    [Fact]
    public void Who_opted_and_why_is_kept_with_every_turn()
    {
        var events = Apply([], Ven("ven-a", Fact() with { OptedIn = true }));
        events = Apply(events, Ven("ven-a", Fact() with { OptedIn = false, OptByPerson = true, OptBy = "ann", OptReason = "mustRun: buses", OptAt = Told }));
        events = Apply(events, Ven("ven-a", Fact() with { OptedIn = true }));
        var site = events[0].Sites.Single();
        Assert.Equal([(OptState.In, OptSource.Rule, null), (OptState.Out, OptSource.User, "ann"), (OptState.In, OptSource.Rule, (string?)null)], site.OptHistory.Select(o => (o.State, o.By, o.Who)));
        Assert.Equal(OptSource.Rule, site.Opt.By);
    }

    [Fact]
    public void A_refused_event_is_there_and_takes_no_part()
    {
        var e = Apply([], Ven("ven-a", Fact() with { Status = VenEventStatus.Refused, Start = null, End = null, OptedIn = false, RefusedBecause = "462: no program" }))[0];
        Assert.Equal((SiteEventState.Refused, OptState.NotAsked, "462: no program"), (e.Sites[0].State, e.Sites[0].Opt.State, e.Sites[0].RefusedBecause));
        Assert.Null(e.CancelledAt);
        Assert.Equal(new EventCounts(0, 0, 0, 1, 0, 0), EventCounts.Count(e));
    }

    [Fact]
    public void A_choice_about_an_event_that_is_not_listed_makes_no_event() => Assert.Empty(Apply([], Ven("ven-a", Fact() with { Status = VenEventStatus.NotListed })));

    [Fact]
    public void Enrollments_give_program_and_nomination()
    {
        var e = Apply([], Ven("ven-a", Fact()))[0];
        Assert.Equal(("PGE-ELRP-A2", "01ENROLL", 60m), (e.TemplateCode, e.Sites[0].EnrollmentId, e.Sites[0].NominatedKw));
        Assert.Equal(60, EventCounts.Count(e).NominatedKw);
        Assert.Equal(0, EventCounts.Count(Apply([], Ven("ven-a", Fact() with { OptedIn = false }))[0]).NominatedKw);
    }

    [Fact]
    public void A_control_at_two_devices_is_one_event_and_a_changed_one_a_revision()
    {
        var events = Apply([], Client("c1", Control("site-1"), Control("site-2", offsetS: 20)));
        events = Apply(events, Client("c1", Control("site-1", watts: 20000), Control("site-2", offsetS: 20)));
        events = Apply(events, Client("c1", Control("site-1", watts: 20000), Control("site-2", watts: 20000, offsetS: 20)));
        var e = Assert.Single(events);
        Assert.Equal("2030.5:dnsp/AB01", e.Source);
        Assert.Equal([0L, 1], e.Revisions.Select(r => r.Number));
        Assert.All(e.Sites, s => Assert.Equal((1L, OptState.NotAsked), (s.Revision, s.Opt.State)));
    }

    [Fact]
    public void A_control_that_was_cancelled_or_superseded_says_so()
    {
        var events = Apply([], Client("c1", Control("site-1")));
        var cancelled = Apply(events, Client("c1", Control("site-1") with { Status = ControlState.Cancelled, End = Start + Duration.FromMinutes(5) }), Start + Duration.FromMinutes(5))[0];
        Assert.Equal((SiteEventState.Cancelled, Start + Duration.FromMinutes(5)), (cancelled.Sites[0].State, cancelled.CancelledAt!.Value));
        Assert.Equal(2, cancelled.Revisions.Count);
        var superseded = Apply(events, Client("c1", Control("site-1") with { Status = ControlState.Superseded }))[0];
        Assert.Equal((SiteEventState.Superseded, null), (superseded.Sites[0].State, superseded.CancelledAt));
    }

    [Fact]
    public void An_event_comes_back_from_JSON_as_it_was()
    {
        var e = Apply(Apply([], Ven("ven-a", Fact() with { OptedIn = true })), Ven("ven-a", Fact(modification: 1) with { End = null, Signals = [Level(2, Start)] }))[0];
        Assert.Equal(e, System.Text.Json.JsonSerializer.Deserialize<Event>(System.Text.Json.JsonSerializer.Serialize(e, OperationsJson.Options), OperationsJson.Options));
    }

    [Fact]
    public void Of_several_programs_of_a_VEN_an_event_is_for_the_one_of_its_market_context()
    {
        EventEnrollment a = Enrollments[0] with { MarketContext = "http://u.example/a" };
        var b = new EventEnrollment("site-1", "01OTHER", "PGE-CBP") { MarketContext = "HTTP://U.example/b" };
        var e = Assert.Single(EventMerger.Apply("t1", [], Ven("ven-a", Fact() with { MarketContext = "http://u.example/b" }), [a, b], Told));
        Assert.Equal(("01OTHER", "PGE-CBP", null), (e.Sites[0].EnrollmentId, e.TemplateCode, e.Sites[0].NominatedKw));

        // What was put to the other one before is put right, and a plan of that one leaves the event alone.
        var wrong = e with { TemplateCode = "PGE-ELRP-A2", Sites = [e.Sites[0] with { EnrollmentId = "01ENROLL", NominatedKw = 60 }] };
        Assert.Equal(e, Assert.Single(EventMerger.Apply("t1", [wrong], Ven("ven-a", Fact() with { MarketContext = "http://u.example/b" }), [a, b], Told)));
        var plan = new OptPlan
        {
            Id = "p",
            Tenant = "t1",
            Created = Sample.Stamp,
            Updated = Sample.Stamp,
            Version = 1,
            SiteId = "site-1",
            EnrollmentId = "01ENROLL",
            From = Start,
            Until = End,
            Direction = OptDirection.Out,
            Reason = default,
        };
        Assert.Null(OptPlans.For(new OptEvent(e.Source, Start, End), "t1", "site-1", e.Sites[0].EnrollmentId, [plan]));
        Assert.NotNull(OptPlans.For(new OptEvent(e.Source, Start, End), "t1", "site-1", e.Sites[0].EnrollmentId, [plan with { EnrollmentId = "01OTHER" }]));
    }

    [Fact]
    public void Where_several_could_be_meant_what_was_put_to_one_of_them_before_is_put_right()
    {
        EventEnrollment a = Enrollments[0] with { MarketContext = "http://u.example/a" };
        var b = new EventEnrollment("site-1", "01OTHER", "PGE-CBP") { MarketContext = "http://u.example/b" };
        var told = Ven("ven-a", Fact() with { MarketContext = "http://u.example/c" });
        var e = Assert.Single(EventMerger.Apply("t1", [], told, [a, b], Told));
        var wrong = e with { TemplateCode = "PGE-ELRP-A2", Sites = [e.Sites[0] with { EnrollmentId = "01ENROLL", NominatedKw = 60, FirmServiceLevelKw = 5 }] };
        Assert.Equal((null, null), (e.Sites[0].EnrollmentId, e.TemplateCode));
        Assert.Equal(e, Assert.Single(EventMerger.Apply("t1", [wrong], told, [a, b], Told)));
        Assert.Empty(EventMerger.Apply("t1", [wrong], told, [], Told));
    }

    [Fact]
    public void Without_its_market_context_an_event_is_for_the_program_without_one_or_the_only_one_and_else_for_none()
    {
        EventEnrollment a = new("site-1", "A", "X") { MarketContext = "http://u.example/a" }, b = new("site-1", "B", "Y") { MarketContext = "http://u.example/b" }, open = new("site-1", "C", "Z");
        Assert.Equal("C", EventEnrollment.For("http://u.example/z", [a, open])?.EnrollmentId);
        Assert.Equal("A", EventEnrollment.For("http://u.example/a", [open, a])?.EnrollmentId);
        Assert.Equal("A", EventEnrollment.For("http://u.example/z", [a])?.EnrollmentId);
        Assert.Equal("A", EventEnrollment.For("http://u.example/z", [a, b with { IsInForce = false }])?.EnrollmentId);
        Assert.Equal("B", EventEnrollment.For("http://u.example/b", [a, b with { IsInForce = false }])?.EnrollmentId);
        Assert.Equal("A", EventEnrollment.For(null, [a])?.EnrollmentId);
        Assert.Null(EventEnrollment.For("http://u.example/z", [a, b]));
        Assert.Null(EventEnrollment.For(null, [open, open with { EnrollmentId = "D" }]));
        Assert.Null(EventEnrollment.For(null, []));
    }

    [Fact]
    public void Each_event_has_the_nomination_of_its_own_local_month_and_none_where_there_is_none()
    {
        // 31 July 17:00 in California is 1 August in UTC.
        var july = Instant.FromUtc(2027, 8, 1, 0, 0);
        EventEnrollment cbp = new("site-1", "01ENROLL", "PGE-CBP")
        {
            Template = Sample.Template("PGE-CBP"),
            Nominations = [Nominated("2027-07", 70), Nominated("2027-08", 80), Nominated("2028-06", 280), Nominated("2027-09", 90) with { State = NominationState.Draft }],
        };
        VenEventFact At(string id, Instant from) => Fact(id) with { Start = from, End = from + Duration.FromHours(3), ReceivedAt = july - Duration.FromDays(1) };
        var events = EventMerger.Apply("t1", [], Ven("ven-a", At("e1", july), At("e2", july + Duration.FromDays(2)), At("e3", july + Duration.FromDays(40))), [cbp], july - Duration.FromDays(1));
        Assert.Equal([70m, 80m, null], events.Select(e => e.Sites[0].NominatedKw));
    }

    [Fact]
    public void A_nomination_of_a_season_holds_in_it_also_over_the_new_year_and_one_of_the_event_before_all()
    {
        var winter = Sample.Template("HQ-COMMITMENT");
        Nomination?[] found =
        [
            NominationCalendar.For(winter, [Nominated("2027", 1), Nominated("2028", 2)], "manual:e1", Instant.FromUtc(2028, 1, 10, 12, 0)),
            NominationCalendar.For(winter, [Nominated("2027", 1), Nominated("2028", 2)], "manual:e1", Instant.FromUtc(2028, 12, 10, 12, 0)),
            NominationCalendar.For(winter, [Nominated("2027", 1), Nominated("e1", 3)], "openadr:u/e1", Instant.FromUtc(2028, 1, 10, 12, 0)),
            NominationCalendar.For(winter, [Nominated("2027", 1)], "openadr:u/e1", Instant.FromUtc(2028, 7, 10, 12, 0)),
        ];
        Assert.Equal([1m, 2m, 3m, null], found.Select(n => n?.Kw));
    }

    private static readonly EventEnrollment[] Enrollments = [new("site-1", "01ENROLL", "PGE-ELRP-A2") { Template = Sample.Template("PGE-ELRP-A2"), Nominations = [Nominated("2027", 60)] }];

    private static Nomination Nominated(string period, decimal kw) => Sample.Nomination with { EnrollmentId = "01ENROLL", DeliveryPeriod = period, Kw = kw, State = NominationState.Accepted };

    /// <summary>All events after the snapshot, changed or not.</summary>
    private static List<Event> Apply(IReadOnlyList<Event> known, SourceSnapshot snapshot, Instant? now = null)
    {
        var changed = EventMerger.Apply("t1", known, snapshot, Enrollments, now ?? Told);
        return [.. known.Where(k => changed.All(c => c.Source != k.Source)), .. changed];
    }

    private static SourceSnapshot Ven(string key, params VenEventFact[] facts) => SourceSnapshot.FromVen(key, "pge", facts.Select(f => f with { VenKey = key }));

    private static SourceSnapshot Client(string key, params ControlFact[] facts) => SourceSnapshot.FromClient(key, "dnsp", facts);

    private static VenEventFact Fact(string id = "e17", string site = "site-1", long modification = 0, int drawnS = 0) => new()
    {
        VenKey = "ven-a",
        Utility = "pge",
        Sites = [site],
        EventId = id,
        ModificationNumber = modification,
        Status = VenEventStatus.Far,
        Start = Start + Duration.FromSeconds(drawnS),
        End = End + Duration.FromSeconds(drawnS),
        RandomizedByS = drawnS,
        ReceivedAt = Told,
        Sha256 = "m0",
        Signals = [Level(1)],
    };

    private static ControlFact Control(string site, int watts = 30000, int offsetS = 0) => new()
    {
        ClientKey = "c1",
        Utility = "dnsp",
        SiteId = site,
        MRid = "AB01",
        Program = "P1",
        Status = ControlState.Scheduled,
        Start = Start + Duration.FromSeconds(offsetS),
        End = End + Duration.FromSeconds(offsetS),
        StartOffsetS = offsetS,
        ReceivedAt = Told,
        Settings = [new EventSignal("impLimW", [new SignalValue(watts)], Unit: "W")],
    };

    private static EventSignal Level(decimal value, Instant? from = null, Instant? until = null) => new("SIMPLE", [new SignalValue(value, from, until)], "level");
}
