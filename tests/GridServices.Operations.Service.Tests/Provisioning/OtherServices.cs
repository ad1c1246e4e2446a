using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using GridServices.FrequencyResponse.Service;
using GridServices.Ieee2030Dot5.Service;
using GridServices.Simulators.DerServer;
using GridServices.Tariffs.Service;
using GridServices.Testing;
using Microsoft.AspNetCore.Builder;

namespace GridServices.Operations.Service.Tests.Provisioning;

/// <summary>Ieee2030Dot5 with a simulated utility, Tariffs with a tariff, FrequencyResponse with a meter and a battery.</summary>
internal sealed class OtherServices : IAsyncDisposable
{
    /// <summary>Of the device that the utility has registered, with PIN 111115.</summary>
    internal const string Lfdi = "3E4F45AB31EDFE5B67E343E5E4562E31984E23E5";

    /// <summary>Nobody listens there: whatever else runs on this machine is not asked.</summary>
    internal static readonly string[] Nowhere = [.. new[] { "Ieee2030Dot5", "Tariffs", "FrequencyResponse" }.Select(name => $"--Services:{name}:Url=http://127.0.0.1:9")];

    private readonly WebApplication _utility;
    private readonly ServiceApp _ieee;
    private readonly ServiceApp _tariffs;
    private readonly ServiceApp _frequency;

    private OtherServices(WebApplication utility, ServiceApp ieee, ServiceApp tariffs, ServiceApp frequency)
    {
        (_utility, _ieee, _tariffs, _frequency) = (utility, ieee, tariffs, frequency);
        (Ieee, Tariffs, Frequency) = (ieee.Client(ieee.Tokens.Operator), tariffs.Client(tariffs.Tokens.Operator), frequency.Client(frequency.Tokens.Operator));
    }

    internal HttpClient Ieee { get; }

    internal HttpClient Tariffs { get; }

    internal HttpClient Frequency { get; }

    /// <summary>The simulated utility's DeviceCapability.</summary>
    internal string ServerUrl => $"{_utility.Urls.First()}/dcap";

    internal string[] Arguments => [.. CreateArguments("Ieee2030Dot5", _ieee), .. CreateArguments("Tariffs", _tariffs), .. CreateArguments("FrequencyResponse", _frequency)];

    internal static async Task<OtherServices> StartAsync(ServiceApp hub)
    {
        var utility = DerServerApp.Build(["--http", "127.0.0.1:0", "--quiet", "--dialect", "2018", "--poll-rate", "1", "--device", Lfdi, "--pin", "11111"]);
        await utility.StartAsync(TestContext.Current.CancellationToken);
        string[] line = [$"--Hub:Url={hub.Address}", $"--Hub:Token={hub.Tokens.Publisher}"];
        var others = new OtherServices(
            utility, await ServiceApp.StartAsync(Ieee2030Dot5App.Build, null, line), await ServiceApp.StartAsync(TariffsApp.Build, null, line), await ServiceApp.StartAsync(FrequencyResponseApp.Build, null, line));
        await PutAsync(others.Tariffs, "/v1/tariffs/depot", await File.ReadAllTextAsync(RepositoryFiles.Path("deploy", "Local", "demo", "tariff.json")));
        await PutAsync(others.Frequency, "/v1/sources/meter-1", """{ "kind": "http", "period": "PT0.05S", "path": "PT0.1S" }""");
        return others;
    }

    internal static async Task<JsonNode> PutAsync(HttpClient http, string path, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var answer = await http.PutAsync(new Uri(path, UriKind.Relative), content, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"PUT {path}: {(int)answer.StatusCode} {text}");
        return JsonNode.Parse(text)!;
    }

    internal static async Task<JsonNode> GetAsync(HttpClient http, string path) => JsonNode.Parse(await http.GetStringAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken))!;

    internal static async Task<bool> HoldsAsync(HttpClient http, string path)
    {
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        return answer.StatusCode != HttpStatusCode.NotFound;
    }

    public async ValueTask DisposeAsync()
    {
        Ieee.Dispose();
        Tariffs.Dispose();
        Frequency.Dispose();
        await _ieee.DisposeAsync();
        await _tariffs.DisposeAsync();
        await _frequency.DisposeAsync();
        await _utility.StopAsync();
        await _utility.DisposeAsync();
    }

    private static string[] CreateArguments(string name, ServiceApp service) => [$"--Services:{name}:Url={service.Address}", $"--Services:{name}:Token={service.Tokens.Operator}"];
}
