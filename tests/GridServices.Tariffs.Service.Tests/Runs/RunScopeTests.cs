using System.Net;
using System.Text.Json;
using GridServices.Hosting.Auth;
using GridServices.Tariffs.Service.Tests.Meters;

namespace GridServices.Tariffs.Service.Tests.Runs;

/// <summary>Which billing runs a token for some sites sees.</summary>
public sealed class RunScopeTests
{
    [Fact]
    public async Task A_token_for_some_sites_sees_runs_of_one_of_them_and_none_over_all()
    {
        await using var rig = await MeterRig.StartAsync();
        await rig.RegisterAsync();
        var mine = await StartAsync(rig, """{"meters":"all","siteId":"site-1","from":"2026-01-01","until":"2026-02-01"}""");
        var all = await StartAsync(rig, """{"meters":"all","from":"2026-01-01","until":"2026-02-01"}""");
        var app = rig.Service.App;
        using var customer = app.Client(await app.AddTokenAsync("customer", Role.Customer, sites: ["site-1"]));
        using var elsewhere = app.Client(await app.AddTokenAsync("elsewhere", Role.Analyst, sites: ["site-2"]));
        using var analyst = app.Client(await app.AddTokenAsync("analyst", Role.Analyst));

        Assert.Equal([mine], await ListedAsync(customer, "/v1/billing-runs"));
        Assert.Empty(await ListedAsync(elsewhere, "/v1/billing-runs"));
        Assert.Equal([all, mine], await ListedAsync(analyst, "/v1/billing-runs"));
        var page = await JsonAsync(customer, "/v1/billing-runs?limit=1");
        Assert.Equal((0, all), (page.GetProperty("items").GetArrayLength(), page.GetProperty("next").GetString()));
        Assert.Equal([mine], (await JsonAsync(customer, $"/v1/billing-runs?limit=1&after={all}")).GetProperty("items").EnumerateArray().Select(r => r.GetProperty("runId").GetString()!));
        using var own = await customer.GetAsync(new Uri($"/v1/billing-runs/{mine}/bills", UriKind.Relative), TestContext.Current.CancellationToken);
        using var others = await customer.GetAsync(new Uri($"/v1/billing-runs/{all}/bills", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Forbidden), (own.StatusCode, others.StatusCode));
    }

    private static async Task<string> StartAsync(MeterRig rig, string json)
    {
        using var content = TariffsUnderTest.Json(json);
        using var answer = await rig.Service.Operator.PostAsync(new Uri("/v1/billing-runs", UriKind.Relative), content, TestContext.Current.CancellationToken);
        return (await TariffsUnderTest.OkAsync(answer)).GetProperty("runId").GetString()!;
    }

    private static async Task<IEnumerable<string>> ListedAsync(HttpClient client, string path) => (await JsonAsync(client, path)).EnumerateArray().Select(r => r.GetProperty("runId").GetString()!);

    private static async Task<JsonElement> JsonAsync(HttpClient client, string path) =>
        JsonDocument.Parse(await client.GetStringAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken)).RootElement;
}
