using GridServices.Contracts;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;
using NodaTime;

namespace GridServices.OpenAdr.Tests;

/// <summary>What is known from before a start may be older than what the hub holds: only a VTN that has told all of its events since then is heard.</summary>
public sealed class HearingTests
{
    private static readonly OadrEvent Event = Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1)));

    [Fact]
    public void A_list_of_events_is_heard_and_an_empty_queue_is_none()
    {
        var ven = VenScript.Registered();
        Assert.Equal(ven.Now, ven.State.Link.ListedAt);
        Restart(ven);
        Assert.Null(ven.State.Link.ListedAt);

        ven.Polls(Vtn.Nothing);
        Assert.Null(ven.State.Link.ListedAt);
        ven.After(Duration.FromSeconds(10)).Polls(Vtn.Distributes(Event));
        Assert.Equal(ven.Now, ven.State.Link.ListedAt);
    }

    [Fact]
    public void Of_a_list_with_an_illegible_item_the_events_that_were_taken_count_for_their_program_alone()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(Event), "e1/0 200 OptIn");
        var stream = Configs.Ven.Programs.Single().Stream;
        Assert.Equal([stream], ven.State.Link.ToldStreams);
        Restart(ven);
        Assert.Empty(ven.State.Link.ToldStreams);

        var illegible = Readable.Not<OadrEvent>(new UnreadableEvent(null, null, null, new Wire.ReadError(ErrorClass.SemanticId, "/oadrEvent", "no eventID"), 452));
        ven.Gets(new OadrDistributeEvent { RequestId = "d1", VtnId = Vtn.Id, Events = [illegible] }, "452");
        Assert.Empty(ven.State.Link.ToldStreams);
        ven.Gets(Vtn.Distributes(Event) with { Events = [illegible, .. Vtn.Distributes(Event).Events] }, "e1/0 200 OptIn");
        Assert.Null(ven.State.Link.ListedAt);
        Assert.Equal([stream], ven.State.Link.ToldStreams);
    }

    [Fact]
    public void Another_vtns_list_is_none()
    {
        var ven = VenScript.Registered();
        Restart(ven);
        ven.Polls(Vtn.Distributes(Event) with { VtnId = "vtn-other" });
        Assert.Null(ven.State.Link.ListedAt);
    }

    [Fact]
    public void Of_a_vtn_that_distributes_only_what_changes_the_answer_to_a_request_alone_is_the_whole_list()
    {
        var ven = VenScript.Registered(Configs.Ven with { Quirks = Configs.Ven.Quirks with { NeverImplyCancel = true } });
        Assert.NotNull(ven.State.Link.ListedAt);
        Restart(ven);
        ven.Polls(Vtn.Distributes(Event));
        Assert.Null(ven.State.Link.ListedAt);
    }

    [Fact]
    public void That_the_vtn_is_lost_is_stored_so_that_a_start_does_not_forget_it()
    {
        var ven = VenScript.Registered().Polls(Vtn.Nothing);
        ven.After(Duration.FromSeconds(10)).Takes(new VenInput.TransportFailed(ven.Request(), TransportFailure.Unreachable, null, null, null));
        Assert.NotNull(ven.State.Link.LostSince);
        Assert.True(ven.LastStep.MustStore);
        ven.After(Duration.FromMinutes(10)).Takes(new VenInput.TransportFailed(ven.Request(), TransportFailure.Unreachable, null, null, null));
        Assert.False(ven.LastStep.MustStore);
    }

    private static void Restart(VenScript ven) => ven.State = VenStateJson.Read(VenStateJson.Write(ven.State)).AfterStart();
}
