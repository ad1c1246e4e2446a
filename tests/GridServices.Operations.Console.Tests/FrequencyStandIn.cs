using System.Text.Json.Nodes;
using GridServices.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GridServices.Operations.Console.Tests;

/// <summary>A FrequencyResponse service that answers with the examples of its own document; its contract c1 is at site-1.</summary>
internal sealed class FrequencyStandIn : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FrequencyStandIn(WebApplication app) => _app = app;

    internal string[] Arguments => [$"--Services:FrequencyResponse:Url={_app.Urls.First()}", "--Services:FrequencyResponse:Token=x"];

    internal static async Task<FrequencyStandIn> StartAsync()
    {
        var examples = JsonNode.Parse(await File.ReadAllTextAsync(RepositoryFiles.Path("contracts", "v1", "openapi", "examples", "frequency-response.json")))!;
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        foreach (var (path, example) in new[]
        {
            ("/v1/contracts", "listContracts"), ("/v1/catalog", "getCatalog"), ("/v1/contracts/c1/state", "getContractState"), ("/v1/contracts/c1/metered", "getMetered"), ("/v1/contracts/c1/performance", "getPerformance"),
            ("/v1/contracts/c1/activations", "getActivations"), ("/v1/contracts/c1/plan", "getPlan"),
        })
        {
            var body = examples[example]!["response"]!["body"]!.ToJsonString();
            app.MapGet(path, () => Results.Text(body, "application/json"));
        }

        await app.StartAsync(TestContext.Current.CancellationToken);
        return new FrequencyStandIn(app);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
