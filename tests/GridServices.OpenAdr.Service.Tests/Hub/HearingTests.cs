using GridServices.Contracts;
using GridServices.Hosting.Hub;
using GridServices.OpenAdr.Service.Hub;
using GridServices.OpenAdr.Service.Tests.Rig;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace GridServices.OpenAdr.Service.Tests.Hub;

/// <summary>A service that starts while its VTN is away: it says so, and what it has stored counts only once the VTN has told its events.</summary>
public sealed class HearingTests
{
    [Fact]
    public async Task A_stream_is_neither_ok_nor_heard_after_a_start_until_the_vtn_has_told_all_of_its_events()
    {
        await using var rig = await VenRig.StartAsync();
        Assert.Contains("No VEN", WhyUnheard(rig), StringComparison.Ordinal);
        await rig.RegisterAsync();
        await VenRig.UntilAsync(() => WhyUnheard(rig) is null);
        await rig.StopServiceAsync();
        var port = rig.Vtn.Port;
        await rig.Vtn.DisposeAsync();
        var before = rig.Hub.Reports.Count;

        await rig.StartServiceAsync();
        await VenRig.UntilAsync(() => rig.Hub.Reports.Count > before);
        Assert.All(rig.Hub.Reports.Skip(before).SelectMany(r => r.Streams), s => Assert.NotEqual(UpstreamStatus.Ok, s.Status));
        Assert.Contains("not told all events", WhyUnheard(rig), StringComparison.Ordinal);

        rig.Vtn = await Vtn.StartAsync(port);
        await VenRig.UntilAsync(() => WhyUnheard(rig) is null);
        await VenRig.UntilAsync(() => rig.Hub.Reports.Last().Streams is [{ Status: UpstreamStatus.Ok }]);

        // What a person ends is known though nobody speaks for it any more.
        await rig.SendAsync(HttpMethod.Delete, VenRig.Path);
        Assert.NotNull(WhyUnheard(rig));
        Assert.Null(WhyUnheard(rig, isFresh: true));
    }

    [Theory]
    [InlineData("PROG7", true, true)]
    [InlineData("PROG7", false, false)]
    [InlineData("PROG8", true, false)]
    public void What_follows_from_an_event_told_since_the_start_goes_out_although_the_list_was_not_told_whole(string stream, bool isFresh, bool isHeard)
    {
        var spoken = new SpokenStream("default", "site-1", new StreamId("openadr", stream), isFresh);
        Assert.False(VenHearing.IsHeard(new LinkState(), spoken));
        Assert.Equal(isHeard, VenHearing.IsHeard(new LinkState { ToldStreams = ["PROG7"] }, spoken));
        Assert.True(VenHearing.IsHeard(new LinkState { ListedAt = Instant.MinValue }, spoken));
    }

    private static string? WhyUnheard(VenRig rig, bool isFresh = false) =>
        rig.Service.App.Services.GetRequiredService<IStreamHearing>().WhyUnheard(new SpokenStream("default", "site-1", new StreamId("openadr", "PROG7"), isFresh));
}
