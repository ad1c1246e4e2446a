using System.Net;
using System.Text.Json.Nodes;
using GridServices.EnvelopeHub.Service;
using GridServices.OpenAdr.Service;
using GridServices.Simulators.Vtn;
using GridServices.Testing;
using Microsoft.AspNetCore.Builder;

namespace GridServices.Operations.Service.Tests.Provisioning;

/// <summary>A simulated utility, the hub, the OpenAdr service and Operations, each on a port of its own, as they run in one installation.</summary>
internal sealed class Installation : IAsyncDisposable
{
    private readonly WebApplication _vtn;
    private readonly ServiceApp _hub;
    private readonly OtherServices? _others;
    private readonly Func<Task<OperationsUnderTest>> _startOperations;

    private Installation(WebApplication vtn, ServiceApp hub, ServiceApp openAdr, OtherServices? others, OperationsUnderTest operations, Func<Task<OperationsUnderTest>> startOperations)
    {
        (_vtn, _hub, OpenAdr, _others, Operations, _startOperations) = (vtn, hub, openAdr, others, operations, startOperations);
        Vtn = new HttpClient { BaseAddress = new Uri(vtn.Urls.First()) };
        OpenAdrHttp = openAdr.Client(openAdr.Tokens.Operator);
        HubHttp = hub.Client(hub.Tokens.Operator);
    }

    public ServiceApp OpenAdr { get; }

    public OperationsUnderTest Operations { get; private set; }

    /// <summary>The services beside the hub and OpenAdr, where they were asked for.</summary>
    public OtherServices Others => _others ?? throw new InvalidOperationException("The other services were not started.");

    /// <summary>The simulated utility's controls.</summary>
    public HttpClient Vtn { get; }

    public HttpClient OpenAdrHttp { get; }

    public HttpClient HubHttp { get; }

    public string VtnUrl => $"{Vtn.BaseAddress!.ToString().TrimEnd('/')}/OpenADR2/Simple/2.0b";

    public static async Task<Installation> StartAsync(TestStore? store = null, bool withOthers = false)
    {
        var vtn = VtnApp.Build(["--http", "127.0.0.1:0", "--quiet", "--poll-freq", "PT1S"]);
        await vtn.StartAsync(TestContext.Current.CancellationToken);
        var hub = await ServiceApp.StartAsync(EnvelopeHubApp.Build);
        var openAdr = await ServiceApp.StartAsync(OpenAdrApp.Build, null, $"--Hub:Url={hub.Address}", $"--Hub:Token={hub.Tokens.Publisher}");
        var others = withOthers ? await OtherServices.StartAsync(hub) : null;
        Task<OperationsUnderTest> OperationsAsync() => OperationsUnderTest.StartAsync(
            store, null, [.. others?.Arguments ?? OtherServices.Nowhere, $"--Hub:Url={hub.Address}", $"--Hub:Token={hub.Tokens.Publisher}",
            $"--Services:EnvelopeHub:Url={hub.Address}", $"--Services:EnvelopeHub:Token={hub.Tokens.Operator}",
            $"--Services:OpenAdr:Url={openAdr.Address}", $"--Services:OpenAdr:Token={openAdr.Tokens.Operator}", "--Watch:Every=00:00:00.200"]);
        return new Installation(vtn, hub, openAdr, others, await OperationsAsync(), OperationsAsync);
    }

    /// <summary>Stops Operations, and starts it again on the same store.</summary>
    public async Task RestartOperationsAsync()
    {
        await Operations.DisposeAsync();
        Operations = await _startOperations();
    }

    /// <summary>A site in the plain OpenADR program, led on to the services.</summary>
    public async Task<string> EnrollAsync(string siteId = "site-1", string more = "", int levelOneKw = 60, string answers = "")
    {
        var customer = await Operations.CustomerAsync();
        await Operations.SiteAsync(customer, siteId, ", \"criticalLoadW\": 5000");
        var meter = (string)(await Operations.PostAsync("/v1/meter-points", $$"""{ "siteId": "{{siteId}}", "kind": "utility", "scheme": "OTHER", "identifier": "M-{{siteId}}" }"""))["id"]!;
        var enrollment = await Operations.PostAsync("/v1/enrollments", $$"""
            { "siteId": "{{siteId}}", "program": "OPENADR-PLAIN", "meterPointIds": ["{{meter}}"], "period": { "from": "2026-01-01" },
              "identity": { "vtnUrl": "{{VtnUrl}}", "venName": "{{siteId}}"{{more}} },
              "answers": { "peakDemandKw": 100, "levelOneKw": {{levelOneKw}}, "levelTwoKw": 30, "levelThreeKw": 10{{answers}} } }
            """);
        var id = (string)enrollment["id"]!;
        Assert.True((string)enrollment["state"]! == "readyToSubmit", enrollment.ToJsonString());
        await ActAsync(id, "submit");
        await ActAsync(id, "accept", """{ "reference": "U-1" }""");
        await ActAsync(id, "provision");
        return id;
    }

    public Task<JsonNode> ActAsync(string id, string action, string body = "{}", HttpStatusCode expected = HttpStatusCode.OK) => Operations.PostAsync($"/v1/enrollments/{id}/{action}", body, expected);

    public Task<JsonNode> EnrollmentAsync(string id) => Operations.GetAsync($"/v1/enrollments/{id}");

    public Task<JsonNode> StatusAsync(string id) => Operations.GetAsync($"/v1/enrollments/{id}/status");

    /// <summary>Waits until what is read fulfils the condition.</summary>
    public static Task<JsonNode> UntilAsync(Func<Task<JsonNode>> read, Func<JsonNode, bool> holds) => Until.HoldsAsync(read, holds);

    /// <summary>The utility calls an event of level 1 that begins soon.</summary>
    public async Task CallAsync(string eventId, string start, string duration = "PT1H")
    {
        using var content = new StringContent(
            $$"""{ "eventId": "{{eventId}}", "marketContext": "http://utility.example/dr", "start": "{{start}}", "signals": [ { "name": "SIMPLE", "type": "level", "intervals": [ { "duration": "{{duration}}", "value": 1 } ] } ] }""",
            System.Text.Encoding.UTF8, "application/json");
        using var answer = await Vtn.PostAsync(new Uri("/sim/events", UriKind.Relative), content, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        await Operations.DisposeAsync();
        await OpenAdr.DisposeAsync();
        if (_others is not null)
        {
            await _others.DisposeAsync();
        }

        await _hub.DisposeAsync();
        await _vtn.StopAsync();
        await _vtn.DisposeAsync();
        Vtn.Dispose();
        OpenAdrHttp.Dispose();
        HubHttp.Dispose();
    }
}
