using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;
using GridServices.Wire;

namespace GridServices.OpenAdr.Tests.Events;

public class OptTests : EitherWay
{
    public OptTests()
        : this(VenTransport.Pull)
    {
    }

    protected OptTests(VenTransport transport)
        : base(transport)
    {
    }

    private static readonly OadrEvent Evening = Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1)));

    [Fact]
    public void E1_0280_a_person_who_opts_out_takes_the_limit_away_at_once_and_the_vtn_is_told()
    {
        var ven = Registered().Gets(Vtn.DistributesAs("dist-9", Evening), "e1/0 200 OptIn");
        ven.At("20:10").Takes(new VenInput.OptChosen("e1", OptType.OptOut)).Publishes("site-1 PROG7: nothing");
        ven.Sends<OadrCreatedEvent>(out var told);
        Assert.Equal("dist-9", told.EventResponses[0].RequestId);
        ven.Answers("e1/0 200 OptOut");
        ven.Gets(Vtn.Distributes(Evening), "e1/0 200 OptOut").Publishes();
        ven.Takes(new VenInput.OptChosen("e1", OptType.OptIn)).Publishes("site-1 PROG7: 20:00-21:00 import 60000");
        ven.Answers("e1/0 200 OptIn");
    }

    [Fact]
    public void A_persons_choice_outlives_a_modification() =>
        Registered().Gets(Vtn.Distributes(Evening), "e1/0 200 OptIn")
            .Takes(new VenInput.OptChosen("e1", OptType.OptOut)).Answers("e1/0 200 OptOut")
            .Gets(Vtn.Distributes(Evening.Modified(1)), "e1/1 200 OptOut").Publishes();

    [Fact]
    public void A_manual_program_opts_out_until_a_person_opts_in() =>
        Registered(Configs.With(p => p with { OptPolicy = OptPolicy.Manual }))
            .Gets(Vtn.Distributes(Evening), "e1/0 200 OptOut").Publishes()
            .Takes(new VenInput.OptChosen("e1", OptType.OptIn)).Publishes("site-1 PROG7: 20:00-21:00 import 60000").Answers("e1/0 200 OptIn");

    [Fact]
    public void A_program_that_never_takes_part_cannot_be_opted_in()
    {
        var ven = Registered(Configs.With(p => p with { OptPolicy = OptPolicy.Never })).Gets(Vtn.Distributes(Evening), "e1/0 200 OptOut");
        ven.Takes(new VenInput.OptChosen("e1", OptType.OptIn)).Publishes().Sends<OadrPoll>();
        Assert.True(ven.Noted(NoteKind.EventOpted, NoteLevel.Warning));
    }

    [Fact]
    public void The_choice_about_an_event_sent_with_never_is_not_told_to_the_vtn() =>
        Registered().Gets(Vtn.Distributes(Evening.NoResponse()))
            .Takes(new VenInput.OptChosen("e1", OptType.OptOut)).Publishes("site-1 PROG7: nothing").Sends<OadrPoll>();

    [Fact]
    public void A_persons_choice_outlives_a_cancelled_registration_and_a_new_one()
    {
        var ven = OptedOut();
        ven.Polls(new OadrCancelPartyRegistration("c-1", "reg-1", Vtn.VenId)).Sends<OadrCanceledPartyRegistration>().Hears(Vtn.Nothing);
        Assert.Contains(ven.Notes, n => n.Level == NoteLevel.Alarm && n.Text.Contains("Choices of people are kept for e1", StringComparison.Ordinal));
        ven.At("18:06").Sends<OadrQueryRegistration>(out var query).Hears(Vtn.Offers(query.RequestId));
        RegisterAnew(ven, "reg-2", Evening);
        ven.Publishes().Answers("e1/0 200 OptOut");
        var held = Assert.Single(ven.State.Events);
        Assert.Equal((true, "maria", "hospital works"), (held.OptByPerson, held.Choice?.By, held.Choice?.Reason));
        Assert.Empty(ven.State.Choices);
    }

    [Theory]
    [InlineData(463)]
    [InlineData(452)]
    public void A_persons_choice_outlives_a_vtn_that_has_forgotten_the_ven_and_its_events(int code)
    {
        var ven = OptedOut().IsForgotten(code);
        RegisterAnew(ven, "reg-2");
        Assert.Empty(ven.State.Events);
        ven.Gets(Vtn.Distributes(Evening), "e1/0 200 OptOut").Publishes();
    }

    [Fact]
    public void A_persons_choice_outlives_an_implied_and_an_explicit_cancellation_of_an_event_that_comes_back()
    {
        OptedOut().Gets(Vtn.Distributes()).Gets(Vtn.Distributes(Evening), "e1/0 200 OptOut").Publishes();
        OptedOut().Gets(Vtn.Distributes(Evening.Cancelled(1)), "e1/1 200 OptIn").Gets(Vtn.Distributes(Evening.Modified(2)), "e1/2 200 OptOut").Publishes();
        var random = Evening.StartAfter("PT10M");
        var ven = OptedOut(random).At("20:30").Gets(Vtn.Distributes()).At("20:45");
        ven.Takes(new VenInput.Tick()).Gets(Vtn.Distributes(random), "e1/0 200 OptOut").Publishes();
    }

    [Fact]
    public void A_choice_is_dropped_with_an_alarm_where_another_event_has_the_name()
    {
        var other = Vtn.Event("e1", "22:00", "PT1H", Vtn.Simple(("PT1H", 3)));
        Dropped(OptedOut().Gets(Vtn.Distributes()).Gets(Vtn.Distributes(other), "e1/0 200 OptIn"), "another event");
    }

    [Fact]
    public void A_choice_about_another_vtns_event_is_dropped_with_an_alarm()
    {
        var ven = OptedOut().Polls(new OadrCancelPartyRegistration("c-1", "reg-1", Vtn.VenId)).Sends<OadrCanceledPartyRegistration>().Hears(Vtn.Nothing);
        ven.At("18:06").Sends<OadrQueryRegistration>(out var query).Hears(Vtn.Offers(query.RequestId));
        ven.Sends<OadrCreatePartyRegistration>(out var create).Hears(Vtn.Registers(create.RequestId, vtnId: "vtn-other"));
        ven.Sends<OadrRegisterReport>(out var metadata).Hears(new OadrRegisteredReport(EiResponse.Ok(metadata.RequestId), [], Vtn.VenId));
        ven.Sends<OadrRequestEvent>().Hears(Vtn.Distributes(Evening) with { VtnId = "vtn-other" });
        Dropped(ven.Answers("e1/0 200 OptIn"), "another VTN");
    }

    [Fact]
    public void An_opt_in_is_dropped_with_an_alarm_where_the_program_never_takes_part_any_more()
    {
        var ven = Registered(Configs.With(p => p with { OptPolicy = OptPolicy.Manual })).Gets(Vtn.Distributes(Evening), "e1/0 200 OptOut");
        ven.Takes(new VenInput.OptChosen("e1", OptType.OptIn)).Answers("e1/0 200 OptIn").Gets(Vtn.Distributes());
        ven.Reconfigured(By(Configs.With(p => p with { OptPolicy = OptPolicy.Never }))).Gets(Vtn.Distributes(Evening), "e1/0 200 OptOut");
        Dropped(ven, "never");
    }

    [Fact]
    public void A_kept_choice_is_forgotten_when_the_event_would_have_ended_and_when_the_ven_is_deleted()
    {
        var ven = OptedOut().Gets(Vtn.Distributes());
        Assert.Single(ven.State.Choices);
        Assert.Empty(ven.At("21:00").Takes(new VenInput.Tick()).State.Choices);
        Assert.Empty(OptedOut().Takes(new VenInput.Removed()).State.Choices);
    }

    [Fact]
    public void Of_more_choices_than_are_kept_the_oldest_one_goes_with_an_alarm_and_those_dropped_already_before_it()
    {
        var ven = OptedOut();
        var one = OptedOut().Gets(Vtn.Distributes()).State.Choices[0] with { Until = Vtn.Time("23:59") };
        var dropped = one with { EventId = "dropped", DroppedAt = ven.Now, DroppedWhy = "the program's optPolicy is never" };
        ven.State = ven.State with { Choices = [.. Enumerable.Range(0, 511).Select(i => one with { EventId = $"old-{i}" }), dropped] };
        ven.Gets(Vtn.Distributes());
        Assert.DoesNotContain(ven.Notes, n => n.Kind == NoteKind.EventOptDropped);
        Assert.DoesNotContain(ven.State.Choices, c => c.EventId == "dropped");

        ven.State = ven.State with { Choices = [.. ven.State.Choices.Where(c => c.EventId != "e1"), one with { EventId = "new" }] };
        ven.Gets(Vtn.Distributes(Evening), "e1/0 200 OptIn").Takes(new VenInput.OptChosen("e1", OptType.OptOut, null, "maria")).Answers("e1/0 200 OptOut").Gets(Vtn.Distributes());
        Assert.Equal("old-0", Assert.Single(ven.Notes, n => n is { Kind: NoteKind.EventOptDropped, Level: NoteLevel.Alarm }).About);
        Assert.Equal((512, true), (ven.State.Choices.Count, ven.State.Choices.Any(c => c.EventId == "e1")));
    }

    [Fact]
    public void A_state_stored_before_choices_were_noted_is_read_and_its_choice_kept()
    {
        var ven = OptedOut();
        ven.State = ven.State with { Events = ven.State.Events.Select(e => e with { Choice = null }).ToValueList() };
        var json = System.Text.Encoding.UTF8.GetString(VenStateJson.Write(ven.State));
        var older = json.Replace("\"choices\":[],", string.Empty, StringComparison.Ordinal).Replace("\"refused\":[],", string.Empty, StringComparison.Ordinal);
        Assert.NotEqual(json, older);
        ven.State = VenStateJson.Read(System.Text.Encoding.UTF8.GetBytes(older));
        ven.Gets(Vtn.Distributes()).Gets(Vtn.Distributes(Evening), "e1/0 200 OptOut");
    }

    private VenScript OptedOut(OadrEvent? received = null) => Registered().Gets(Vtn.Distributes(received ?? Evening), "e1/0 200 OptIn")
        .Takes(new VenInput.OptChosen("e1", OptType.OptOut, "hospital works", "maria")).Answers("e1/0 200 OptOut");

    private static void RegisterAnew(VenScript ven, string registrationId, params OadrEvent[] events)
    {
        ven.Sends<OadrCreatePartyRegistration>(out var create).Hears(Vtn.Registers(create.RequestId, registrationId: registrationId));
        ven.Sends<OadrRegisterReport>(out var metadata).Hears(new OadrRegisteredReport(EiResponse.Ok(metadata.RequestId), [], Vtn.VenId));
        ven.Sends<OadrRequestEvent>().Hears(Vtn.Distributes(events));
    }

    private static void Dropped(VenScript ven, string why)
    {
        var alarm = Assert.Single(ven.Notes, n => n.Kind == NoteKind.EventOptDropped);
        Assert.Equal((NoteLevel.Alarm, "e1"), (alarm.Level, alarm.About));
        Assert.Contains(why, alarm.Text, StringComparison.Ordinal);
        Assert.Contains(why, Assert.Single(ven.State.Choices).DroppedWhy, StringComparison.Ordinal);
        Assert.False(Assert.Single(ven.State.Events).OptByPerson);
    }

    [Fact]
    public void A_choice_about_an_unknown_event_changes_nothing()
    {
        var ven = Registered();
        var before = ven.State;
        ven.Takes(new VenInput.OptChosen("nope", OptType.OptOut));
        Assert.Same(before, ven.State);
    }
}

/// <summary>The same, pushed.</summary>
public sealed class PushedOptTests() : OptTests(VenTransport.Push);
