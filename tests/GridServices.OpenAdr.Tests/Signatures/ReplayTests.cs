using GridServices.Contracts;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Signatures;
using GridServices.OpenAdr.Tests.Scripts;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Signatures;

/// <summary>A signed message counts once, whenever it comes again within the time its age would allow it.</summary>
public sealed class ReplayTests
{
    [Fact]
    public void The_same_nonce_is_refused_the_second_time_and_another_is_not()
    {
        var ven = VenScript.Registered();
        var stamp = new SignatureStamp(ven.Now, "nonce-0001");
        Hears(ven, Event("e1"), stamp);
        Assert.Single(ven.State.Events);

        Hears(ven, Event("e2"), stamp);
        Assert.Equal("e1", Assert.Single(ven.State.Events).Id);
        Assert.Contains(ven.Notes, note => note.Class == ErrorClass.ReplayNonce);

        Hears(ven, Event("e1", "e2"), stamp with { Nonce = "nonce-0002" });
        Assert.Equal(2, ven.State.Events.Count);
    }

    [Fact]
    public void Nonces_survive_a_restart_and_are_forgotten_when_age_refuses_their_messages()
    {
        var ven = VenScript.Registered();
        Hears(ven, Event("e1"), new SignatureStamp(ven.Now, "nonce-0001"));
        var restored = VenStateJson.Read(VenStateJson.Write(ven.State));
        Assert.Equal("nonce-0001", Assert.Single(restored.Nonces).Nonce);

        ven.After(ven.Config.Profile.ReplayWindow + Duration.FromSeconds(1));
        Hears(ven, Event("e1"), new SignatureStamp(ven.Now, "nonce-0002"));
        Assert.Equal("nonce-0002", Assert.Single(ven.State.Nonces).Nonce);
    }

    private static void Hears(VenScript ven, OadrMessage message, SignatureStamp stamp)
    {
        ven.State = ven.State with { Link = ven.State.Link with { PollAt = null, QuietUntil = null } };
        ven.Sends<OadrPoll>().Hears(message, stamp);
        if (ven.State.Owed.Count > 0)
        {
            ven.Sends<OadrCreatedEvent>().Hears(Vtn.Nothing);
        }
    }

    private static OadrDistributeEvent Event(params string[] ids) =>
        Vtn.Distributes([.. ids.Select(id => Vtn.Event(id, "20:00", "PT1H", Vtn.Simple(("PT1H", 1))))]);
}
