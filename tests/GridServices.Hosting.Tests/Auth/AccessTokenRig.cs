using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using GridServices.Hosting.Tests.Sample;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using NodaTime;

namespace GridServices.Hosting.Tests.Auth;

/// <summary>A service and the issuer whose access tokens it takes.</summary>
public sealed class AccessTokenRig : IAsyncLifetime
{
    internal TestIssuer Issuer { get; private set; } = null!;

    internal ServiceApp Service { get; private set; } = null!;

    internal ManualTimeProvider Time { get; } = new();

    internal ECDsa Key { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Issuer = await TestIssuer.StartAsync();
        Key = Issuer.AddEcKey("k1");
        Service = await StartAsync();
    }

    /// <summary>The issuer as at first, whatever a test that failed has left.</summary>
    internal void Reset()
    {
        (Issuer.IsAway, Issuer.ClaimsToBe, Issuer.RawIssuer, Issuer.ContentType) = (false, null, null, "application/json");
        Issuer.Keys.RemoveAll(key => key["kid"]!.GetValue<string>() != "k1");
    }

    internal void Withdraw(string id) => Issuer.Keys.RemoveAll(key => key["kid"]!.GetValue<string>() == id);

    internal Task<ServiceApp> StartAsync(params string[] more) => ServiceApp.StartAsync(
        args => SampleApp.Build(args, builder => builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(Time))),
        null,
        [$"--AccessTokens:Issuer={Issuer.Issuer}", $"--AccessTokens:Audience={TestIssuer.Audience}", .. more]);

    internal JsonObject Claims(Action<JsonObject>? change = null)
    {
        var claims = Issuer.Claims(Time.GetUtcNow());
        change?.Invoke(claims);
        return claims;
    }

    internal string Token(Action<JsonObject>? change = null) => TestIssuer.Token(Key, "k1", Claims(change));

    /// <summary>Asks with a token, a second after the last one, so that no refusal slows the next.</summary>
    internal Task<(HttpStatusCode Status, string Said)> AskAsync(string token, string path = "/v1/whoami", HttpMethod? method = null) => AskAsync(Service, token, path, method);

    internal async Task<(HttpStatusCode Status, string Said)> AskAsync(ServiceApp service, string token, string path = "/v1/whoami", HttpMethod? method = null)
    {
        Time.Advance(Duration.FromSeconds(1));
        using var client = new HttpClient { BaseAddress = service.Address };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, path);
        using var answer = await client.SendAsync(request);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.Equal(answer.StatusCode == HttpStatusCode.Unauthorized, answer.Headers.WwwAuthenticate.Count > 0);
        if (answer.IsSuccessStatusCode)
        {
            return (answer.StatusCode, body);
        }

        using var problem = JsonDocument.Parse(body);
        return (answer.StatusCode, $"{problem.RootElement.GetProperty("type").GetString()!.Split(':')[^1]} {problem.RootElement.GetProperty("detail").GetString()}");
    }

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        await Issuer.DisposeAsync();
        Key.Dispose();
    }
}
