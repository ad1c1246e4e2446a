using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Events;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Events;

/// <summary>EiOpt: schedules, and the events that fall into them.</summary>
public class OptScheduleTests : EitherWay
{
    public OptScheduleTests()
        : this(VenTransport.Pull)
    {
    }

    protected OptScheduleTests(VenTransport transport)
        : base(transport)
    {
    }

    private static readonly OadrEvent Evening = Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1)));

    private static readonly VenConfig TwoSites = Configs.Ven with
    {
        SiteId = null,
        Sites =
        [
            new SiteConfig { SiteId = "site-1", Targets = new TargetNames { ResourceIds = ["r1"] } },
            new SiteConfig { SiteId = "site-2", Targets = new TargetNames { ResourceIds = ["r2"] } },
        ],
    };

    [Fact]
    public void A_schedule_is_told_with_start_and_duration_alone_and_cancelled_by_its_optID()
    {
        var ven = Registered().Takes(Wants("o1", Out(("19:00", 3), ("23:00", 1)) with { MarketContext = Configs.MarketContext }));
        ven.Sends<OadrCreateOpt>(out var told);
        Assert.Equal(("o1", Configs.MarketContext, (QualifiedEventId?)null), (told.OptId, told.MarketContext, told.QualifiedEventId));
        Assert.Equal([new CalendarInterval { Start = Vtn.Time("19:00"), Duration = Vtn.For("PT3H") }, new CalendarInterval { Start = Vtn.Time("23:00"), Duration = Vtn.For("PT1H") }], told.Availability!);
        Assert.Equal([Vtn.VenId], told.Target.VenIds);
        ven.Hears(Taken(told)).Takes(new VenInput.OptWithdrawn("o1", "maria"));
        Assert.Equal(OptStatus.Cancelling, GetStatus(ven, "o1"));
        ven.Sends<OadrCancelOpt>(out var cancel);
        Assert.Equal(("o1", Vtn.VenId), (cancel.OptId, cancel.VenId));
        ven.Hears(new OadrCanceledOpt(EiResponse.Ok(cancel.RequestId), "o1")).Sends<OadrPoll>();
        Assert.Empty(ven.State.Opts);
    }

    /// <summary>A part of a site's devices out of an event leaves the rest in it: no limit of the site goes.</summary>
    [Fact]
    public void A_schedule_for_a_class_of_devices_opts_the_site_out_of_nothing() =>
        Held(Out(("19:00", 3)) with { DeviceClasses = ["Thermostat"] }).Gets(Vtn.Distributes(Evening), "e1/0 200 OptIn").Publishes("site-1 PROG7: 20:00-21:00 import 60000");

    /// <summary>OpenADR 2.0b rules 202, 206: one program may serve many market contexts; the VTN was told of one.</summary>
    [Fact]
    public void A_schedule_for_one_market_context_is_none_for_another_of_the_same_program()
    {
        var config = Configs.With(p => p with { MarketContext = null, DefaultPolicy = true });
        OadrEvent WithContext(string context) => Evening with { Descriptor = Evening.Descriptor with { MarketContext = context } };
        Held(Out(("19:00", 3)) with { MarketContext = "http://dr/A" }, config).Gets(Vtn.Distributes(WithContext("http://dr/B")), "e1/0 200 OptIn").Publishes("site-1 PROG7: 20:00-21:00 import 60000");
        Held(Out(("19:00", 3)) with { MarketContext = "http://dr/A" }, config).Gets(Vtn.Distributes(WithContext("HTTP://DR/A")), "e1/0 200 OptOut").Publishes();
    }

    [Fact]
    public void A_schedule_for_other_devices_replaces_none()
    {
        var ven = Registered().Takes(Wants("o1", Out(("19:00", 3)) with { DeviceClasses = ["Thermostat"] })).Sends<OadrCreateOpt>(out var first).Hears(Taken(first));
        ven.Takes(Wants("o2", Out(("20:00", 3)) with { DeviceClasses = ["Electric_Vehicle"] })).Sends<OadrCreateOpt>(out var second).Hears(Taken(second));
        Assert.Equal((OptStatus.Held, OptStatus.Held), (GetStatus(ven, "o1"), GetStatus(ven, "o2")));
    }

    [Theory]
    [InlineData("", "/deviceClasses/0", "Electric_Vehicle")]
    [InlineData("a\nb", "/deviceClasses/0", "Electric_Vehicle")]
    [InlineData("EVSE,EVSE", "/deviceClasses/1", "twice")]
    public void A_class_of_devices_is_a_name_and_stands_once(string classes, string pointer, string words)
    {
        var ven = Registered();
        var request = Out(("19:00", 3)) with { DeviceClasses = [.. classes.Split(',')] };
        Assert.Contains(OptRules.Check(ven.Config, ven.State, request, ven.Now), f => f.Pointer == pointer && f.Detail.Contains(words, StringComparison.Ordinal));
    }

    [Fact]
    public void A_cancellation_is_done_where_the_VTN_never_knew_the_opt_and_is_parked_where_it_refuses()
    {
        var ven = Held().Takes(new VenInput.OptWithdrawn("o1")).Sends<OadrCancelOpt>();
        Assert.Empty(ven.Hears(new OadrCanceledOpt(new EiResponse(452, "unknown", string.Empty), "o1")).State.Opts);

        ven = Held().Takes(new VenInput.OptWithdrawn("o1")).Sends<OadrCancelOpt>();
        ven.Hears(new OadrCanceledOpt(new EiResponse(469, "no", string.Empty), "o1")).Sends<OadrPoll>();
        Assert.Equal("code 469 (no)", Assert.Single(ven.State.Opts).FindPending(ven.State)!.Problem);
        Assert.Equal(OptStatus.Cancelling, GetStatus(ven, "o1"));
    }

    [Fact]
    public void An_event_wholly_within_a_scheduled_opt_out_is_opted_out_of_with_its_reason_and_one_partly_within_is_the_policys()
    {
        var ven = Held().Gets(Vtn.Distributes(Evening), "e1/0 200 OptOut").Publishes();
        Assert.Equal("mustRun", Assert.Single(ven.State.Events).ScheduledReason);
        Assert.False(ven.State.Events[0].OptByPerson);

        var partly = Vtn.Event("e2", "21:30", "PT1H", Vtn.Simple(("PT1H", 1)));
        Held().Gets(Vtn.Distributes(partly), "e2/0 200 OptIn").Publishes("site-1 PROG7: 21:30-22:30 import 60000");
        Assert.True(Noted(Held().Gets(Vtn.Distributes(partly)), "a part of the event only"));
        Assert.False(Noted(Held().Gets(Vtn.Distributes(Vtn.Event("e3", "22:00", "PT1H", Vtn.Simple(("PT1H", 1))))), "a part of the event only"));
        Held().Gets(Vtn.Distributes(Evening.StartAfter("PT2H")), "e1/0 200 OptIn");
        Held().Gets(Vtn.Distributes(Evening.StartAfter("PT1H")), "e1/0 200 OptOut");
    }

    [Fact]
    public void Periods_that_meet_are_one_and_zero_is_without_end()
    {
        Held(Out(("19:00", 1), ("20:00", 1))).Gets(Vtn.Distributes(Vtn.Event("e1", "19:30", "PT1H", Vtn.Simple(("PT1H", 1)))), "e1/0 200 OptOut");
        Held(Out(("19:00", 0))).Gets(Vtn.Distributes(Vtn.Event("e1", "19:30", "PT0S", Vtn.Simple(("PT0S", 1)))), "e1/0 200 OptOut");
        Held().Gets(Vtn.Distributes(Vtn.Event("e1", "19:30", "PT0S", Vtn.Simple(("PT0S", 1)))), "e1/0 200 OptIn");
    }

    [Fact]
    public void An_event_held_already_follows_a_schedule_and_its_cancellation_and_the_VTN_is_told()
    {
        var ven = Registered().Gets(Vtn.Distributes(Evening), "e1/0 200 OptIn");
        ven.Takes(Wants("o1", Out(("19:00", 3)))).Publishes("site-1 PROG7: nothing").Answers("e1/0 200 OptOut").Sends<OadrCreateOpt>(out var told).Hears(Taken(told));
        ven.Takes(new VenInput.OptWithdrawn("o1")).Publishes("site-1 PROG7: 20:00-21:00 import 60000").Answers("e1/0 200 OptIn").Sends<OadrCancelOpt>();
    }

    [Fact]
    public void A_persons_choice_about_the_event_goes_before_any_schedule()
    {
        var ven = Held().Gets(Vtn.Distributes(Evening), "e1/0 200 OptOut");
        ven.Takes(new VenInput.OptChosen("e1", OptType.OptIn)).Publishes("site-1 PROG7: 20:00-21:00 import 60000").Answers("e1/0 200 OptIn");
        ven.Takes(new VenInput.OptWithdrawn("o1")).Publishes();
    }

    [Fact]
    public void A_schedule_of_one_resource_takes_the_limit_from_its_site_only()
    {
        var ven = Held(Out(("19:00", 3)) with { ResourceIds = ["r1"] }, TwoSites);
        ven.Gets(Vtn.Distributes(Evening), "e1/0 200 OptIn").Publishes("site-2 PROG7: 20:00-21:00 import 60000");
        ven.Takes(Wants("o2", Out(("19:00", 3)) with { ResourceIds = ["r2"] })).Publishes("site-2 PROG7: nothing").Answers("e1/0 200 OptOut");
    }

    [Fact]
    public void A_schedule_of_another_program_or_an_opt_in_opts_out_of_nothing()
    {
        var two = Configs.Ven with { Programs = [Configs.Program, Configs.Program with { MarketContext = "http://mc.example/other", Stream = "OTHER" }] };
        Held(Out(("19:00", 3)) with { MarketContext = "http://mc.example/other" }, two).Gets(Vtn.Distributes(Evening), "e1/0 200 OptIn");
        Held(Out(("19:00", 3)) with { OptType = OptType.OptIn }).Gets(Vtn.Distributes(Evening), "e1/0 200 OptIn");
    }

    [Fact]
    public void A_later_schedule_for_the_same_targets_replaces_the_earlier_one_once_the_VTN_took_it()
    {
        var ven = Held().Takes(Wants("o2", Out(("22:00", 1))));
        Assert.Equal("o2", ven.State.Opts[0].ReplacedBy);
        ven.Sends<OadrCreateOpt>(out var later).Hears(Taken(later));
        Assert.Equal("o2", Assert.Single(ven.State.Opts).OptId);

        ven.Takes(Wants("o3", Out(("22:00", 1)) with { OptType = OptType.OptIn }));
        Assert.Equal(2, ven.State.Opts.Count);
        Assert.Null(ven.State.Opts[0].ReplacedBy);
    }

    [Fact]
    public void A_schedule_that_the_VTN_refuses_replaces_nothing()
    {
        var ven = Held().Takes(Wants("o2", Out(("22:00", 1)))).Sends<OadrCreateOpt>();
        ven.Hears(new OadrCreatedOpt(new EiResponse(454, "no", string.Empty), "o2"));
        Assert.Equal((OptStatus.Held, OptStatus.Refused), (GetStatus(ven, "o1"), GetStatus(ven, "o2")));
        Assert.Null(ven.State.Opts[0].ReplacedBy);
    }

    [Fact]
    public void Of_several_schedules_for_the_same_targets_the_last_one_that_the_VTN_takes_is_left()
    {
        var ven = Held().Takes(Wants("o2", Out(("22:00", 1)))).Takes(Wants("o3", Out(("23:00", 1)))).Sends<OadrCreateOpt>(out var last);
        Assert.Equal("o3", last.OptId);
        ven.Hears(new OadrCreatedOpt(new EiResponse(454, "no", string.Empty), "o3"));
        Assert.Equal(["o2", null, null], ven.State.Opts.Select(o => o.ReplacedBy));
        ven.Sends<OadrCreateOpt>(out var second).Hears(Taken(second));
        Assert.Equal(["o2", "o3"], ven.State.Opts.Select(o => o.OptId));
        ven.Takes(Wants("o4", Out(("21:00", 1)))).Sends<OadrCreateOpt>(out var fourth).Hears(Taken(fourth));
        Assert.Equal("o4", Assert.Single(ven.State.Opts).OptId);
    }

    [Fact]
    public void A_schedule_waits_for_the_registration_and_is_told_again_in_each_new_one()
    {
        var ven = Unregistered().Takes(Wants("o1", Out(("19:00", 3))));
        ven.Sends<OadrQueryRegistration>(out var query).Hears(Vtn.Offers(query.RequestId));
        RegisterAnew(ven, "reg-1");
        ven.Sends<OadrCreateOpt>(out var told).Hears(Taken(told));
        ven.State = ven.State with { Link = ven.State.Link with { PollAt = null } };
        ven.IsForgotten();
        RegisterAnew(ven, "reg-1");
        ven.Sends<OadrCreateOpt>(out var again).Hears(Taken(again));
        Assert.Equal(OptStatus.Held, GetStatus(ven, "o1"));
    }

    [Fact]
    public void A_cancellation_outlives_the_registration_too()
    {
        var ven = Held().Takes(new VenInput.OptWithdrawn("o1")).Sends<OadrCancelOpt>().Hears(Vtn.Refuses(463));
        RegisterAnew(ven, "reg-2");
        ven.Sends<OadrCancelOpt>();
    }

    [Fact]
    public void One_cancelled_while_nothing_is_registered_or_after_a_refusal_is_gone_at_once()
    {
        var ven = Unregistered().Takes(Wants("o1", Out(("19:00", 3)))).Takes(new VenInput.OptWithdrawn("o1"));
        Assert.Empty(ven.State.Opts);
    }

    [Fact]
    public void A_schedule_is_forgotten_a_week_after_its_last_period()
    {
        var ven = Held();
        Assert.Single(ven.At("2027-01-22T21:59:59Z").Takes(new VenInput.Tick()).State.Opts);
        Assert.Empty(ven.At("2027-01-22T22:00:00Z").Takes(new VenInput.Tick()).State.Opts);
    }

    [Fact]
    public void A_parked_opt_keeps_no_other_from_being_told()
    {
        var ven = Registered(TwoSites).Takes(Wants("o1", Out(("19:00", 3)) with { ResourceIds = ["r1"] }));
        ven.Sends<OadrCreateOpt>().Fails(TransportFailure.HttpStatus, 406);
        ven.Takes(Wants("o2", Out(("19:00", 3)) with { ResourceIds = ["r2"] })).Sends<OadrCreateOpt>(out var other).Hears(Taken(other));
        Assert.NotNull(ven.State.Opts[0].FindPending(ven.State)!.ParkedAt);
        Assert.Equal((OptStatus.Waiting, OptStatus.Held), (GetStatus(ven, "o1"), GetStatus(ven, "o2")));
    }

    [Fact]
    public void A_state_stored_before_there_were_opts_is_read()
    {
        var state = Registered().State;
        var json = System.Text.Encoding.UTF8.GetString(VenStateJson.Write(state));
        var older = json.Replace("\"opts\":[],", string.Empty, StringComparison.Ordinal);
        Assert.NotEqual(json, older);
        Assert.Equal(state, VenStateJson.Read(System.Text.Encoding.UTF8.GetBytes(older)));
    }

    [Theory]
    [InlineData("/periods", "are missing")]
    [InlineData("/periods/0/start", "over already", "17:00", 3600)]
    [InlineData("/periods/0/duration", "not negative", "19:00", -1)]
    [InlineData("/periods/0/start", "a hundred years", "2138-01-15T00:00:00Z", 3600)]
    public void A_wrong_schedule_is_refused_with_its_place(string pointer, string words, string? start = null, int seconds = 0)
    {
        var ven = Registered();
        var request = Out() with { Periods = start is null ? [] : [new OptPeriod(Vtn.Time(start), Duration.FromSeconds(seconds))] };
        Assert.Contains(OptRules.Check(ven.Config, ven.State, request, ven.Now), f => f.Pointer == pointer && f.Detail.Contains(words, StringComparison.Ordinal));
    }

    [Fact]
    public void A_schedule_of_no_program_of_the_ven_or_with_a_modification_is_refused()
    {
        var ven = Registered();
        var request = Out(("19:00", 1)) with { MarketContext = "http://mc.example/dr2", ModificationNumber = 1 };
        Assert.Equal(["/modificationNumber", "/marketContext"], OptRules.Check(ven.Config, ven.State, request, ven.Now).Select(f => f.Pointer));
    }

    private VenScript Held(OptRequest? request = null, VenConfig? config = null)
    {
        var ven = Registered(config).Takes(Wants("o1", request ?? Out(("19:00", 3))));
        return ven.Sends<OadrCreateOpt>(out var told).Hears(Taken(told));
    }

    private static OptRequest Out(params (string Start, int Hours)[] periods) => new()
    {
        OptType = OptType.OptOut,
        OptReason = OptReasons.MustRun,
        Periods = [.. periods.Select(p => new OptPeriod(Vtn.Time(p.Start), Duration.FromHours(p.Hours)))],
    };

    private static VenInput.OptWanted Wants(string optId, OptRequest request) => new(optId, request, By: "maria");

    private static OadrCreatedOpt Taken(OadrCreateOpt told) => new(EiResponse.Ok(told.RequestId), told.OptId);

    private static OptStatus GetStatus(VenScript ven, string optId) => ven.State.Opts.Single(o => o.OptId == optId).StatusIn(ven.State);

    private static bool Noted(VenScript ven, string words) => ven.Notes.Exists(n => n.Text.Contains(words, StringComparison.Ordinal));

    private static void RegisterAnew(VenScript ven, string registrationId)
    {
        ven.Sends<OadrCreatePartyRegistration>(out var create).Hears(Vtn.Registers(create.RequestId, registrationId: registrationId));
        ven.Sends<OadrRegisterReport>(out var metadata).Hears(new OadrRegisteredReport(EiResponse.Ok(metadata.RequestId), [], Vtn.VenId));
        ven.Sends<OadrRequestEvent>().Hears(Vtn.Distributes());
    }
}

/// <summary>The same, pushed.</summary>
public sealed class PushedOptScheduleTests() : OptScheduleTests(VenTransport.Push);
