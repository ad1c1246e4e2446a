using System.Collections.Concurrent;
using GridServices.Hosting.Tests.Sample;
using GridServices.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GridServices.Hosting.Tests.Telemetry;

public sealed class CollectorTests
{
    [Fact]
    public async Task Metrics_traces_and_logs_reach_the_configured_collector_at_the_latest_when_the_service_ends()
    {
        var received = new ConcurrentDictionary<string, long>(StringComparer.Ordinal);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var collector = builder.Build();
        collector.MapPost("/v1/{signal}", async (string signal, HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            received.AddOrUpdate(signal, body.Length, (_, before) => before + body.Length);
        });
        await collector.StartAsync();

        await using (var service = await ServiceApp.StartAsync(SampleApp.Build, null, $"--Otlp:Endpoint={collector.Urls.First()}", "--Logging:LogLevel:Default=Information"))
        {
            using var client = service.Client(service.Tokens.Operator);
            await client.GetStringAsync("/v1/whoami");
        }

        // What the service handed over at its end may still be under way.
        await Until.HoldsAsync(() => received.Count == 3);
        Assert.Equal(["logs", "metrics", "traces"], received.Keys.Order(StringComparer.Ordinal));
        Assert.All(received.Values, bytes => Assert.True(bytes > 0));
    }

    [Fact]
    public void A_collector_that_is_no_address_stops_the_start() =>
        Assert.Contains("Otlp:Endpoint", Assert.Throws<StartException>(() => SampleApp.Build(["--Otlp:Endpoint=nonsense"])).Message, StringComparison.Ordinal);
}
