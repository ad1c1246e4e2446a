using GridServices.Contracts;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Registration;

/// <summary>A VTN that registers the VEN again and again, each time with success, and knows it no more by the next message.</summary>
public sealed class RegistrationCircleTests
{
    [Fact]
    public void Said_463_to_METADATA_after_each_registration_the_ven_registers_ever_more_slowly_polls_all_the_same_and_a_person_is_told()
    {
        var ven = new VenScript();
        var (registrations, polls) = Run(ven, Duration.FromHours(2), (message, _) => message is OadrRegisterReport m ? new OadrRegisteredReport(new EiResponse(463, "who?", m.RequestId), [], null) : Vtn.Refuses(463));
        Assert.InRange(registrations, 5, 20);
        Assert.InRange(polls, 100, 800);
        var alarm = Assert.Single(ven.Notes, n => n is { Level: NoteLevel.Alarm, Kind: NoteKind.RegistrationLoop } && n.Text.Contains("4 times", StringComparison.Ordinal));
        Assert.Equal(ErrorClass.LoopDetected, alarm.Class);
        Assert.NotNull(ven.State.Link.Problem);
    }

    [Fact]
    public void Said_463_to_polls_alone_it_is_the_same()
    {
        var ven = new VenScript();
        var (registrations, _) = Run(ven, Duration.FromHours(2), (message, now) => message switch
        {
            OadrRegisterReport m => new OadrRegisteredReport(EiResponse.Ok(m.RequestId), [], Vtn.VenId),
            OadrRequestEvent => Vtn.Distributes(),
            _ => Vtn.Refuses(463),
        });
        Assert.InRange(registrations, 5, 25);
        Assert.True(ven.Noted(NoteKind.RegistrationLoop, NoteLevel.Alarm));
    }

    [Fact]
    public void A_vtn_that_forgets_now_and_then_is_registered_with_at_once()
    {
        var ven = VenScript.Registered();
        for (var restart = 0; restart < 10; restart++)
        {
            ven.After(Duration.FromMinutes(30)).Polls(Vtn.Refuses(463));
            ven.Sends<OadrCreatePartyRegistration>(out var create).Hears(Vtn.Registers(create.RequestId, $"reg-{restart + 2}"));
            ven.Sends<OadrRegisterReport>(out var metadata).Hears(new OadrRegisteredReport(EiResponse.Ok(metadata.RequestId), [], Vtn.VenId));
            ven.Sends<OadrRequestEvent>().Hears(Vtn.Distributes());
        }

        Assert.False(ven.Noted(NoteKind.RegistrationLoop));
    }

    [Fact]
    public void A_persons_order_breaks_the_circle()
    {
        var ven = new VenScript();
        Run(ven, Duration.FromMinutes(30), (_, _) => Vtn.Refuses(463));
        ven.Person(VenAction.Register).Sends<OadrCreatePartyRegistration>(out var create).Hears(Vtn.Registers(create.RequestId));
        ven.Sends<OadrRegisterReport>(out var metadata).Hears(new OadrRegisteredReport(new EiResponse(463, "who?", metadata.RequestId), [], null));
        ven.Sends<OadrCreatePartyRegistration>();
    }

    private static (int Registrations, int Polls) Run(VenScript ven, Duration time, Func<OadrMessage, Instant, OadrMessage> reply)
    {
        var (registrations, polls, until) = (0, 0, ven.Now + time);
        while (ven.Now < until)
        {
            switch (ven.Next())
            {
                case VenNext.WaitUntil wait:
                    ven.After(Duration.Max(wait.At - ven.Now, Duration.FromMilliseconds(10)));
                    break;
                case VenNext.SendRequest { Message: OadrQueryRegistration query }:
                    ven.Hears(Vtn.Offers(query.RequestId));
                    break;
                case VenNext.SendRequest { Message: OadrCreatePartyRegistration create }:
                    registrations++;
                    ven.After(Duration.FromMilliseconds(50)).Hears(Vtn.Registers(create.RequestId, $"reg-{registrations}"));
                    break;
                case VenNext.SendRequest { Message: var message }:
                    polls += message is OadrPoll ? 1 : 0;
                    ven.After(Duration.FromMilliseconds(50)).Hears(reply(message, ven.Now));
                    break;
            }
        }

        return (registrations, polls);
    }
}
