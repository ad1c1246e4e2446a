using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Session;
using GridServices.OpenAdr.Tests.Scripts;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Registration;

/// <summary>A message that gets no reply, while polls are answered: it waits for itself alone and delays polls rarely.</summary>
public sealed class HangingTests
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(30);
    private static readonly OadrEvent First = Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1)));
    private static readonly OadrEvent Second = Vtn.Event("e2", "22:00", "PT1H", Vtn.Simple(("PT1H", 2)));

    [Fact]
    public void An_answer_without_a_reply_is_split_and_parked_and_delays_polls_rarely()
    {
        var ven = PollingEachSecond(Configs.Ven).Gets(Vtn.Distributes(First, Second));
        var talk = Talk(ven, Duration.FromMinutes(15), m => m is OadrCreatedEvent c && c.EventResponses.Any(r => r.QualifiedEventId.EventId == "e1"));
        Assert.Contains("e2/0 200 OptIn", talk.Taken);
        Assert.Equal(["e1"], PendingRequestText.GetEvents(Assert.Single(ven.State.Owed)));
        Assert.NotNull(Assert.Single(ven.State.Owed).ParkedAt);
        Assert.Equal("e1", Assert.Single(ven.Notes, n => n.Level == NoteLevel.Alarm).About);
        Assert.DoesNotContain(ven.Notes, n => n.Kind is NoteKind.VtnLost or NoteKind.VtnBack);
        Assert.InRange(talk.Hangs.Count, 6, 8);
        Assert.Equal(Duration.FromSeconds(30), talk.Hangs[0]);
        Assert.All(talk.Hangs.Skip(1), hang => Assert.Equal(Duration.FromSeconds(10), hang));
        Assert.InRange(talk.LongestRunOfHangs, 1, 1);
        ven.Person(VenAction.Resend);
        Assert.Equal(RequestTimeout, ven.Request().ComputeTimeout(RequestTimeout));
    }

    [Fact]
    public void Reports_without_a_reply_delay_polls_rarely_and_are_told_once_each()
    {
        var ven = PollingEachSecond(Configs.Reporting);
        ven.Polls(Vtn.AsksReports(
            "q-1", Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT1M", "power"), Vtn.Wants("rr-2", "telemetry-usage", "PT1M", "PT1M", "energy"))).Hears(Vtn.Nothing);
        var talk = Talk(ven, Duration.FromMinutes(30), m => m is OadrUpdateReport);
        Assert.Equal(2, ven.Notes.Count(n => n.Level == NoteLevel.Alarm));
        Assert.DoesNotContain(ven.Notes, n => n.Kind is NoteKind.VtnLost or NoteKind.VtnBack);
        Assert.Equal(1, talk.LongestRunOfHangs);
        Assert.InRange(talk.Hangs.Aggregate(Duration.Zero, (sum, hang) => sum + hang), Duration.FromSeconds(80), Duration.FromSeconds(260));
        ven.Gets(Vtn.Distributes(First), "e1/0 200 OptIn");
    }

    [Fact]
    public void Where_many_messages_hang_each_poll_that_is_due_goes_between_them()
    {
        var ven = PollingEachSecond(Configs.Ven).Person(VenAction.RequestEvents).Person(VenAction.PublishMetadata).Person(VenAction.RequestVtnMetadata);
        ven.Takes(new VenInput.OperatorAction(VenAction.QueryRegistration));
        var talk = Talk(ven, Duration.FromMinutes(3), m => m is not OadrPoll);
        Assert.True(talk.Hangs.Count >= 4);
        Assert.Equal(1, talk.LongestRunOfHangs);
    }

    [Fact]
    public void A_hang_up_on_one_message_says_nothing_of_the_line()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(First));
        ven.Sends<OadrCreatedEvent>().Fails(TransportFailure.Unreachable).Polls(Vtn.Nothing);
        Assert.DoesNotContain(ven.Notes, n => n.Kind is NoteKind.VtnLost or NoteKind.VtnBack);
        Assert.Null(ven.State.Link.QuietUntil);
    }

    [Fact]
    public void Where_polls_get_no_reply_either_the_line_as_a_whole_waits_and_nothing_is_parked()
    {
        var ven = VenScript.Registered(Configs.Reporting);
        ven.Polls(Vtn.AsksReports("q-1", Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT1M", "power"))).Hears(Vtn.Nothing).Gets(Vtn.Distributes(First));
        Talk(ven, Duration.FromHours(2), _ => true);
        Assert.Single(ven.Notes, n => n.Kind == NoteKind.VtnLost);
        Assert.Null(Assert.Single(ven.State.Owed).ParkedAt);
        Assert.DoesNotContain(ven.Notes, n => n.Text.Contains("while the VTN answers", StringComparison.Ordinal));
        Talk(ven, Duration.FromMinutes(11), _ => false);
        Assert.Empty(ven.State.Owed);
        Assert.True(ven.Noted(NoteKind.VtnBack));
    }

    private static VenScript PollingEachSecond(VenConfig config)
    {
        var ven = VenScript.Registered(config with { PollInterval = Duration.FromSeconds(1) });
        ven.State = ven.State with { Registration = ven.State.Registration! with { PollFrequency = null } };
        return ven;
    }

    /// <summary>Each hanging message takes as long as the VEN has patience for it; everything else is answered at once.</summary>
    private static (List<string> Taken, List<Duration> Hangs, int LongestRunOfHangs) Talk(VenScript ven, Duration length, Func<OadrMessage, bool> hanging)
    {
        var (taken, hangs, run, longest) = (new List<string>(), new List<Duration>(), 0, 0);
        for (var until = ven.Now + length; ven.Now < until;)
        {
            if (ven.Next() is VenNext.WaitUntil wait)
            {
                ven.After(wait.At - ven.Now);
                continue;
            }

            var request = ven.Request();
            if (hanging(request.Message))
            {
                var patience = Duration.FromTimeSpan(request.ComputeTimeout(RequestTimeout));
                hangs.Add(patience);
                longest = Math.Max(longest, ++run);
                ven.After(patience).Takes(new VenInput.TransportFailed(request, TransportFailure.Timeout));
                continue;
            }

            run = 0;
            if (request.Message is OadrCreatedEvent answer)
            {
                taken.Add(Show.Format(answer));
            }

            ven.Hears(request.Message is OadrUpdateReport report ? new OadrUpdatedReport(EiResponse.Ok(report.RequestId), null, Vtn.VenId) : Vtn.Nothing);
        }

        return (taken, hangs, longest);
    }
}
