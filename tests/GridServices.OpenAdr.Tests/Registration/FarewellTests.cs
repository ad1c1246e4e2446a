using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;

namespace GridServices.OpenAdr.Tests.Registration;

/// <summary>A VEN tells its VTN that it leaves, and then what it left for is not stored: it stays what it was.</summary>
public sealed class FarewellTests
{
    [Fact]
    public void Said_and_answered_the_ven_registers_again_by_itself_over_a_restart_too()
    {
        var ven = VenScript.Registered().Takes(new VenInput.Leaving()).Sends<OadrCancelPartyRegistration>(out var cancel);
        ven.Hears(new OadrCanceledPartyRegistration(EiResponse.Ok(cancel.RequestId), cancel.RegistrationId, cancel.VenId));
        Assert.Null(ven.State.Registration);
        ven.State = VenStateJson.Read(VenStateJson.Write(ven.State));
        ven.Takes(new VenInput.Stays());
        Assert.IsType<OadrQueryRegistration>(ven.Request().Message);
    }

    [Fact]
    public void Not_said_yet_it_is_not_said_over_a_restart_either()
    {
        var ven = VenScript.Registered().Takes(new VenInput.Leaving()).Sends<OadrCancelPartyRegistration>();
        ven.State = VenStateJson.Read(VenStateJson.Write(ven.State));
        Assert.IsType<OadrCancelPartyRegistration>(ven.Request().Message);
        ven.Takes(new VenInput.Stays()).PollsInVain();
        Assert.NotNull(ven.State.Registration);
        Assert.Contains(ven.Notes, n => n is { Kind: NoteKind.Configuration, Level: NoteLevel.Warning });
    }

    [Fact]
    public void A_cancellation_that_a_person_wants_stays_theirs()
    {
        var ven = VenScript.Registered().Person(VenAction.CancelRegistration).Takes(new VenInput.Leaving()).Takes(new VenInput.Stays()).Sends<OadrCancelPartyRegistration>(out var cancel);
        ven.Hears(new OadrCanceledPartyRegistration(EiResponse.Ok(cancel.RequestId), cancel.RegistrationId, cancel.VenId));
        Assert.True(ven.State.Plan.Paused);
        Assert.IsType<VenNext.WaitUntil>(ven.Next());
    }
}
