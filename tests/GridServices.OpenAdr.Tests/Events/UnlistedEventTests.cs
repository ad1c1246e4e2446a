using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;

namespace GridServices.OpenAdr.Tests.Events;

/// <summary>Events of an earlier registration that the VTN never lists again: they stay, and that is said.</summary>
public sealed class UnlistedEventTests
{
    private static readonly OadrEvent Endless = Vtn.Event("e1", "17:30", "PT0S", Vtn.Simple(("PT0S", 2)));

    [Fact]
    public void After_the_vtn_lost_its_memory_they_are_told_once_and_stand_in_the_health()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(Endless), "e1/0 200 OptIn");
        RegistersAnew(ven).Sends<OadrRequestEvent>().Hears(Vtn.Nothing).Publishes();
        var alarm = Assert.Single(ven.Notes, n => n is { Level: NoteLevel.Alarm, About: "e1" });
        Assert.Contains("does not list it any more", alarm.Text, StringComparison.Ordinal);
        Assert.Equal(ven.Now, Assert.Single(ven.State.Events).UnlistedSince);
        var finding = Assert.Single(VenHealth.Check(ven.State), f => !f.IsLine);
        Assert.Equal((false, ven.Now), (finding.IsLine, finding.Since));
        Assert.Contains("opt out", finding.Advice, StringComparison.Ordinal);

        // Asked again, the VTN says the same, and nothing is said twice.
        ven.Person(VenAction.RequestEvents).Sends<OadrRequestEvent>().Hears(Vtn.Nothing);
        Assert.Single(ven.Notes, n => n is { Level: NoteLevel.Alarm, About: "e1" });
    }

    [Fact]
    public void Listed_again_all_is_well()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(Endless), "e1/0 200 OptIn");
        RegistersAnew(ven).Sends<OadrRequestEvent>().Hears(Vtn.Nothing);
        ven.Gets(Vtn.Distributes(Endless), "e1/0 200 OptIn").Publishes();
        Assert.Null(Assert.Single(ven.State.Events).UnlistedSince);
        Assert.DoesNotContain(VenHealth.Check(ven.State), f => !f.IsLine);
    }

    [Fact]
    public void A_vtn_that_lists_its_events_has_nothing_to_be_told_of()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(Endless), "e1/0 200 OptIn");
        RegistersAnew(ven).Sends<OadrRequestEvent>().Hears(Vtn.Distributes(Endless));
        Assert.DoesNotContain(ven.Notes, n => n.Level == NoteLevel.Alarm);
    }

    [Fact]
    public void What_is_listed_and_refused_is_listed_all_the_same()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(Endless), "e1/0 200 OptIn");
        var unknown = Vtn.Event("e1", "17:30", "PT0S", Vtn.Simple(("PT0S", 9)));
        RegistersAnew(ven).Sends<OadrRequestEvent>().Hears(Vtn.Nothing);
        ven.Person(VenAction.RequestEvents).Sends<OadrRequestEvent>().Hears(Vtn.Distributes(unknown));
        Assert.Null(Assert.Single(ven.State.Events).UnlistedSince);
        Assert.Contains(ven.State.Refused, r => r.EventId == "e1");

        var other = VenScript.Registered().Gets(Vtn.Distributes(Endless), "e1/0 200 OptIn");
        RegistersAnew(other).Sends<OadrRequestEvent>().Hears(Vtn.Distributes(unknown));
        Assert.DoesNotContain(other.Notes, n => n is { Level: NoteLevel.Alarm, About: "e1" });
    }

    [Fact]
    public void The_list_of_another_vtn_says_nothing_of_them()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(Endless), "e1/0 200 OptIn");
        RegistersAnew(ven).Sends<OadrRequestEvent>().Hears(Vtn.Distributes() with { VtnId = "another" });
        Assert.Null(Assert.Single(ven.State.Events).UnlistedSince);
        Assert.DoesNotContain(ven.Notes, n => n is { Level: NoteLevel.Alarm, About: "e1" });
    }

    private static VenScript RegistersAnew(VenScript ven)
    {
        ven.State = ven.State with { Link = new LinkState() };
        ven.Polls(Vtn.Refuses(463)).Sends<OadrCreatePartyRegistration>(out var create).Hears(Vtn.Registers(create.RequestId, "reg-2"));
        return ven.Sends<OadrRegisterReport>(out var metadata).Hears(new OadrRegisteredReport(EiResponse.Ok(metadata.RequestId), [], Vtn.VenId));
    }
}
