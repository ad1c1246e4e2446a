using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using GridServices.FrequencyResponse.Service.Tests.Rig;
using GridServices.Testing;

namespace GridServices.FrequencyResponse.Service.Tests.Api;

public sealed class SetpointStreamTests
{
    [Fact]
    public async Task Set_points_are_streamed_by_asset_with_token_and_rising_sequence()
    {
        await using var rig = await FrequencyRig.ArmedAsync("NORDIC-FCR-D-UP");
        using var client = rig.Service.Client(rig.Service.Tokens.Controller);
        using var end = Until.Deadline();
        await using var body = await client.GetStreamAsync(new Uri("/v1/setpoints/stream?siteId=site-1", UriKind.Relative), end.Token);
        using var stop = new CancellationTokenSource();
        var measuring = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await rig.MeasureAsync(_ => 49.7, 0.2);
            }
        });
        var last = 0L;
        await foreach (var item in SseParser.Create(body).EnumerateAsync(end.Token))
        {
            var says = JsonNode.Parse(item.Data)!;
            Assert.Equal("setpoints", item.EventType);
            Assert.True(says["sequence"]!.GetValue<long>() > last);
            last = says["sequence"]!.GetValue<long>();
            Assert.True(says["token"]!.GetValue<long>() > 0);

            // + = charge on this wire: 25 kW of injection.
            if (says["watts"]!["bess-1"]!.GetValue<long>() is > -26_000 and < -24_000)
            {
                break;
            }
        }

        await stop.CancelAsync();
        await measuring;
        Assert.True(last > 0);
    }
}
