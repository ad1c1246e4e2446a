using System.Net;
using GridServices.Contracts;
using GridServices.Hosting.Auth;

namespace GridServices.EnvelopeHub.Tests;

public sealed class AccessTests
{
    [Theory]
    [InlineData("POST", "/v1/envelopes", true, false)]
    [InlineData("POST", "/v1/upstream-health", true, false)]
    [InlineData("GET", "/v1/feedback", true, false)]
    [InlineData("GET", "/v1/sites/site-1/effective", false, true)]
    [InlineData("GET", "/v1/sites/site-1/effective/now/importLimitW", false, true)]
    [InlineData("GET", "/v1/sites/site-1/envelopes", true, true)]
    [InlineData("GET", "/v1/sites/site-1/stream", false, true)]
    [InlineData("POST", "/v1/sites/site-1/receipts", false, true)]
    [InlineData("POST", "/v1/sites/site-1/telemetry", false, true)]
    public async Task Each_role_does_its_own_and_an_operator_everything(string method, string path, bool publisher, bool controller)
    {
        await using var hub = await HubUnderTest.StartAsync();
        Assert.Equal(publisher, await IsAllowedAsync(hub, hub.Tokens.Publisher, method, path));
        Assert.Equal(controller, await IsAllowedAsync(hub, hub.Tokens.Controller, method, path));
        Assert.True(await IsAllowedAsync(hub, hub.Tokens.Operator, method, path));
    }

    [Theory]
    [InlineData("GET", "effective")]
    [InlineData("GET", "effective/now/importLimitW")]
    [InlineData("GET", "effective/now/nonsense")]
    [InlineData("GET", "envelopes")]
    [InlineData("GET", "stream")]
    [InlineData("POST", "receipts")]
    [InlineData("POST", "telemetry")]
    public async Task Another_site_is_forbidden_before_it_shows_whether_it_exists(string method, string path)
    {
        await using var hub = await HubUnderTest.StartAsync();
        var scoped = await hub.App.AddTokenAsync("scoped", Role.Controller, sites: ["site-1"]);
        await hub.PublishAsync(Some.Envelope(site: "site-2"));
        using var client = hub.Client(scoped);
        var problems = new List<string>();
        foreach (var site in new[] { "site-2", "site-9" })
        {
            using var request = Request(method, $"/v1/sites/{site}/{path}");
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            problems.Add((await HubUnderTest.DemandProblemAsync(answer, ErrorClass.AuthzSite)).Detail!.Replace(site, "*", StringComparison.Ordinal));
        }

        Assert.Equal(problems[0], problems[1]);
    }

    [Fact]
    public async Task A_publisher_with_a_scope_publishes_and_reports_for_its_sites_only()
    {
        await using var hub = await HubUnderTest.StartAsync();
        var scoped = await hub.App.AddTokenAsync("scoped", Role.Publisher, sites: ["site-1"]);
        using var client = hub.Client(scoped);
        using var answer = await client.PostAsync("/v1/envelopes", HubUnderTest.Batch(Some.Envelope(site: "site-1"), Some.Envelope(site: "site-2")));
        Assert.Equal([PublishStatus.Accepted, PublishStatus.Rejected], (await HubUnderTest.ReadAsync<PublishAnswer>(answer)).Results.Select(result => result.Status));
        using var report = await client.PostAsync("/v1/upstream-health", HubUnderTest.Json("""
            {"source":"/s","validFor":"PT1M","streams":[{"stream":{"service":"a","key":"b"},"sites":["site-2"],"status":"ok","since":"2027-01-15T18:00:00Z"}]}
            """));
        await HubUnderTest.DemandProblemAsync(report, ErrorClass.AuthzSite);
    }

    [Fact]
    public async Task Without_a_token_there_is_nothing()
    {
        await using var hub = await HubUnderTest.StartAsync();
        using var client = hub.App.Client();
        using var answer = await client.GetAsync("/v1/sites/site-1/effective");
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Theory]
    [InlineData("/v1/sites/..%2Fsite-1/effective")]
    [InlineData("/v1/sites/a%00b/effective")]
    [InlineData("/v1/sites/%2A/stream")]
    public async Task A_site_id_that_no_site_has_is_refused(string path)
    {
        await using var hub = await HubUnderTest.StartAsync();
        using var client = hub.Controller;
        using var answer = await client.GetAsync(path);
        Assert.InRange((int)answer.StatusCode, 400, 422);
    }

    private static async Task<bool> IsAllowedAsync(HubUnderTest hub, string token, string method, string path)
    {
        using var client = hub.Client(token);
        using var request = Request(method, path);
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (answer.StatusCode == HttpStatusCode.Forbidden)
        {
            await HubUnderTest.DemandProblemAsync(answer, ErrorClass.AuthzRole);
            return false;
        }

        // An empty list is read by the posts, and refused by meaning or answered; never by role.
        Assert.NotEqual(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.True((int)answer.StatusCode < 500);
        return true;
    }

    private static HttpRequestMessage Request(string method, string path) => new(HttpMethod.Parse(method), path)
    {
        Content = method == "POST" ? HubUnderTest.Json("[]") : null,
    };
}
