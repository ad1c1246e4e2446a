using System.Net;
using System.Text.RegularExpressions;
using GridServices.EndToEnd.Tests.Deploy;
using GridServices.Testing;

namespace GridServices.EndToEnd.Tests;

/// <summary>What a newcomer does with <c>./run --bare</c>: one run for all of it.</summary>
public sealed partial class BareRunTests : IAsyncLifetime
{
    private readonly LocalRun run = LocalRun.Start(LocalRun.NewDataFolder(), TestPorts.Block(), "--bare");

    public async ValueTask InitializeAsync() => await run.ReadyAsync();

    public ValueTask DisposeAsync() => run.DisposeAsync();

    [Fact]
    public async Task Bare_services_are_measured_take_a_ven_keep_roles_apart_and_go_on_telling()
    {
        await Metrics_are_there_before_their_first_use();
        await Roles_are_kept_apart();
        await A_ven_whose_utility_is_down_is_told_of();
    }

    private async Task Metrics_are_there_before_their_first_use()
    {
        var shown = new List<string>();
        foreach (var service in new[] { 0, 10, 20, 30, 40 }.Select(run.At))
        {
            shown.Add((await run.SendAsync(HttpMethod.Get, new Uri(service, "/metrics"), role: null)).Body);
        }

        var page = await File.ReadAllTextAsync(Path.Combine(LocalRun.Root, "docs", "operations.md"));
        var table = page[page.IndexOf("## What to watch", StringComparison.Ordinal)..page.IndexOf("## When things go wrong", StringComparison.Ordinal)];
        var documented = Metric().Matches(table).Select(match => match.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);
        Assert.Contains("openadr_exchange_duration_seconds", documented);
        Monitoring.DemandKnown(string.Join('\n', shown));
        Assert.DoesNotContain(documented, name => !shown.Exists(text => text.Contains($"# TYPE {name} ", StringComparison.Ordinal)));
    }

    private async Task Roles_are_kept_apart()
    {
        await run.SaysAsync("No utility is connected yet");
        var effective = new Uri(run.Hub, "/v1/sites/site-1/effective");
        Assert.Equal(HttpStatusCode.Unauthorized, (await run.SendAsync(HttpMethod.Get, effective, role: null)).Status);
        // A site that nobody published for: "incomplete" until the publishers have said what they hold, and unknown from then on.
        await Until.HoldsAsync(async () => (await run.SendAsync(HttpMethod.Get, effective, "controller")).Status, status => status == HttpStatusCode.NotFound);
        Assert.Equal(HttpStatusCode.Forbidden, (await run.SendAsync(HttpMethod.Get, new Uri(run.Hub, "/v1/sites/site-2/effective"), "controller")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await run.SendAsync(HttpMethod.Post, new Uri(run.Hub, "/v1/envelopes"), "controller", "[]")).Status);

        var (status, problem) = await run.SendAsync(HttpMethod.Put, new Uri(run.OpenAdr, "/v1/vens/site-1"), "operator", """{ "venName": "site-1" }""");
        Assert.InRange((int)status, 400, 422);
        Assert.Contains("vtnUrl", problem, StringComparison.Ordinal);
        foreach (var service in new[] { 0, 10, 20, 30, 40 }.Select(run.At))
        {
            foreach (var path in new[] { "/health/live", "/health/ready", "/metrics", "/openapi/v1.json" })
            {
                Assert.Equal(HttpStatusCode.OK, (await run.SendAsync(HttpMethod.Get, new Uri(service, path), role: null)).Status);
            }
        }
    }

    private async Task A_ven_whose_utility_is_down_is_told_of()
    {
        var (status, answer) = await run.SendAsync(HttpMethod.Put, new Uri(run.OpenAdr, "/v1/vens/site-1"), "operator",
            """{ "vtnUrl": "http://127.0.0.1:9/OpenADR2/Simple/2.0b", "venName": "site-1", "siteId": "site-1", "programs": [ { "defaultPolicy": true, "stream": "DR", "signals": { "SIMPLE": { "levels": { "1": { "importLimitW": 1 } } } } } ] }""");
        Assert.True(status == HttpStatusCode.Created, answer);
        await run.SaysAsync("VEN site-1: not registered (registering)");
        await Task.Delay(2_500);
        Assert.Equal(HttpStatusCode.OK, (await run.SendAsync(HttpMethod.Get, new Uri(run.OpenAdr, "/v1/vens"), "operator")).Status);
    }

    [GeneratedRegex("`(?<name>[a-z0-9]+(_[a-z0-9]+)+)`", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Metric();
}
