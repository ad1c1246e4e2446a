using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using GridServices.Hosting.Hub;
using GridServices.Hosting.Tests.Sample;
using GridServices.Testing;
using GridServices.Testing.Tls;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace GridServices.Hosting.Tests.Hub;

/// <summary>A publisher whose token comes from an authorization server.</summary>
public sealed class HubCredentialsTests
{
    [Fact]
    public async Task A_publisher_comes_with_the_token_that_its_authorization_server_gave_out_and_with_the_next_one_in_time()
    {
        var ct = TestContext.Current.CancellationToken;
        var time = new ManualTimeProvider();
        var folder = TestFolders.Create();
        var secret = Path.Combine(folder, "secret");
        await File.WriteAllTextAsync(secret, "of-openadr\n", ct);
        await using var issuer = await TestIssuer.StartAsync();
        using var key = issuer.AddEcKey("k1");
        issuer.Tokens = (request, form) =>
        {
            var claims = issuer.Claims(time.GetUtcNow());
            (claims["sub"], claims["roles"]) = ("openadr", "publisher");
            return request.Headers.Authorization == "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("openadr:of-openadr")) && form["grant_type"] == "client_credentials"
                ? (200, $$"""{"access_token":"{{TestIssuer.Token(key, "k1", claims)}}","token_type":"Bearer","expires_in":300}""")
                : (401, """{"error":"invalid_client"}""");
        };
        await using var hub = await ServiceApp.StartAsync(
            args => SampleApp.Build(args, builder => builder.Services.AddSingleton<TimeProvider>(time)), null, $"--AccessTokens:Issuer={issuer.Issuer}", $"--AccessTokens:Audience={TestIssuer.Audience}");
        var options = new HubOptions { Url = hub.Address.ToString(), TokenUrl = issuer.Issuer + "/token", ClientId = "openadr", ClientSecretFile = secret };
        Assert.Empty(options.Validate());
        using var link = new HubLink(options, time);
        Assert.Equal("oauth:openadr", await link.Http.GetStringAsync("v1/whoami", ct));
        using (var published = await link.Http.PostAsync("v1/publish", null, ct))
        {
            Assert.Equal(HttpStatusCode.OK, published.StatusCode);
        }

        Assert.Equal(1, issuer.TokenAsks);
        time.Advance(Duration.FromSeconds(400));
        Assert.Equal("oauth:openadr", await link.Http.GetStringAsync("v1/whoami", ct));
        Assert.Equal(2, issuer.TokenAsks);
        TestFolders.Remove(folder);
    }

    [Fact]
    public async Task A_publisher_shows_the_certificate_that_its_token_is_bound_to_and_is_refused_without_it()
    {
        var ct = TestContext.Current.CancellationToken;
        using var pki = new PrivatePki(depth: 2);
        using var server = pki.Issue("localhost");
        using var own = pki.Issue("openadr");
        var (serverFile, serverKey) = pki.Write("server", server);
        var (ownFile, ownKey) = pki.Write("openadr", own);
        await using var issuer = await TestIssuer.StartAsync();
        using var key = issuer.AddEcKey("k1");
        issuer.Tokens = (request, form) =>
        {
            var claims = issuer.Claims(TimeProvider.System.GetUtcNow());
            claims["cnf"] = new JsonObject { ["x5t#S256"] = TestIssuer.Encoded(own.GetCertHash(HashAlgorithmName.SHA256)) };
            return form["client_id"] == "openadr" && request.Headers.Authorization.Count == 0
                ? (200, $$"""{"access_token":"{{TestIssuer.Token(key, "k1", claims)}}","token_type":"Bearer","expires_in":300}""")
                : (401, """{"error":"invalid_client"}""");
        };
        await using var hub = await ServiceApp.StartAsync(
            SampleApp.Build,
            null,
            "--Kestrel:Endpoints:Https:Url=https://127.0.0.1:0",
            $"--Kestrel:Endpoints:Https:Certificate:Path={serverFile}",
            $"--Kestrel:Endpoints:Https:Certificate:KeyPath={serverKey}",
            "--Kestrel:Endpoints:Https:ClientCertificateMode=AllowCertificate",
            $"--Tls:ClientCa={pki.CaFile}",
            $"--AccessTokens:Issuer={issuer.Issuer}",
            $"--AccessTokens:Audience={TestIssuer.Audience}",
            "--AccessTokens:RequireCertificate=true");
        var options = new HubOptions
        {
            Url = $"https://localhost:{hub.Address.Port}",
            TokenUrl = issuer.Issuer + "/token",
            ClientId = "openadr",
            ClientCertificate = ownFile,
            ClientKey = ownKey,
            TrustedRoots = pki.CaFile,
        };
        Assert.Empty(options.Validate());
        using (var link = new HubLink(options))
        {
            Assert.Equal("oauth:someone", await link.Http.GetStringAsync("v1/whoami", ct));
        }

        using (var bare = new HubLink(options with { ClientCertificate = null, ClientKey = null }))
        {
            using var refused = await bare.Http.GetAsync("v1/whoami", ct);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }

        using var stranger = new HubLink(options with { TrustedRoots = null });
        await Assert.ThrowsAsync<HttpRequestException>(() => stranger.Http.GetAsync("v1/whoami", ct));
        Assert.Contains("belong together", Assert.Single((options with { ClientKey = null, ClientSecretFile = ownFile }).Validate()), StringComparison.Ordinal);
        Assert.Contains("no certificate with its key", Assert.Single((options with { ClientKey = pki.CaFile }).Validate()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_refused_token_is_looked_for_where_it_comes_from()
    {
        Assert.Equal("Hub:Token", new HubOptions { Token = "t" }.TokenSettings);
        var fetched = new HubOptions { TokenUrl = "https://login.example/token", ClientId = "id", ClientSecretFile = string.Empty };
        Assert.StartsWith("Hub:TokenUrl and Hub:ClientId", fetched.TokenSettings, StringComparison.Ordinal);
        Assert.Null(fetched.Credentials!.SecretFile); // an empty setting is none
    }

    [Theory]
    [InlineData("https://login.example/token", "id", null, null, "Hub:ClientSecretFile '' is not there")]
    [InlineData("http://login.example/token", "id", "/etc/hostname", null, "must be an https address")]
    [InlineData("https://login.example/token", null, "/etc/hostname", null, "client id is missing")]
    [InlineData("https://login.example/token", "id", "/etc/hostname", "t", "both set")]
    public void Settings_that_can_t_work_end_the_start(string url, string? id, string? secret, string? token, string because) =>
        Assert.Contains(because, Assert.Single(new HubOptions { TokenUrl = url, ClientId = id, ClientSecretFile = secret, Token = token }.Validate()), StringComparison.Ordinal);
}
