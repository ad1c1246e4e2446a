using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Session;
using GridServices.OpenAdr.Tests.Scripts;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Registration;

/// <summary>A VTN that lists its events again and again, and does not take the answer about one of them.</summary>
public sealed class RepeatedListTests
{
    private static readonly OadrEvent First = Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1)));
    private static readonly OadrEvent Second = Vtn.Event("e2", "22:00", "PT1H", Vtn.Simple(("PT1H", 2)));

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(10)]
    public void Listed_again_and_again_the_bad_answer_is_parked_once_and_the_good_one_is_delivered(int seconds)
    {
        var ven = PollingEachSecond();
        var listed = 0;
        var taken = List(ven, Duration.FromMinutes(2), Duration.FromSeconds(seconds), () => Vtn.DistributesAs($"d{listed++}", First, Second), m => About(m, "e1"));
        Assert.Contains("e2/0 200 OptIn", taken);
        var parked = Assert.Single(ven.State.Owed);
        Assert.Equal(["e1"], PendingRequestText.GetEvents(parked));
        Assert.NotNull(parked.ParkedAt);
        var alarm = Assert.Single(ven.Notes, n => n.Level == NoteLevel.Alarm);
        Assert.Equal((NoteKind.MessageGivenUp, "e1"), (alarm.Kind, alarm.About));
        Assert.InRange(ven.Notes.Count(n => n.Level == NoteLevel.Warning), 1, 4);
    }

    [Fact]
    public void An_answer_that_changes_each_time_goes_alone_so_that_the_others_are_delivered()
    {
        var ven = PollingEachSecond();
        var number = 0u;
        var taken = List(
            ven, Duration.FromMinutes(1), Duration.FromSeconds(1), () => Vtn.DistributesAs($"d{number}", First.Modified(number), Second.Modified(number++)), m => About(m, "e1"));
        Assert.Contains(taken, t => t.StartsWith("e2/", StringComparison.Ordinal));
    }

    [Fact]
    public void The_repeated_answer_echoes_the_last_distribution_and_a_parked_one_is_tried_again_within_the_longest_back_off()
    {
        var ven = PollingEachSecond();
        var listed = 0;
        List(ven, Duration.FromMinutes(2), Duration.FromSeconds(3), () => Vtn.DistributesAs($"d{listed++}", First), m => About(m, "e1"));
        Assert.NotNull(Assert.Single(ven.State.Owed).ParkedAt);
        var taken = List(ven, Duration.FromMinutes(7), Duration.FromSeconds(3), () => Vtn.DistributesAs($"d{listed++}", First), _ => false);
        Assert.Contains("e1/0 200 OptIn", taken);
        Assert.Empty(ven.State.Owed);
        ven.Gets(Vtn.DistributesAs("d-last", First)).Sends<OadrCreatedEvent>(out var answer);
        ven.Fails(TransportFailure.HttpStatus, 500).Gets(Vtn.DistributesAs("d-later", First));
        Assert.Equal("d-last", answer.EventResponses[0].RequestId);
        Assert.Equal("d-later", Assert.IsType<PendingRequest.AnswerEvents>(Assert.Single(ven.State.Owed)).Responses[0].RequestId);
    }

    [Fact]
    public void An_answer_to_the_payload_as_a_whole_that_is_never_taken_is_parked_too()
    {
        var ven = PollingEachSecond();
        var listed = 0;
        List(ven, Duration.FromMinutes(2), Duration.FromSeconds(3), () => Vtn.DistributesAs($"d{listed++}", First) with { VtnId = "vtn-other" }, m => m is OadrCreatedEvent);
        Assert.NotNull(Assert.Single(ven.State.Owed).ParkedAt);
        Assert.Single(ven.Notes, n => n.Level == NoteLevel.Alarm);
    }

    private static VenScript PollingEachSecond()
    {
        var ven = VenScript.Registered(Configs.Ven with { PollInterval = Duration.FromSeconds(1) });
        ven.State = ven.State with { Registration = ven.State.Registration! with { PollFrequency = null } };
        return ven;
    }

    private static bool About(OadrMessage message, string eventId) => message is OadrCreatedEvent c && c.EventResponses.Any(r => r.QualifiedEventId.EventId == eventId);

    /// <summary>The VTN lists its events each so often; returns the answers that it took.</summary>
    private static List<string> List(VenScript ven, Duration length, Duration every, Func<OadrMessage> list, Func<OadrMessage, bool> failing)
    {
        var taken = new List<string>();
        var (until, listAt) = (ven.Now + length, ven.Now);
        while (ven.Now < until)
        {
            switch (ven.Next())
            {
                case VenNext.WaitUntil wait:
                    ven.After(wait.At - ven.Now);
                    break;
                case VenNext.SendRequest { Message: var message } when failing(message):
                    ven.Fails(TransportFailure.HttpStatus, 500);
                    break;
                case VenNext.SendRequest { Message: OadrPoll } when ven.Now >= listAt:
                    listAt = ven.Now + every;
                    ven.Hears(list());
                    break;
                case VenNext.SendRequest { Message: OadrCreatedEvent answer }:
                    taken.Add(Show.Format(answer));
                    ven.Hears(Vtn.Nothing);
                    break;
                default:
                    ven.Hears(Vtn.Nothing);
                    break;
            }
        }

        return taken;
    }
}
