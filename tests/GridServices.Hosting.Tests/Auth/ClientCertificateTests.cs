using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Tests.Sample;
using GridServices.Testing;

namespace GridServices.Hosting.Tests.Auth;

public sealed class ClientCertificateTests : IDisposable
{
    private readonly X509Certificate2 _authority = Make("CN=Test CA", null, authority: true);
    private readonly X509Certificate2 _bound = Make("CN=bound", null);
    private readonly X509Certificate2 _issued;

    public ClientCertificateTests() => _issued = Make("CN=issued", _authority);

    public void Dispose()
    {
        _authority.Dispose();
        _bound.Dispose();
        _issued.Dispose();
    }

    [Fact]
    public async Task A_token_bound_to_a_certificate_counts_only_with_that_certificate()
    {
        await using var place = TestStores.Create(Dialect.Sqlite);
        await using var service = await StartAsync(place);
        var token = await service.AddTokenAsync("bound", Role.Operator, certificateSha256: _bound.GetCertHashString(HashAlgorithmName.SHA256));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(service, token, _bound));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(service, token, _issued));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(service, token, null));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(service, service.Tokens.Operator, _issued));
    }

    [Fact]
    public async Task An_access_token_bound_to_a_certificate_counts_only_with_that_certificate()
    {
        await using var place = TestStores.Create(Dialect.Sqlite);
        await using var issuer = await TestIssuer.StartAsync();
        using var key = issuer.AddEcKey("k1");
        using var stranger = Make("CN=stranger", null);
        await using var service = await StartAsync(
            place, $"--AccessTokens:Issuer={issuer.Issuer}", $"--AccessTokens:Audience={TestIssuer.Audience}", "--AccessTokens:AnyClientCertificate=true", "--AccessTokens:RequireCertificate=true");
        var claims = issuer.Claims(TimeProvider.System.GetUtcNow());
        var unbound = TestIssuer.Token(key, "k1", claims);
        claims["cnf"] = new System.Text.Json.Nodes.JsonObject { ["x5t#S256"] = TestIssuer.Encoded(_bound.GetCertHash(HashAlgorithmName.SHA256)) };
        var token = TestIssuer.Token(key, "k1", claims);
        Assert.Equal(HttpStatusCode.OK, await AskAsync(service, token, _bound));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(service, token, _issued));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(service, token, stranger));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(service, token, null));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(service, unbound, _bound));
    }

    [Fact]
    public async Task A_certificate_that_is_neither_bound_nor_of_the_client_ca_does_not_get_through_the_handshake()
    {
        await using var place = TestStores.Create(Dialect.Sqlite);
        await using var service = await StartAsync(place);
        using var stranger = Make("CN=stranger", null);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => AskAsync(service, service.Tokens.Operator, stranger));
    }

    private async Task<ServiceApp> StartAsync(TestStore store, params string[] more)
    {
        using var server = Make("CN=localhost", _authority, server: true);
        var certificate = Path.Combine(store.Folder, "server.pem");
        var key = Path.Combine(store.Folder, "server.key");
        var authority = Path.Combine(store.Folder, "ca.pem");
        await File.WriteAllTextAsync(certificate, server.ExportCertificatePem());
        await File.WriteAllTextAsync(key, server.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        await File.WriteAllTextAsync(authority, _authority.ExportCertificatePem());
        return await ServiceApp.StartAsync(
            SampleApp.Build,
            store,
            [
                "--Kestrel:Endpoints:Https:Url=https://127.0.0.1:0",
                $"--Kestrel:Endpoints:Https:Certificate:Path={certificate}",
                $"--Kestrel:Endpoints:Https:Certificate:KeyPath={key}",
                "--Kestrel:Endpoints:Https:ClientCertificateMode=AllowCertificate",
                $"--Tls:ClientCa={authority}",
                .. more,
            ]);
    }

    private async Task<HttpStatusCode> AskAsync(ServiceApp service, string token, X509Certificate2? certificate)
    {
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null && string.Equals(shown.Issuer, _authority.Subject, StringComparison.Ordinal);
        if (certificate is not null)
        {
            handler.SslOptions.ClientCertificates = [certificate];
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
        }

        using var client = new HttpClient(handler) { BaseAddress = service.Address, DefaultRequestVersion = HttpVersion.Version20 };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await client.GetAsync("/v1/whoami");
        Assert.Equal(HttpVersion.Version20, answer.Version);
        Assert.Equal("max-age=31536000", answer.Headers.GetValues("Strict-Transport-Security").Single());
        return answer.StatusCode;
    }

    private static X509Certificate2 Make(string name, X509Certificate2? issuer, bool authority = false, bool server = false)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(authority, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(server ? "1.3.6.1.5.5.7.3.1" : "1.3.6.1.5.5.7.3.2")], false));
        var from = NodaTime.SystemClock.Instance.GetCurrentInstant().ToDateTimeOffset().AddMinutes(-5);
        if (issuer is null)
        {
            return request.CreateSelfSigned(from, from.AddDays(1));
        }

        using var certificate = request.Create(issuer, from, from.AddHours(12), RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }
}
