using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Dapper;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace GridServices.Operations.Service.Tests;

/// <summary>The service in this process, with a client that speaks JSON and holds every exchange against the document.</summary>
internal sealed class OperationsUnderTest : IAsyncDisposable
{
    // Services in the same process, on a machine that is full, may take longer than those of an installation.
    private const string Patient = "--Services:Timeout=00:01:00";

    private OperationsUnderTest(ServiceApp service) => (Service, Http) = (service, service.Client(service.Tokens.Operator));

    public ServiceApp Service { get; }

    /// <summary>As an operator of tenant <c>default</c>.</summary>
    public HttpClient Http { get; }

    public static async Task<OperationsUnderTest> StartAsync(TestStore? store = null, IClock? clock = null, params string[] arguments) =>
        new(await ServiceApp.StartAsync(args => OperationsApp.Build(args, clock), store, [Patient, .. arguments]));

    public async Task<JsonNode> PostAsync(string path, string? json, HttpStatusCode expected = HttpStatusCode.Created, string? key = null) => await SendAsync(HttpMethod.Post, path, json, expected, key: key);

    public async Task<JsonNode> PutAsync(string path, string json, HttpStatusCode expected = HttpStatusCode.OK, string? ifMatch = null) => await SendAsync(HttpMethod.Put, path, json, expected, ifMatch);

    public async Task<JsonNode> GetAsync(string path, HttpStatusCode expected = HttpStatusCode.OK) => await SendAsync(HttpMethod.Get, path, null, expected);

    public async Task<JsonNode> SendAsync(
        HttpMethod method, string path, string? json, HttpStatusCode expected, string? ifMatch = null, string? key = null, string type = "application/json", HttpClient? http = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, new MediaTypeHeaderValue(type));
        }

        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        using var answer = await (http ?? Http).SendAsync(request, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.StatusCode == expected, $"{method} {path}: {(int)answer.StatusCode} {text}");
        return text.Length > 0 && text[0] is '{' or '[' ? JsonNode.Parse(text)! : new JsonObject();
    }

    public async Task<string> CustomerAsync(string name = "Example Foods") =>
        (string)(await PostAsync("/v1/customers", $$"""{ "name": "{{name}}", "country": "US", "taxId": "12-3456789", "billingEmail": "bills@example.com" }"""))["id"]!;

    public async Task<string> SiteAsync(string customerId, string siteId = "site-1", string more = "") => (string)(await PostAsync("/v1/sites", SiteJson(customerId, siteId, more)))["id"]!;

    public static string SiteJson(string customerId, string siteId = "site-1", string more = "") => $$"""
        { "siteId": "{{siteId}}", "customerId": "{{customerId}}", "name": "Depot {{siteId}}", "timeZone": "America/Los_Angeles",
          "address": { "line1": "1 Main St", "city": "Oakland", "region": "CA", "postcode": "94607", "country": "US" },
          "connection": { "importMaxW": 80000, "exportMaxW": 0 }{{more}} }
        """;

    /// <summary>Until the hub has all that was published here, and this store knows it: what is not yet, is said above the word that a test publishes in its name.</summary>
    public Task<bool> RestatedAsync() => Until.HoldsAsync(
        () => Service.App.Services.GetRequiredService<Store>().ReadAsync(
            db => db.QuerySingleAsync<bool>("SELECT COUNT(*) = 1 FROM hub_seen WHERE restated = epoch AND NOT EXISTS (SELECT 1 FROM outbox)")),
        isRestated => isRestated);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Service.DisposeAsync();
    }
}
