using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Xml.Linq;
using GridServices.Simulators.Vtn.Pki;
using GridServices.Testing;
using NodaTime;
using static GridServices.Client.Tests.Simulators.VtnUnderTest;

namespace GridServices.Client.Tests.Simulators;

/// <summary>Real handshakes with the test PKI.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class VtnTlsTests : IClassFixture<VtnTlsTests.Certificates>
{
    private readonly string folder;

    public VtnTlsTests(Certificates pki) => folder = pki.Folder;

    [Theory]
    [InlineData("rsa", TlsCipherSuite.TLS_RSA_WITH_AES_128_CBC_SHA256)]
    [InlineData("ec", TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256)]
    public async Task Strict_speaks_the_suites_of_20b_and_no_others(string kind, TlsCipherSuite suite)
    {
        await using var vtn = await StartAsync(kind, "strict");
        var (got, fingerprint) = await TalkAsync(vtn, $"ven-{kind}", new CipherSuitesPolicy([suite]));
        Assert.Equal(suite, got);
        Assert.Matches("^([0-9A-F]{2}:){9}[0-9A-F]{2}$", fingerprint);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => TalkAsync(
            vtn, $"ven-{kind}", new CipherSuitesPolicy([TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TlsCipherSuite.TLS_AES_128_GCM_SHA256])));
    }

    [Fact]
    public async Task Modern_speaks_what_the_platform_offers()
    {
        await using var vtn = await StartAsync("rsa", "modern");
        var (suite, _) = await TalkAsync(vtn, "ven-ec", null);
        Assert.NotEqual(TlsCipherSuite.TLS_RSA_WITH_AES_128_CBC_SHA256, suite);
    }

    [Theory]
    [InlineData("ven-expired")]
    [InlineData("ven-other")]
    [InlineData(null)]
    public async Task A_VEN_without_a_good_certificate_is_refused(string? certificate)
    {
        await using var vtn = await StartAsync("rsa", "modern");
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => TalkAsync(vtn, certificate, null));
    }

    private Task<VtnUnderTest> StartAsync(string kind, string tls) => VtnUnderTest.StartAsync(
        "--https", "127.0.0.1:0", "--cert", Path.Combine(folder, $"vtn-{kind}.crt"), "--key", Path.Combine(folder, $"vtn-{kind}.key"), "--ca", Path.Combine(folder, "ca.crt"), "--tls", tls);

    private async Task<(TlsCipherSuite Suite, string Fingerprint)> TalkAsync(VtnUnderTest vtn, string? certificate, CipherSuitesPolicy? suites)
    {
        TlsCipherSuite? got = null;
        using var handler = new SocketsHttpHandler
        {
            SslOptions = new()
            {
                CipherSuitesPolicy = suites,
                EnabledSslProtocols = SslProtocols.None,
                ClientCertificates = certificate is null ? [] : [Load(certificate)],
                RemoteCertificateValidationCallback = (sender, server, _, _) =>
                {
                    got = ((SslStream)sender).NegotiatedCipherSuite;
                    return Trusted((X509Certificate2)server!);
                },
            },
        };
        using var http = new HttpClient(handler) { Timeout = Until.Ceiling };
        using var content = new StringContent(Root("oadrPoll", new XElement(Ei + "venID", "nobody")).ToString(), Encoding.UTF8, "application/xml");
        using var response = await http.PostAsync(vtn.Urls.First(u => u.StartsWith("https", StringComparison.Ordinal)).Replace("127.0.0.1", "localhost", StringComparison.Ordinal) + "/OpenADR2/Simple/2.0b/OadrPoll", content);
        Assert.True(response.IsSuccessStatusCode);
        var messages = await vtn.GetAsync("/sim/messages");
        return (got!.Value, messages[^1]!["clientFingerprint"]!.GetValue<string>());
    }

    private X509Certificate2 Load(string name)
    {
        using var pem = X509Certificate2.CreateFromPemFile(Path.Combine(folder, name + ".crt"), Path.Combine(folder, name + ".key"));
        return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
    }

    private bool Trusted(X509Certificate2 server)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.ImportFromPemFile(Path.Combine(folder, "ca.crt"));
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(server) && server.MatchesHostname("localhost");
    }

    /// <summary>Made once for all tests here: RSA keys take a while.</summary>
    public sealed class Certificates : IDisposable
    {
        public string Folder { get; } = Directory.CreateTempSubdirectory("gridservices-pki-").FullName;

        public Certificates() => TestPki.Make(Folder, SystemClock.Instance.GetCurrentInstant());

        public void Dispose() => Directory.Delete(Folder, recursive: true);
    }
}
