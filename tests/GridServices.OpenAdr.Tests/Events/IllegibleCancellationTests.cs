using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Codec;
using GridServices.OpenAdr.Tests.Scripts;

namespace GridServices.OpenAdr.Tests.Events;

/// <summary>A cancellation counts where status, eventID and number can be read, whatever else of the event can't.</summary>
public sealed class IllegibleCancellationTests
{
    private static readonly OadrEvent Held = Vtn.Event("e1", "17:30", "PT2H", Vtn.Simple(("PT2H", 2))).Modified(1);

    [Theory]
    [InlineData(">SIMPLE<", ">CUSTOM<")]
    [InlineData("PT2H", "P1M")]
    [InlineData("<ei:eiTarget><ei:venID>ven-1</ei:venID></ei:eiTarget>", "")]
    public void It_ends_the_event_and_is_confirmed(string passage, string replacement) => VenScript.Registered()
        .Gets(Vtn.Distributes(Held), "e1/1 200 OptIn")
        .Gets(Listing(passage, replacement, "cancelled"), "e1/2 200 OptIn").Publishes("site-1 PROG7: nothing");

    [Fact]
    public void Without_the_word_the_event_goes_on() => VenScript.Registered()
        .Gets(Vtn.Distributes(Held), "e1/1 200 OptIn")
        .Gets(Listing(">SIMPLE<", ">CUSTOM<", "active"), "e1/2 460 OptOut").Publishes();

    [Fact]
    public void Outdated_it_ends_nothing() => VenScript.Registered()
        .Gets(Vtn.Distributes(Held.Modified(3)), "e1/3 200 OptIn")
        .Gets(Listing(">SIMPLE<", ">CUSTOM<", "cancelled"), "e1/2 460 OptOut").Publishes();

    private static OadrDistributeEvent Listing(string passage, string replacement, string status)
    {
        var xml = Payload.Create(Payload.Bent(passage, replacement).Replace(">far<", $">{status}<", StringComparison.Ordinal));
        return Assert.IsType<OadrDistributeEvent>(Payload.Read(xml).Message) with { VtnId = Vtn.Id };
    }
}
