using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;

namespace GridServices.OpenAdr.Tests.Certification;

/// <summary>Registration cases that must come out the same for a VEN that polls and for one that is pushed to.</summary>
public class RegistrationCaseTests : EitherWay
{
    public RegistrationCaseTests()
        : this(VenTransport.Pull)
    {
    }

    protected RegistrationCaseTests(VenTransport transport)
        : base(transport)
    {
    }

    [Fact]
    public void N1_0010_and_0015_a_query_before_and_during_a_registration_has_no_ids_and_changes_nothing()
    {
        var ven = Unregistered().Sends<OadrQueryRegistration>(out var query).Hears(Vtn.Offers(query.RequestId)).Sends<OadrCreatePartyRegistration>();
        Assert.Null(ven.State.Registration);
        var registered = Registered();
        var before = registered.State.Registration;
        registered.Person(VenAction.QueryRegistration).Sends<OadrQueryRegistration>(out var again).Hears(Vtn.Offers(again.RequestId)).Publishes().Sends<OadrPoll>();
        Assert.Equal(before, registered.State.Registration);
    }

    [Fact]
    public void N1_0025_the_preallocated_venID_goes_with_the_first_registration()
    {
        var ven = Unregistered(Configs.Ven with { VenId = "ven-7", Quirks = new VenQuirks { SkipQueryRegistration = true } });
        ven.Sends<OadrCreatePartyRegistration>(out var create);
        Assert.Equal(("ven-7", null), (create.VenId, create.RegistrationId));
    }

    [Fact]
    public void N1_0030_the_vens_own_cancellation_ends_all_and_waits_for_a_person()
    {
        var ven = Registered().Person(VenAction.CancelRegistration).Sends<OadrCancelPartyRegistration>(out var cancel);
        Assert.Equal(("reg-1", Vtn.VenId), (cancel.RegistrationId, cancel.VenId));
        ven.Hears(new OadrCanceledPartyRegistration(EiResponse.Ok(cancel.RequestId), "reg-1", Vtn.VenId)).Publishes("site-1 PROG7: withdrawn");
        Assert.IsType<VenNext.WaitUntil>(ven.Next());
        ven.Person(VenAction.Register).Sends<OadrQueryRegistration>();
    }

    [Fact]
    public void N1_0060_a_new_registration_while_registered_has_no_ids_and_begins_anew_under_another_venID()
    {
        var ven = Registered(Configs.Reporting).Person(VenAction.Register).Sends<OadrCreatePartyRegistration>(out var create);
        Assert.Equal((null, null), (create.RegistrationId, create.VenId));
        ven.Hears(Vtn.Registers(create.RequestId, registrationId: "reg-2", venId: "ven-2"));
        ven.Sends<OadrRegisterReport>(out var metadata).Hears(new OadrRegisteredReport(EiResponse.Ok(metadata.RequestId), [], "ven-2"));
        ven.Sends<OadrRequestEvent>(out var request);
        Assert.Equal(("ven-2", "ven-2"), (metadata.VenId, request.VenId));
    }

    [Fact]
    public void N1_0050_and_0065_registering_again_keeps_the_ids_the_events_and_the_metadata()
    {
        var ven = Registered().Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1)))), "e1/0 200 OptIn");
        ven.Polls(new OadrRequestReregistration(Vtn.VenId)).Publishes().Sends<OadrResponse>(out var ack).Hears(Vtn.Nothing);
        Assert.Equal(200, ack.Response.Code);
        ven.Sends<OadrCreatePartyRegistration>(out var create).Hears(Vtn.Registers(create.RequestId)).Publishes().Sends<OadrPoll>();
        Assert.Equal(("reg-1", Vtn.VenId), (create.RegistrationId, create.VenId));
        Assert.Single(ven.State.Events);
    }
}

/// <summary>The same of a VEN that is pushed to.</summary>
public sealed class PushedRegistrationCaseTests() : RegistrationCaseTests(VenTransport.Push);
