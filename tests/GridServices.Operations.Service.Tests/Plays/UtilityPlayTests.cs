using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using GridServices.Hosting;
using GridServices.Operations.Service.Tests.Provisioning;
using Microsoft.Extensions.DependencyInjection;

namespace GridServices.Operations.Service.Tests.Plays;

/// <summary>Acceptance plays with a simulated utility.</summary>
public sealed class UtilityPlayTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Play_5_an_event_that_is_changed_twice_shows_its_history_and_contacts_are_told_once_per_change()
    {
        await using var land = await Installation.StartAsync();
        var id = await land.EnrollAsync("site-5");
        var site = (await land.Operations.GetAsync("/v1/sites"))["items"]![0]!;
        await land.Operations.PostAsync("/v1/contacts", $$"""{ "customerId": "{{site["customerId"]}}", "siteId": "site-5", "name": "Ana Silva", "email": "ana@example.com", "role": "eventPrimary", "channels": ["email"] }""");
        await Installation.UntilAsync(() => land.StatusAsync(id), s => (string)s["lamps"]!["registered"]!["state"]! == "on");
        await land.CallAsync("e5", "+PT3H");
        var eventId = (string)(await Installation.UntilAsync(() => land.Operations.GetAsync("/v1/events"), e => e["items"]!.AsArray().Count == 1))["items"]![0]!["id"]!;
        await ToldAsync(land, 1);

        await ChangeAsync(land, """{ "signals": [ { "name": "SIMPLE", "type": "level", "intervals": [ { "duration": "PT1H", "value": 2 } ] } ] }""", eventId, 2);
        await ToldAsync(land, 2);
        await ChangeAsync(land, """{ "signals": [ { "name": "SIMPLE", "type": "level", "intervals": [ { "duration": "PT1H", "value": 3 } ] } ] }""", eventId, 3);
        await ToldAsync(land, 3);

        // Again and again: nobody is told twice.
        var job = land.Operations.Service.App.Services.GetRequiredService<Service.Notify.NotificationJob>();
        await job.RunAsync(Ct);
        await job.RunAsync(Ct);
        Assert.Equal(3, CountEvents(await land.Operations.GetAsync("/v1/notifications")));
        var revisions = (await land.Operations.GetAsync($"/v1/events/{eventId}"))["event"]!["revisions"]!.AsArray();
        Assert.Equal([1, 2, 3], revisions.Select(r => (int)r!["signals"]![0]!["steps"]![0]!["value"]!));
    }

    private static async Task ChangeAsync(Installation installation, string patch, string eventId, int revisions)
    {
        using var content = new StringContent(patch, Encoding.UTF8, "application/json");
        using var answer = await installation.Vtn.PatchAsync(new Uri("/sim/events/e5", UriKind.Relative), content, Ct);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(Ct));
        await Installation.UntilAsync(() => installation.Operations.GetAsync($"/v1/events/{eventId}"), e => e["event"]!["revisions"]!.AsArray().Count == revisions);
    }

    private static async Task<JsonNode> ToldAsync(Installation installation, int times) => await Installation.UntilAsync(
        async () =>
        {
            installation.Operations.Service.App.Services.GetRequiredService<JobTrigger>().Run("notify");
            return await installation.Operations.GetAsync("/v1/notifications");
        },
        n => CountEvents(n) == times);

    // Contacts are told of their enrollment too.
    private static int CountEvents(JsonNode notifications) => notifications["items"]!.AsArray().Count(n => ((string)n!["key"]!).StartsWith("event", StringComparison.Ordinal));
}
