using System.Text.Json;
using GridServices.Contracts;
using NodaTime;

namespace GridServices.EnvelopeHub.Tests.History;

/// <summary>A move is no restore: the same epoch, the same cursors, and nothing is incomplete for longer than after any start.</summary>
public sealed class MoveToPostgreSqlTests
{
    private const string Source = "/gridservices/openadr/1";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_same_history_goes_on_with_its_marker_or_without(bool withMarker)
    {
        await using var hub = await HubUnderTest.StartAsync();
        await hub.PublishAsync(Some.Envelope(stream: "A", watts: 8_000), Some.Envelope(stream: "B", watts: 9_000));
        await hub.PublishAsync(Some.Envelope(stream: "A", revision: 2, watts: 7_000));
        await MeasureAsync(hub);
        var seen = await HelloAsync(hub, new PublisherHello { Source = Source });
        seen = await HelloAsync(hub, new PublisherHello { Source = Source, Epoch = seen.Epoch, Head = seen.Head, RestatedEpoch = seen.Epoch });
        var (set, readings) = (await SetAsync(hub), await ReadingsAsync(hub));

        if (withMarker)
        {
            await hub.MoveAsync();
        }
        else
        {
            var marker = Path.Combine(Path.GetDirectoryName(hub.DatabaseFile)!, "envelope-hub.history");
            await hub.App.App.StopAsync(TestContext.Current.CancellationToken);
            File.Delete(marker);
            await hub.MoveAsync();
        }

        var told = await HelloAsync(hub, new PublisherHello { Source = Source, Epoch = seen.Epoch, Head = seen.Head, RestatedEpoch = seen.Epoch });
        Assert.Equal((seen.Epoch, (bool?)null), (told.Epoch, told.Incomplete));
        Assert.Equal("7000", await hub.ImportLimitAsync());
        Assert.Equal(readings, await ReadingsAsync(hub));
        Assert.Equal(set.Epoch + "." + set.Sequence, (await SetAsync(hub)).Epoch + "." + (await SetAsync(hub)).Sequence);

        // From a cursor of before, in the middle of the log.
        await using var stream = await hub.SubscribeAsync(lastEventId: set.Epoch + ".2");
        Assert.Equal(("envelope", $"{set.Epoch}.3"), ((await stream.NextAsync())!.Name, stream.LastEventId));
        Assert.Equal(PublishStatus.Accepted, Assert.Single(await hub.PublishAsync(Some.Envelope(stream: "A", revision: 3, watts: 6_000))).Status);
        Assert.Equal(PublishStatus.Stale, Assert.Single(await hub.PublishAsync(Some.Envelope(stream: "A", revision: 2, watts: 99_000))).Status);
        Assert.Equal("6000", await hub.ImportLimitAsync());

        // And over a further start in PostgreSQL.
        await hub.RestartAsync();
        Assert.Equal(seen.Epoch, (await SetAsync(hub)).Epoch);
    }

    private static async Task MeasureAsync(HubUnderTest hub)
    {
        using var client = hub.Controller;
        using var taken = await client.PostAsync(
            "/v1/sites/site-1/telemetry", HubUnderTest.Json($$"""[{"netPowerW":4711,"at":"{{SystemClock.Instance.GetCurrentInstant()}}"}]"""), TestContext.Current.CancellationToken);
        Assert.True(taken.IsSuccessStatusCode, await taken.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static async Task<string> ReadingsAsync(HubUnderTest hub)
    {
        using var client = hub.Client(hub.Tokens.Operator);
        var text = await client.GetStringAsync(new Uri("/v1/sites/site-1/telemetry?from=2020-01-01T00:00:00Z&until=2100-01-01T00:00:00Z", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Contains("4711", text, StringComparison.Ordinal);
        return JsonDocument.Parse(text).RootElement.GetProperty("items").GetRawText();
    }

    private static async Task<SiteEnvelopes> SetAsync(HubUnderTest hub)
    {
        using var client = hub.Controller;
        return await HubUnderTest.ReadAsync<SiteEnvelopes>(await client.GetAsync(new Uri("/v1/sites/site-1/envelopes", UriKind.Relative), TestContext.Current.CancellationToken));
    }

    private static async Task<PublisherAnswer> HelloAsync(HubUnderTest hub, PublisherHello hello)
    {
        using var client = hub.Publisher;
        using var answer = await client.PostAsync(new Uri("/v1/publishers", UriKind.Relative), HubUnderTest.Json(hello));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return await HubUnderTest.ReadAsync<PublisherAnswer>(answer);
    }
}
