namespace GridServices.Local;

/// <summary>Two sites of a customer, enrolled by Operations in the simulated utility's program: made once per data folder.</summary>
internal static class OperationsDemo
{
    private static readonly string[] Sites = ["site-2", "site-3"];

    /// <exception cref="LaunchException">Operations refused; its answer is in the message.</exception>
    public static async Task EnrollAsync(ServiceApi api, Topology topology, CancellationToken cancel)
    {
        if (await api.GetAsync("operations", "/v1/sites?limit=1", cancel) is not { } held || held.GetProperty("items").GetArrayLength() > 0)
        {
            return;
        }

        var customer = await CreateAsync(api, "/v1/customers", """{ "name": "Example Depots", "country": "DE", "language": "en" }""", cancel);
        await Task.WhenAll(Sites.Select(site => EnrollAsync(api, topology, customer, site, cancel)));
    }

    private static async Task EnrollAsync(ServiceApi api, Topology topology, string customer, string site, CancellationToken cancel)
    {
        await CreateAsync(api, "/v1/sites", $$"""
            { "siteId": "{{site}}", "customerId": "{{customer}}", "name": "Depot {{site}}", "timeZone": "Europe/Berlin",
              "address": { "line1": "Hafenstr. 1", "city": "Berlin", "postcode": "10115", "country": "DE" },
              "connection": { "importMaxW": 80000, "exportMaxW": 0 }, "criticalLoadW": 5000 }
            """, cancel);
        var meter = await CreateAsync(api, "/v1/meter-points", $$"""{ "siteId": "{{site}}", "kind": "utility", "scheme": "OTHER", "identifier": "demo-{{site}}" }""", cancel);
        var enrollment = await CreateAsync(api, "/v1/enrollments", $$"""
            { "siteId": "{{site}}", "program": "OPENADR-PLAIN", "meterPointIds": ["{{meter}}"], "period": { "from": "2026-01-01" },
              "identity": { "vtnUrl": "{{topology["utility"].Url}}/OpenADR2/Simple/2.0b", "venName": "{{site}}" },
              "answers": { "peakDemandKw": 100, "levelOneKw": 60, "levelTwoKw": 30, "levelThreeKw": 10 } }
            """, cancel);
        foreach (var action in new[] { "submit", "accept", "provision" })
        {
            await CreateAsync(api, $"/v1/enrollments/{enrollment}/{action}", "{}", cancel);
        }
    }

    private static async Task<string> CreateAsync(ServiceApi api, string path, string json, CancellationToken cancel)
    {
        var (made, refusal) = await api.PostAsync("operations", path, json, cancel);
        return made?.GetProperty("id").GetString() ?? throw new LaunchException($"Operations refused the demo's {path}: {refusal}");
    }
}
