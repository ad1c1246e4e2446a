using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Events;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Events;

public class EventTests : EitherWay
{
    public EventTests()
        : this(VenTransport.Pull)
    {
    }

    protected EventTests(VenTransport transport)
        : base(transport)
    {
    }

    private static readonly OadrEvent Evening = Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1)));

    [Fact]
    public void E1_0020_an_empty_distribution_is_answered_with_nothing() =>
        Registered().Polls(Vtn.Distributes()).Publishes().Sends<OadrPoll>();

    [Fact]
    public void An_event_becomes_a_limit_and_is_answered_with_optIn() =>
        Registered()
            .Gets(Vtn.Distributes(Evening), "e1/0 200 OptIn")
            .Publishes("site-1 PROG7: 20:00-21:00 import 60000");

    [Fact]
    public void E1_0190_each_response_echoes_the_requestID_of_its_distribution_and_the_eiResponse_leaves_it_empty()
    {
        var ven = Registered().Gets(Vtn.DistributesAs("static", Evening));
        ven.Sends<OadrCreatedEvent>(out var answer);
        Assert.Equal((200, string.Empty, "static"), (answer.Response.Code, answer.Response.RequestId, answer.EventResponses[0].RequestId));
    }

    [Fact]
    public void E1_0082_to_0104_never_is_never_answered_and_always_is_answered_each_time()
    {
        foreach (var (first, second, answered) in new[]
                 {
                     (Evening, Evening, "e1/0 200 OptIn"),
                     (Evening, Evening.Modified(1), "e1/1 200 OptIn"),
                     (Evening, Evening.Cancelled(1), "e1/1 200 OptIn"),
                 })
        {
            Registered().Gets(Vtn.Distributes(first), "e1/0 200 OptIn").Gets(Vtn.Distributes(second), answered);
            var silent = Registered().Gets(Vtn.Distributes(first.NoResponse()));
            silent.Sends<OadrPoll>().Gets(Vtn.Distributes(second.NoResponse())).Sends<OadrPoll>();
        }
    }

    [Fact]
    public void E1_0110_an_unknown_event_is_new_whatever_its_modification_number() =>
        Registered().Gets(Vtn.Distributes(Evening.Modified(7)), "e1/7 200 OptIn").Publishes("site-1 PROG7: 20:00-21:00 import 60000");

    [Fact]
    public void A_redelivered_event_publishes_nothing_and_gets_the_same_answer()
    {
        var ven = Registered().Gets(Vtn.Distributes(Evening), "e1/0 200 OptIn");
        for (var i = 0; i < 5; i++)
        {
            ven.After(Duration.FromMinutes(7)).Gets(Vtn.Distributes(Evening), "e1/0 200 OptIn").Publishes();
        }

        Assert.Equal(2, ven.State.Revisions["PROG7"]);
    }

    [Fact]
    public void E1_0210_and_0230_a_higher_modification_replaces_before_and_during_the_event()
    {
        var ven = Registered().Gets(Vtn.Distributes(Evening), "e1/0 200 OptIn");
        var later = Vtn.Event("e1", "20:30", "PT1H", Vtn.Simple(("PT1H", 2)));
        ven.Gets(Vtn.Distributes(later.Modified(1)), "e1/1 200 OptIn").Publishes("site-1 PROG7: 20:30-21:30 import 30000");
        ven.At("21:00").Gets(Vtn.Distributes(Vtn.Event("e1", "20:30", "PT2H", Vtn.Simple(("PT2H", 3))).Modified(2)), "e1/2 200 OptIn")
            .Publishes("site-1 PROG7: 20:30-22:30 import 0");
    }

    [Fact]
    public void E1_0392_a_lower_modification_is_450_and_changes_nothing() =>
        Registered()
            .Gets(Vtn.Distributes(Evening.Modified(5)), "e1/5 200 OptIn")
            .Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT2H", Vtn.Simple(("PT2H", 3))).Modified(3)), "e1/3 450 OptOut")
            .Publishes();

    [Fact]
    public void The_same_modification_with_other_content_is_answered_as_before_with_a_warning_and_never_applied()
    {
        var ven = Registered().Gets(Vtn.Distributes(Evening), "e1/0 200 OptIn");
        ven.Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT3H", Vtn.Simple(("PT3H", 1)))), "e1/0 200 OptIn").Publishes();
        Assert.Contains(ven.Notes, n => n.Class == ErrorClass.SeqConflict && n.Level == NoteLevel.Warning);
        Assert.Equal(Vtn.Time("21:00"), ven.State.Events[0].End());
    }

    [Fact]
    public void Status_current_value_and_creation_time_may_change_without_a_modification()
    {
        var ven = Registered().Gets(Vtn.Distributes(Evening), "e1/0 200 OptIn");
        var same = Evening with
        {
            Descriptor = Evening.Descriptor with { Status = EventStatus.Active, CreatedDateTime = Vtn.Time("17:59") },
            Signals = [Evening.Signals[0] with { CurrentValue = 1 }],
        };
        ven.Gets(Vtn.Distributes(same), "e1/0 200 OptIn").Publishes();
        ven.At("20:30").Gets(Vtn.Distributes(same with { Descriptor = same.Descriptor with { Status = EventStatus.Completed } }), "e1/0 200 OptIn").Publishes();
        Assert.Equal(EventPhase.Active, ven.State.Events[0].PhaseAt(ven.Now));
        Assert.DoesNotContain(ven.Notes, n => n.Kind == NoteKind.EventUnchanged);
    }

    [Fact]
    public void An_explicit_cancellation_ends_the_event_at_once_and_is_confirmed_with_optIn() =>
        Registered()
            .Gets(Vtn.Distributes(Evening), "e1/0 200 OptIn")
            .At("20:10").Gets(Vtn.Distributes(Evening.Cancelled(1)), "e1/1 200 OptIn")
            .Publishes("site-1 PROG7: nothing");

    [Theory]
    [InlineData("22:00", "e1/0 200 OptIn", "site-1 PROG7: 22:00-23:00 import 0")]
    [InlineData("21:10", "e1/0 200 OptIn", "site-1 PROG7: 21:10-22:10 import 0")]
    public void An_eventID_that_is_used_again_after_its_event_ended_names_a_new_event(string start, string answer, string published)
    {
        var ven = Registered().Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1)))), "e1/0 200 OptIn").At("21:30");
        var other = Vtn.Event("e1", start, "PT1H", Vtn.Simple(("PT1H", 3)));
        ven.Gets(Vtn.Distributes(other), answer).Publishes(published);
        Assert.True(ven.Noted(NoteKind.EventReceived, NoteLevel.Warning));
        ven.Gets(Vtn.Distributes(other), answer).Publishes();
    }

    [Fact]
    public void An_eventID_that_is_used_again_gets_an_honest_code_where_nothing_can_be_done()
    {
        var ven = Registered().Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1))).Modified(2)), "e1/2 200 OptIn").At("21:30");
        ven.Gets(Vtn.Distributes(Vtn.Event("e1", "22:00", "PT1H", Vtn.Simple(("PT1H", 3)))), "e1/0 450 OptOut").Publishes();
        Assert.Contains(ven.Notes, n => n.Text.Contains("an eventID of its own", StringComparison.Ordinal));
        var bad = Vtn.Event("e1", "22:00", "PT1H", Vtn.Signal("CHARGE_STATE", SignalType.Setpoint, ("PT1H", 3))).Modified(2);
        ven.Gets(Vtn.Distributes(bad), "e1/2 460 OptOut").Publishes();
        Assert.Equal("22:00", ven.State.Refused[0].Start?.ToString("HH:mm", null));
    }

    [Fact]
    public void A_choice_about_an_event_that_is_over_does_not_pass_to_the_next_of_its_name()
    {
        var ven = Registered().Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1)))), "e1/0 200 OptIn");
        ven.Takes(new VenInput.OptChosen("e1", OptType.OptOut)).Answers("e1/0 200 OptOut").At("21:30");
        ven.Gets(Vtn.Distributes(Vtn.Event("e1", "22:00", "PT1H", Vtn.Simple(("PT1H", 3)))), "e1/0 200 OptIn").Publishes("site-1 PROG7: 22:00-23:00 import 0");
        Assert.True(ven.Noted(NoteKind.EventOptDropped, NoteLevel.Alarm));
    }

    [Fact]
    public void A_refused_modification_is_remembered_until_the_event_is_accepted_again()
    {
        var e = Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1)));
        var ven = Registered().Gets(Vtn.Distributes(e), "e1/0 200 OptIn");
        ven.Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 9))).Modified(1)), "e1/1 454 OptOut").Publishes();
        Assert.Equal((1u, 454), (ven.State.Refused[0].ModificationNumber, ven.State.Refused[0].Code));
        ven.Gets(Vtn.Distributes(e), "e1/0 200 OptIn");
        Assert.Empty(ven.State.Refused);
    }

    [Fact]
    public void E1_0345_a_cancelled_event_nobody_knows_is_acknowledged_and_does_nothing() =>
        Registered().Gets(Vtn.Distributes(Evening.Cancelled(1)), "e1/1 200 OptIn").Publishes();

    [Fact]
    public void E1_0370_an_event_that_is_not_listed_any_more_is_cancelled_without_an_answer()
    {
        var ven = Registered().Gets(Vtn.Distributes(Evening, Vtn.Event("e2", "22:00", "PT1H", Vtn.Simple(("PT1H", 2)))), "e1/0 200 OptIn, e2/0 200 OptIn");
        ven.Gets(Vtn.Distributes(Evening), "e1/0 200 OptIn").Publishes("site-1 PROG7: 20:00-21:00 import 60000");
        Assert.True(ven.Noted(NoteKind.EventCancelled));
        ven.Gets(Vtn.Distributes()).Publishes("site-1 PROG7: nothing").Sends<OadrPoll>();
    }

    [Fact]
    public void The_quirks_against_implied_cancellation_keep_what_is_not_listed()
    {
        var two = Vtn.Event("e2", "22:00", "PT1H", Vtn.Simple(("PT1H", 2)));
        var never = Registered(Configs.Ven with { Quirks = new VenQuirks { NeverImplyCancel = true } });
        never.Gets(Vtn.Distributes(Evening)).Answers("e1/0 200 OptIn").Gets(Vtn.Distributes(two), "e2/0 200 OptIn")
            .Publishes("site-1 PROG7: 20:00-21:00 import 60000, 22:00-23:00 import 30000");

        var empty = Registered(Configs.Ven with { Quirks = new VenQuirks { EmptyPayloadCancelsNothing = true } });
        empty.Gets(Vtn.Distributes(Evening), "e1/0 200 OptIn").Gets(Vtn.Distributes()).Publishes();
        empty.Gets(Vtn.Distributes(two), "e2/0 200 OptIn").Publishes("site-1 PROG7: 22:00-23:00 import 30000");
    }

    [Fact]
    public void A_payload_with_an_illegible_event_implies_no_cancellation()
    {
        var ven = Registered().Gets(Vtn.Distributes(Evening), "e1/0 200 OptIn");
        var illegible = Readable.Not<OadrEvent>(new UnreadableEvent(null, null, null, new Wire.ReadError(ErrorClass.SemanticId, "/oadrEvent", "no eventID"), 452));
        ven.Gets(new OadrDistributeEvent { RequestId = "d", VtnId = Vtn.Id, Events = [illegible] }, "452").Publishes();
        Assert.Single(ven.State.Events);
    }

    [Fact]
    public void E1_0180_new_modified_and_cancelled_events_in_one_payload_are_each_dealt_with() =>
        Registered()
            .Gets(Vtn.Distributes(Evening, Vtn.Event("e2", "22:00", "PT1H", Vtn.Simple(("PT1H", 2)))), "e1/0 200 OptIn, e2/0 200 OptIn")
            .Gets(
                Vtn.Distributes(
                    Evening.Cancelled(1),
                    Vtn.Event("e2", "22:00", "PT2H", Vtn.Simple(("PT2H", 2))).Modified(1),
                    Vtn.Event("e3", "19:00", "PT1H", Vtn.Simple(("PT1H", 3)))),
                "e1/1 200 OptIn, e2/1 200 OptIn, e3/0 200 OptIn")
            .Publishes("site-1 PROG7: 19:00-20:00 import 0, 22:00-00:00 import 30000");

    [Fact]
    public void E1_0360_a_bad_event_does_not_spoil_a_good_one() =>
        Registered()
            .Gets(Vtn.Distributes(Evening, Vtn.Event("bad", "20:00", "PT2H", Vtn.Simple(("PT1H", 1)))), "e1/0 200 OptIn, bad/0 459 OptOut")
            .Publishes("site-1 PROG7: 20:00-21:00 import 60000");

    [Fact]
    public void E1_0340_an_event_that_was_over_when_it_came_is_451_and_the_current_one_is_taken() =>
        Registered()
            .Gets(Vtn.Distributes(Vtn.Event("old", "10:00", "PT1H", Vtn.Simple(("PT1H", 1))), Vtn.Event("now", "17:30", "PT1H", Vtn.Simple(("PT1H", 2)))), "old/0 451 OptOut, now/0 200 OptIn")
            .Publishes("site-1 PROG7: 17:30-18:30 import 30000");

    [Fact]
    public void An_event_that_ended_is_answered_as_before_while_the_vtn_still_lists_it()
    {
        var ven = Registered().Gets(Vtn.Distributes(Evening), "e1/0 200 OptIn");
        ven.At("21:30").Gets(Vtn.Distributes(Evening), "e1/0 200 OptIn").Publishes();
        ven.Gets(Vtn.Distributes()).Publishes();
        Assert.Empty(ven.State.Events);
    }

    [Fact]
    public void An_open_ended_event_lasts_until_it_is_cancelled() =>
        Registered()
            .Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT0S", Vtn.Simple(("PT0S", 2)))), "e1/0 200 OptIn")
            .Publishes("site-1 PROG7: 20:00-… import 30000")
            .At("2028-01-15T20:00:00Z").Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT0S", Vtn.Simple(("PT0S", 2)))), "e1/0 200 OptIn").Publishes()
            .Gets(Vtn.Distributes()).Publishes("site-1 PROG7: nothing");

    [Fact]
    public void The_phase_is_computed_from_the_times_and_goes_through_near_only_with_a_ramp_up()
    {
        var ramped = Evening with { ActivePeriod = Evening.ActivePeriod with { RampUp = Vtn.For("PT15M") } };
        var ven = Registered().Gets(Vtn.Distributes(ramped, Evening with { Descriptor = Evening.Descriptor with { EventId = "e2" } }));
        var phases = new[] { "19:44", "19:45", "20:00", "20:59", "21:00" }.Select(at => (ven.State.Events[0].PhaseAt(Vtn.Time(at)), ven.State.Events[1].PhaseAt(Vtn.Time(at))));
        Assert.Equal(
            [
                (EventPhase.Far, EventPhase.Far), (EventPhase.Near, EventPhase.Far), (EventPhase.Active, EventPhase.Active), (EventPhase.Active, EventPhase.Active),
                (EventPhase.Completed, EventPhase.Completed),
            ],
            phases);
    }

    [Fact]
    public void A_modification_that_cannot_be_understood_leaves_the_last_good_one_in_force()
    {
        var ven = Registered().Gets(Vtn.Distributes(Evening), "e1/0 200 OptIn");
        ven.Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 9))).Modified(1)), "e1/1 454 OptOut").Publishes();
        Assert.Equal(0u, ven.State.Events[0].Event.Descriptor.ModificationNumber);
    }

    [Fact]
    public void E1_0130_test_events_are_advisory_by_default_and_done_or_left_by_configuration()
    {
        var test = Evening.Test();
        var ven = Registered().Gets(Vtn.Distributes(test), "e1/0 200 OptIn").Publishes("site-1 PROG7-test (advisory): 20:00-21:00 import 60000");
        ven.Gets(Vtn.Distributes(test.Cancelled(1)), "e1/1 200 OptIn").Publishes("site-1 PROG7-test: withdrawn");

        Registered(Configs.With(p => p with { TestEvents = TestEventPolicy.Ignore })).Gets(Vtn.Distributes(test), "e1/0 200 OptIn").Publishes();
        var actuate = Registered(Configs.With(p => p with { TestEvents = TestEventPolicy.Actuate })).Gets(Vtn.Distributes(test), "e1/0 200 OptIn")
            .Publishes("site-1 PROG7: 20:00-21:00 import 60000");
        Assert.True(Assert.IsType<EnginePublication.PublishEnvelope>(actuate.Publications[0]).Envelope.Segments[0].Cause?.TestEvent);
        Registered().Gets(Vtn.Distributes(Evening.Test("false")), "e1/0 200 OptIn").Publishes("site-1 PROG7: 20:00-21:00 import 60000");
    }

    [Fact]
    public void A_clock_that_jumps_back_neither_repeats_nor_loses_an_event()
    {
        var ven = Registered().Gets(Vtn.Distributes(Evening), "e1/0 200 OptIn");
        ven.At("20:30").Takes(new VenInput.Tick()).At("19:30").Takes(new VenInput.Tick()).Publishes();
        ven.Gets(Vtn.Distributes(Evening), "e1/0 200 OptIn").Publishes();
        ven.At("2027-01-16T20:30:00Z").Takes(new VenInput.Tick()).At("20:30").Takes(new VenInput.Tick()).Publishes();
        Assert.Equal(EventPhase.Active, ven.State.Events[0].PhaseAt(ven.Now));
    }

    [Fact]
    public void The_last_of_a_thousand_versions_wins()
    {
        var ven = Registered();
        for (uint i = 0; i < 1000; i++)
        {
            ven.Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", i % 4))).Modified(i)));
            ven.Hears(Vtn.Nothing);
        }

        ven.Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 2))).Modified(1000)), "e1/1000 200 OptIn")
            .Publishes("site-1 PROG7: 20:00-21:00 import 30000");
    }
}

/// <summary>The same, pushed.</summary>
public sealed class PushedEventTests() : EventTests(VenTransport.Push);
