using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Events;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Events;

/// <summary>EiOpt: oadrCreateOpt about one event. Every step of a script is also taken from the stored state.</summary>
public class CreateOptTests : EitherWay
{
    public CreateOptTests()
        : this(VenTransport.Pull)
    {
    }

    protected CreateOptTests(VenTransport transport)
        : base(transport)
    {
    }

    private static readonly OadrEvent Evening = Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1)));

    private static readonly VenConfig TwoSites = Configs.Ven with
    {
        SiteId = null,
        Sites = [Site("site-1", "r1"), Site("site-2", "r2")],
    };

    [Fact]
    public void One_resource_of_an_event_is_opted_out_of_and_only_its_site_loses_the_limit()
    {
        var ven = Received().Takes(Wants("o1", "r1")).Publishes("site-1 PROG7: nothing");
        ven.Sends<OadrCreateOpt>(out var told);
        Assert.Equal(("o1", OptType.OptOut, "economic", Vtn.VenId), (told.OptId, told.OptType, told.OptReason, told.VenId));
        Assert.Equal(new QualifiedEventId("e1", 0), told.QualifiedEventId);
        Assert.Equal(["r1"], told.Target.ResourceIds);
        Assert.Null(told.Availability);
        Assert.Null(told.MarketContext);
        Assert.Equal(OptStatus.Waiting, GetStatus(ven, "o1"));
        ven.Hears(Taken(told)).Publishes().Sends<OadrPoll>();
        Assert.Equal(OptStatus.Held, GetStatus(ven, "o1"));
        ven.Gets(Vtn.Distributes(Evening), "e1/0 200 OptIn").Publishes();
    }

    [Fact]
    public void After_oadrCreateOpt_no_oadrCreatedEvent_says_otherwise_and_a_later_choice_goes_by_oadrCreateOpt()
    {
        var ven = Registered().Gets(Vtn.Distributes(Evening));
        ven.Takes(Wants("o1")).Publishes("site-1 PROG7: nothing").Answers("e1/0 200 OptOut");
        ven.Sends<OadrCreateOpt>(out var told).Hears(Taken(told)).Gets(Vtn.Distributes(Evening), "e1/0 200 OptOut");

        ven.Takes(new VenInput.OptChosen("e1", OptType.OptIn, "back again", "maria")).Publishes("site-1 PROG7: 20:00-21:00 import 60000");
        ven.Sends<OadrCreateOpt>(out var changed);
        Assert.Equal((OptType.OptIn, "participating"), (changed.OptType, changed.OptReason));
        Assert.NotEqual("o1", changed.OptId);
        ven.Hears(Taken(changed));
        Assert.Equal(changed.OptId, Assert.Single(ven.State.Opts).OptId);
        ven.Gets(Vtn.Distributes(Evening), "e1/0 200 OptIn");
        ven.Takes(new VenInput.OptChosen("e1", OptType.OptIn, "back again", "maria")).Sends<OadrPoll>();
    }

    [Fact]
    public void What_is_chosen_about_the_event_holds_for_its_resources_too()
    {
        var ven = Told(Received().Takes(Wants("o1", "r1")));
        Told(ven.Takes(new VenInput.OptChosen("e1", OptType.OptIn)).Publishes("site-1 PROG7: 20:00-21:00 import 60000"));
        Assert.NotEqual("o1", Assert.Single(ven.State.Opts).OptId);
    }

    [Fact]
    public void A_resource_is_opted_in_to_an_event_that_the_ven_opts_out_of()
    {
        var manual = TwoSites with { Programs = [Configs.Program with { OptPolicy = OptPolicy.Manual }] };
        Registered(manual).Gets(Vtn.Distributes(Evening), "e1/0 200 OptOut")
            .Takes(Wants("o1", OptType.OptIn, "r2")).Publishes("site-2 PROG7: 20:00-21:00 import 60000");
    }

    [Theory]
    [InlineData(454)]
    [InlineData(452)]
    public void A_refused_opt_is_parked_with_the_VTNs_words_and_can_be_sent_again_or_deleted(int code)
    {
        var ven = Received().Takes(Wants("o1", "r1")).Sends<OadrCreateOpt>();
        ven.Hears(new OadrCreatedOpt(new EiResponse(code, "too late", string.Empty), "o1")).Sends<OadrPoll>();
        Assert.Equal((OptStatus.Refused, $"{code} (too late)"), (GetStatus(ven, "o1"), ven.State.Opts[0].Refusal));
        Assert.True(ven.Noted(NoteKind.MessageGivenUp, NoteLevel.Alarm));
        ven.Takes(new VenInput.Tick()).Person(VenAction.Resend);
        Assert.Equal(OptStatus.Waiting, GetStatus(ven, "o1"));
        ven.Sends<OadrCreateOpt>().Hears(new OadrCreatedOpt(new EiResponse(code, "too late", string.Empty), "o1"));
        ven.Takes(new VenInput.OptWithdrawn("o1")).Publishes("site-1 PROG7: 20:00-21:00 import 60000").Sends<OadrPoll>();
        Assert.Empty(ven.State.Opts);
    }

    [Fact]
    public void An_opt_about_an_event_is_never_cancelled()
    {
        var ven = Told(Received().Takes(Wants("o1", "r1")));
        ven.Takes(new VenInput.OptWithdrawn("o1")).Publishes().Sends<OadrPoll>();
        Assert.True(ven.Noted(NoteKind.OptRefused, NoteLevel.Warning));
    }

    [Fact]
    public void Opts_are_told_again_in_a_new_registration_once_their_event_is_listed()
    {
        var ven = Told(Received().Takes(Wants("o1", "r1"))).IsForgotten();
        ven.Sends<OadrCreatePartyRegistration>(out var create).Hears(Vtn.Registers(create.RequestId, registrationId: "reg-2", venId: "ven-2"));
        ven.Sends<OadrRegisterReport>(out var metadata).Hears(new OadrRegisteredReport(EiResponse.Ok(metadata.RequestId), [], "ven-2"));
        Assert.Equal(OptStatus.Waiting, GetStatus(ven, "o1"));
        ven.Sends<OadrRequestEvent>().Hears(Vtn.Distributes(Evening.Targeting(EiTarget.Everybody)));
        ven.Answers("e1/0 200 OptIn").Sends<OadrCreateOpt>(out var again);
        Assert.Equal(("o1", "ven-2", 0u), (again.OptId, again.VenId, again.QualifiedEventId!.ModificationNumber));
        ven.Hears(Taken(again));
        Assert.Equal(OptStatus.Held, GetStatus(ven, "o1"));
        Assert.Empty(ven.Hub[("site-1", "PROG7")].Segments);
        Assert.Single(ven.Hub[("site-2", "PROG7")].Segments);
    }

    [Fact]
    public void Opts_outlive_a_cancelled_registration_and_an_event_that_is_not_listed_for_a_while()
    {
        var ven = Told(Received().Takes(Wants("o1", "r1"))).Polls(new OadrCancelPartyRegistration("c-1", "reg-1", Vtn.VenId));
        ven.Sends<OadrCanceledPartyRegistration>().Hears(Vtn.Nothing);
        ven.At("18:06").Sends<OadrQueryRegistration>(out var query).Hears(Vtn.Offers(query.RequestId));
        ven.Sends<OadrCreatePartyRegistration>(out var create).Hears(Vtn.Registers(create.RequestId, registrationId: "reg-2"));
        ven.Sends<OadrRegisterReport>(out var metadata).Hears(new OadrRegisteredReport(EiResponse.Ok(metadata.RequestId), [], Vtn.VenId));
        ven.Sends<OadrRequestEvent>().Hears(Vtn.Distributes());
        ven.Gets(Vtn.Distributes(Evening), "e1/0 200 OptIn").Publishes("site-2 PROG7: 20:00-21:00 import 60000").Sends<OadrCreateOpt>();
    }

    [Fact]
    public void A_modification_is_told_the_opt_anew_and_another_event_of_that_name_is_not()
    {
        var ven = Told(Received().Takes(Wants("o1", "r1"))).Gets(Vtn.Distributes(Evening.Modified(1)), "e1/1 200 OptIn").Publishes("site-2 PROG7: 20:00-21:00 import 60000");
        ven.Sends<OadrCreateOpt>(out var again);
        Assert.Equal(1u, again.QualifiedEventId!.ModificationNumber);
        ven.Hears(Taken(again)).Gets(Vtn.Distributes());
        ven.Gets(Vtn.Distributes(Vtn.Event("e1", "22:00", "PT1H", Vtn.Simple(("PT1H", 3)))), "e1/0 200 OptIn");
        Assert.Empty(ven.State.Opts);
        Assert.True(ven.Noted(NoteKind.EventOptDropped, NoteLevel.Alarm));
    }

    [Fact]
    public void An_opt_is_forgotten_a_week_after_its_event_and_when_the_ven_is_deleted()
    {
        var ven = Told(Received().Takes(Wants("o1", "r1")));
        Assert.Single(ven.At("2027-01-22T20:59:59Z").Takes(new VenInput.Tick()).State.Opts);
        Assert.Empty(ven.At("2027-01-22T21:00:00Z").Takes(new VenInput.Tick()).State.Opts);
        Assert.Empty(Received().Takes(Wants("o1", "r1")).Takes(new VenInput.Removed()).State.Opts);
    }

    [Fact]
    public void A_reply_without_content_or_about_another_opt_is_no_answer()
    {
        var ven = Received().Takes(Wants("o1", "r1")).Empty(200);
        Assert.Equal(OptStatus.Waiting, GetStatus(ven, "o1"));
        ven.After(Duration.FromMinutes(1)).PollsInVain().Sends<OadrCreateOpt>().Hears(new OadrCreatedOpt(EiResponse.Ok(string.Empty), "o2"));
        ven.After(Duration.FromMinutes(1)).PollsInVain().Sends<OadrCreateOpt>().Hears(Vtn.Nothing);
        ven.After(Duration.FromMinutes(1)).PollsInVain();
        Told(ven);
        Assert.Equal(OptStatus.Held, GetStatus(ven, "o1"));
    }

    [Fact]
    public void Of_several_choices_before_the_VTN_hears_the_last_one_is_told()
    {
        var ven = Received().Takes(Wants("o1", "r1")).Takes(Wants("o2", OptType.OptIn, "r1")).Publishes("site-1 PROG7: 20:00-21:00 import 60000");
        ven.Sends<OadrCreateOpt>(out var told).Hears(Taken(told)).Sends<OadrPoll>();
        Assert.Equal(("o2", "o2"), (told.OptId, Assert.Single(ven.State.Opts).OptId));
    }

    [Fact]
    public void The_same_opt_wanted_twice_is_one() =>
        Assert.Single(Received().Takes(Wants("o1", "r1")).Takes(Wants("o1", "r1")).State.Opts);

    [Fact]
    public void Wrong_wishes_are_refused_each_with_its_place()
    {
        Refused(new OptRequest { OptType = OptType.OptOut, OptReason = "tired", EventId = "e1" }, "/optReason", "overrideStatus");
        Refused(CreateRequest("e1", "r9"), "/resourceIds/0", "did you mean r1");
        Refused(CreateRequest("e1", "r1", "r1"), "/resourceIds/1", "twice");
        Refused(CreateRequest("e9"), "/eventId", "no such event");
        Refused(CreateRequest("e1") with { ModificationNumber = 4 }, "/modificationNumber", "modification 0");
        Refused(CreateRequest("e1") with { MarketContext = Configs.MarketContext }, "/marketContext", "none");
        Refused(CreateRequest("e1") with { Periods = [new(Vtn.Time("20:00"), Duration.FromHours(1))] }, "/periods", "none");
        Refused(CreateRequest("e1"), "/eventId", "no answer", Evening.NoResponse());
        Refused(CreateRequest("e1", "r1"), "/resourceIds/0", "not for this resource", Evening.Targeting(new EiTarget { ResourceIds = ["r2"] }));
    }

    [Fact]
    public void A_person_who_chooses_about_a_qualified_event_that_wants_no_answer_any_more_is_obeyed_here()
    {
        var ven = Told(Received().Takes(Wants("o1", "r1"))).Gets(Vtn.Distributes(Evening.NoResponse()));
        ven.Takes(new VenInput.OptChosen("e1", OptType.OptIn)).Publishes("site-1 PROG7: 20:00-21:00 import 60000").Sends<OadrPoll>();
    }

    private void Refused(OptRequest request, string pointer, string words, OadrEvent? received = null)
    {
        var ven = Registered(TwoSites).Gets(Vtn.Distributes(received ?? Evening));
        var before = ven.State;
        Assert.Contains(OptRules.Check(ven.Config, before, request, ven.Now), f => f.Pointer == pointer && f.Detail.Contains(words, StringComparison.Ordinal));
        ven.Takes(new VenInput.OptWanted("o1", request));
        Assert.Same(before, ven.State);
        Assert.True(ven.Noted(NoteKind.OptRefused, NoteLevel.Warning));
    }

    private static OptRequest CreateRequest(string eventId, params string[] resources) =>
        new() { OptType = OptType.OptOut, OptReason = OptReasons.Economic, EventId = eventId, ResourceIds = [.. resources] };

    private static VenInput.OptWanted Wants(string optId, params string[] resources) => new(optId, CreateRequest("e1", resources), "works", "maria");

    private static VenInput.OptWanted Wants(string optId, OptType type, string resource) => new(optId, CreateRequest("e1", resource) with { OptType = type });

    private VenScript Received() => Registered(TwoSites).Gets(Vtn.Distributes(Evening), "e1/0 200 OptIn");

    private static VenScript Told(VenScript ven)
    {
        ven.Sends<OadrCreateOpt>(out var told).Hears(Taken(told));
        Assert.Empty(ven.Published);
        return ven;
    }

    private static OadrCreatedOpt Taken(OadrCreateOpt told) => new(EiResponse.Ok(told.RequestId), told.OptId);

    private static OptStatus GetStatus(VenScript ven, string optId) => ven.State.Opts.Single(o => o.OptId == optId).StatusIn(ven.State);

    private static SiteConfig Site(string siteId, string resourceId) => new() { SiteId = siteId, Targets = new TargetNames { ResourceIds = [resourceId] } };
}

/// <summary>The same, pushed.</summary>
public sealed class PushedCreateOptTests() : CreateOptTests(VenTransport.Push);
