using GridServices.Contracts;
using GridServices.EnvelopeHub.Service.History;
using GridServices.EnvelopeHub.Service.Publishing;
using GridServices.EnvelopeHub.Service.Sites;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace GridServices.EnvelopeHub.Tests.Publishing;

/// <summary>A commit took place although its connection broke, and the store could not be asked then: memory knows nothing of it.</summary>
public sealed class UnknownOutcomeTests
{
    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task What_the_publisher_sends_again_is_shown_to_everybody_although_the_store_holds_it(Dialect dialect)
    {
        await using var hub = await HubUnderTest.StartAsync(dialect);
        await hub.PublishAsync(Some.Envelope(watts: 30_000));
        await using var stream = await hub.SubscribeAsync();
        await stream.NextAsync("heartbeat");
        var tighter = Some.Envelope(revision: 2, watts: 2_000);
        await StoreAloneAsync(hub, tighter);

        Assert.Equal(PublishStatus.Duplicate, Assert.Single(await hub.PublishAsync(tighter)).Status);

        Assert.Equal(2, (await stream.NextAsync("envelope")).Sequence);
        var timeline = (await stream.NextAsync("effective")).Read<EffectiveTimeline>();
        Assert.Equal(2_000, timeline.Targets[0].Segments[0].Limits.ImportLimitW?.Value);
        Assert.Equal("2000", await hub.ImportLimitAsync());
    }

    private static async Task StoreAloneAsync(HubUnderTest hub, byte[] envelope)
    {
        var services = hub.App.App.Services;
        var entry = PublicationEntryReader.Parse(EnvelopeReader.ReadPublication(envelope).Items[0].Value!);
        using var site = await services.GetRequiredService<SiteCache>().AcquireAsync(entry.Site, TestContext.Current.CancellationToken);
        var before = site.Cell.View.Set;
        var stored = before.Apply(entry, services.GetRequiredService<HubHistory>().Epoch);
        await services.GetRequiredService<SiteLog>().CommitAsync(new SiteCommit([new SiteChange(entry.Site, before.With(stored), [stored])], [], services.GetRequiredService<HubHistory>().Epoch), Some.Evening, TestContext.Current.CancellationToken);
    }
}
