using System.Text.Json;
using GridServices.Contracts;

namespace GridServices.EnvelopeHub.Tests.Hostile;

public sealed class CursorTests
{
    [Theory]
    [InlineData("WH-034", ErrorClass.CursorInvalid)]
    [InlineData("WH-035", ErrorClass.CursorGone)]
    [InlineData("WH-036", null)]
    public async Task A_hostile_cursor_ends_as_the_index_says(string id, ErrorClass? expected)
    {
        var file = Assert.Single(HostileFile.ReadAll("webhook"), file => file.Id == id);
        using var asked = JsonDocument.Parse(HostileFile.Read(file.File));
        var cursor = Uri.EscapeDataString(asked.RootElement.GetProperty("cursor").GetString()!);
        var limit = asked.RootElement.TryGetProperty("limit", out var number) ? $"&limit={number.GetRawText()}" : "";
        await using var hub = await HubUnderTest.StartAsync();
        await hub.PublishAsync(Some.Envelope());
        using var client = hub.Controller;
        using var answer = await client.GetAsync($"/v1/sites/site-1/envelopes?since={cursor}{limit}");
        if (expected is { } error)
        {
            Assert.Equal(file.ErrorClass, Problems.GetName(error));
            await HubUnderTest.DemandProblemAsync(answer, error);
        }
        else
        {
            Assert.Single((await HubUnderTest.ReadAsync<SiteEnvelopes>(answer)).Envelopes);
        }
    }
}
