using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;

namespace GridServices.OpenAdr.Tests.Events;

/// <summary>Modification numbers count within one registration, and a name that is used again names another event.</summary>
public sealed class EventHistoryTests
{
    private static readonly OadrEvent Held = Vtn.Event("e1", "17:30", "PT2H", Vtn.Simple(("PT2H", 1))).Modified(3);
    private static readonly OadrEvent Tighter = Vtn.Event("e1", "17:30", "PT2H", Vtn.Simple(("PT2H", 3)));

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(4)]
    public void After_a_new_registration_whatever_number_the_vtn_lists_is_in_force(uint number)
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(Held), "e1/3 200 OptIn").Publishes("site-1 PROG7: 17:30-19:30 import 60000");
        RegisterAnew(ven, 463, Vtn.Id, Tighter.Modified(number)).Publishes("site-1 PROG7: 17:30-19:30 import 0").Answers($"e1/{number} 200 OptIn");
    }

    [Fact]
    public void Within_the_new_registration_a_lower_number_is_450_again()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(Held), "e1/3 200 OptIn");
        RegisterAnew(ven, 463, Vtn.Id, Held.Modified(1)).Answers("e1/1 200 OptIn");
        ven.Gets(Vtn.Distributes(Tighter.Modified(0)), "e1/0 450 OptOut").Publishes();
        ven.Gets(Vtn.Distributes(Tighter.Modified(2)), "e1/2 200 OptIn").Publishes("site-1 PROG7: 17:30-19:30 import 0");
    }

    [Fact]
    public void An_event_listed_unchanged_after_a_new_registration_goes_on_with_its_history()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(Held), "e1/3 200 OptIn");
        RegisterAnew(ven, 463, Vtn.Id, Held).Publishes().Answers("e1/3 200 OptIn");
        ven.Gets(Vtn.Distributes(Tighter.Modified(2)), "e1/2 450 OptOut").Publishes();
    }

    [Fact]
    public void A_cancellation_of_the_new_registration_ends_the_event_whatever_its_number()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(Held), "e1/3 200 OptIn");
        RegisterAnew(ven, 463, Vtn.Id, Held.Cancelled(0)).Publishes("site-1 PROG7: nothing").Answers("e1/0 200 OptIn");
    }

    [Fact]
    public void A_modification_that_cannot_be_understood_does_not_end_the_new_history()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(Held), "e1/3 200 OptIn");
        var bad = Vtn.Event("e1", "17:30", "PT2H", Vtn.Simple(("PT2H", 9)));
        RegisterAnew(ven, 463, Vtn.Id, bad).Publishes().Answers("e1/0 454 OptOut");
        ven.Gets(Vtn.Distributes(Tighter.Modified(1)), "e1/1 200 OptIn").Publishes("site-1 PROG7: 17:30-19:30 import 0");
    }

    [Theory]
    [InlineData("17:30", Vtn.Id, "OptOut", null)]
    [InlineData("17:45", Vtn.Id, "OptIn", "another event")]
    [InlineData("17:30", "vtn-other", "OptIn", "another VTN")]
    public void A_persons_choice_goes_on_with_the_same_event_of_the_same_vtn_alone(string start, string vtnId, string opt, string? dropped)
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(Held), "e1/3 200 OptIn");
        ven.Takes(new VenInput.OptChosen("e1", OptType.OptOut, "hospital works", "maria")).Answers("e1/3 200 OptOut");
        RegisterAnew(ven, 463, vtnId, Vtn.Event("e1", start, "PT2H", Vtn.Simple(("PT2H", 2)))).Answers($"e1/0 200 {opt}");
        Assert.Equal(dropped is null, Assert.Single(ven.State.Events).OptByPerson);
        var alarms = ven.Notes.Where(n => n.Kind == NoteKind.EventOptDropped).ToList();
        Assert.Equal(dropped is null ? 0 : 1, alarms.Count);
        Assert.All(alarms, a => Assert.Contains(dropped!, a.Text, StringComparison.Ordinal));
    }

    [Fact]
    public void A_choice_about_an_event_that_is_over_does_not_pass_to_one_of_its_name_with_a_higher_number()
    {
        var ven = OptedOutAndOver();
        ven.Gets(Vtn.Distributes(Vtn.Event("e1", "22:00", "PT1H", Vtn.Simple(("PT1H", 3))).Modified(4)), "e1/4 200 OptIn").Publishes("site-1 PROG7: 22:00-23:00 import 0");
        var alarm = Assert.Single(ven.Notes, n => n.Kind == NoteKind.EventOptDropped);
        Assert.Equal((NoteLevel.Alarm, "e1"), (alarm.Level, alarm.About));
        Assert.NotNull(Assert.Single(ven.State.Choices).DroppedAt);
    }

    [Fact]
    public void A_choice_stays_with_its_event_where_that_is_prolonged_after_its_end() =>
        OptedOutAndOver().Gets(Vtn.Distributes(Vtn.Event("e1", "17:30", "PT6H", Vtn.Simple(("PT6H", 3))).Modified(4)), "e1/4 200 OptOut").Publishes();

    [Fact]
    public void A_state_stored_before_histories_were_told_apart_is_read_and_goes_on_with_its_numbers()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(Held), "e1/3 200 OptIn");
        var json = System.Text.Encoding.UTF8.GetString(VenStateJson.Write(ven.State));
        Assert.DoesNotContain("earlierVtnId", json, StringComparison.Ordinal);
        ven.State = VenStateJson.Read(System.Text.Encoding.UTF8.GetBytes(json));
        ven.Gets(Vtn.Distributes(Tighter.Modified(2)), "e1/2 450 OptOut");
    }

    private static VenScript OptedOutAndOver() => VenScript.Registered().Gets(Vtn.Distributes(Held), "e1/3 200 OptIn")
        .Takes(new VenInput.OptChosen("e1", OptType.OptOut)).Answers("e1/3 200 OptOut").At("21:30");

    private static VenScript RegisterAnew(VenScript ven, int code, string vtnId, params OadrEvent[] events)
    {
        ven.State = ven.State with { Link = ven.State.Link with { PollAt = null } };
        ven.Polls(Vtn.Refuses(code)).Sends<OadrCreatePartyRegistration>(out var create).Hears(Vtn.Registers(create.RequestId, registrationId: "reg-2", vtnId: vtnId));
        ven.Sends<OadrRegisterReport>(out var metadata).Hears(new OadrRegisteredReport(EiResponse.Ok(metadata.RequestId), [], Vtn.VenId));
        return ven.Sends<OadrRequestEvent>().Hears(Vtn.Distributes(events) with { VtnId = vtnId });
    }
}
