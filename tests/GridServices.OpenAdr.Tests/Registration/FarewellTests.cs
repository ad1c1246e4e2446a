using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Session;
using GridServices.OpenAdr.Tests.Scripts;
using GridServices.Wire;
using NodaTime;

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

    /// <summary>The VTN cancelled, the answer was lost: the next thing that it does not know the VEN for is that answer.</summary>
    [Theory]
    [InlineData(463)]
    [InlineData(452)]
    public void A_vtn_that_knows_the_ven_no_more_has_taken_the_cancellation_whose_answer_was_lost(int code)
    {
        var ven = VenScript.Registered().Person(VenAction.CancelRegistration).Sends<OadrCancelPartyRegistration>();
        ven.Fails(TransportFailure.Timeout).Polls(Vtn.Refuses(code));
        Assert.True(ven.State.Plan.Paused);
        Assert.Null(ven.State.Registration);
        Assert.Empty(ven.State.Owed);
        Assert.IsType<VenNext.WaitUntil>(ven.Next());
    }

    [Fact]
    public void A_farewell_whose_answer_was_lost_is_said_where_the_vtn_knows_the_ven_no_more()
    {
        var ven = VenScript.Registered().Takes(new VenInput.Leaving()).Sends<OadrCancelPartyRegistration>().Fails(TransportFailure.HttpStatus, 502);
        ven.Polls(Vtn.Refuses(463));
        Assert.Null(ven.State.Registration);
        Assert.False(ven.State.Plan.Paused);
    }

    [Fact]
    public void A_registration_that_the_vtn_asks_for_is_not_made_while_a_cancellation_is_owed()
    {
        var ven = VenScript.Registered().Person(VenAction.CancelRegistration).Sends<OadrCancelPartyRegistration>().Fails(TransportFailure.Timeout);
        ven.Polls(new OadrRequestReregistration(Vtn.VenId)).Sends<OadrResponse>().Hears(Vtn.Nothing);
        ven.After(Assert.IsType<VenNext.WaitUntil>(ven.Next()).At - ven.Now);
        Assert.DoesNotContain(ven.State.Owed, o => o is PendingRequest.Register);
        ven.State = ven.State with { Link = ven.State.Link with { PollAt = ven.Now + Duration.FromSeconds(10) }, Owed = ven.State.Owed.Select(o => o with { NotBefore = ven.Now }).ToValueList() };
        ven.Sends<OadrCancelPartyRegistration>(out var cancel).Hears(new OadrCanceledPartyRegistration(EiResponse.Ok(cancel.RequestId), cancel.RegistrationId, cancel.VenId));
        Assert.True(ven.State.Plan.Paused);
    }

    /// <summary>OpenADR 2.0b rules 407, 517; the schema lets oadrRequestReregistration answer anything, and its venID be empty.</summary>
    [Theory]
    [InlineData(Vtn.VenId, false)]
    [InlineData("", false)]
    [InlineData(Vtn.VenId, true)]
    public void A_cancellation_answered_by_oadrRequestReregistration_has_nothing_left_to_cancel(string venId, bool isParked)
    {
        var ven = VenScript.Registered().Person(VenAction.CancelRegistration);
        if (isParked)
        {
            Park(ven, notBefore: ven.Now);
            ven.PollsInVain();
        }

        ven.Sends<OadrCancelPartyRegistration>().Hears(new OadrRequestReregistration(venId));
        Assert.Null(ven.State.Registration);
        Assert.True(ven.State.Plan.Paused);
        Assert.Empty(ven.State.Owed);
        Assert.IsType<VenNext.WaitUntil>(ven.Next());
    }

    [Fact]
    public void A_cancellation_answered_by_oadrRequestReregistration_for_another_ven_stays_owed()
    {
        var ven = VenScript.Registered().Person(VenAction.CancelRegistration).Sends<OadrCancelPartyRegistration>();
        ven.Hears(new OadrRequestReregistration("another"));
        Assert.NotNull(ven.State.Registration);
        Assert.Equal(1, Assert.IsType<PendingRequest.CancelRegistration>(Assert.Single(ven.State.Owed)).Refusals);
    }

    /// <summary>It was not taken, and the VEN lived on: a VTN's hiccup must neither end the registration for good nor leave the VEN without one.</summary>
    [Fact]
    public void A_cancellation_that_is_parked_ends_no_registration_and_outlives_none()
    {
        var ven = VenScript.Registered().Person(VenAction.CancelRegistration);
        Park(ven, notBefore: null);
        ven.Polls(Vtn.Refuses(463)).Sends<OadrCreatePartyRegistration>(out var create).Hears(Vtn.Registers(create.RequestId, "reg-2"));
        Assert.Equal("reg-2", ven.State.Registration!.RegistrationId);
        Assert.DoesNotContain(ven.State.Owed, o => o is PendingRequest.CancelRegistration);
        Assert.Single(ven.Notes, n => n is { Level: NoteLevel.Alarm, Kind: NoteKind.RegistrationEnded } && n.Text.Contains("is dropped", StringComparison.Ordinal));
    }

    private static void Park(VenScript ven, Instant? notBefore) =>
        ven.State = ven.State with { Owed = ven.State.Owed.Select(o => o with { ParkedAt = ven.Now, NotBefore = notBefore, Refusals = 5 }).ToValueList() };

    [Fact]
    public void A_cancellation_outlives_a_registration_that_was_under_way_and_a_person_who_registers_takes_it_back()
    {
        var ven = VenScript.Registered().Person(VenAction.Register).Person(VenAction.CancelRegistration);
        ven.Sends<OadrCreatePartyRegistration>(out var create).Hears(Vtn.Registers(create.RequestId, "reg-2"));
        ven.Sends<OadrCancelPartyRegistration>(out var cancel);
        Assert.Equal("reg-2", cancel.RegistrationId);
        ven.Person(VenAction.Register);
        Assert.DoesNotContain(ven.State.Owed, o => o is PendingRequest.CancelRegistration);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(599)]
    public void An_error_of_the_vtns_own_ends_no_cancellation(int code)
    {
        var ven = VenScript.Registered().Person(VenAction.CancelRegistration).Sends<OadrCancelPartyRegistration>(out var cancel);
        ven.Hears(new OadrCanceledPartyRegistration(new EiResponse(code, "busy", cancel.RequestId), cancel.RegistrationId, cancel.VenId));
        Assert.Equal(1, Assert.IsType<PendingRequest.CancelRegistration>(Assert.Single(ven.State.Owed)).Refusals);
        ven.Person(VenAction.Resend).Sends<OadrCancelPartyRegistration>().Hears(Vtn.Refuses(code));
        Assert.Equal(1, Assert.IsType<PendingRequest.CancelRegistration>(Assert.Single(ven.State.Owed)).Refusals);
        Assert.NotNull(ven.State.Registration);
    }
}
