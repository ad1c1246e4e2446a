using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace GridServices.Ieee2030Dot5.Service.Tests.Transport;

/// <summary>A Kestrel server that asks for client certificates, knows the root alone, and remembers who came.</summary>
internal sealed class TlsServer : IAsyncDisposable
{
    public const string Reply = "<DeviceCapability xmlns=\"urn:ieee:std:2030.5:ns\" href=\"/dcap\"/>";
    private readonly WebApplication _app;

    private TlsServer(WebApplication app) => _app = app;

    public List<(string Lfdi, int ChainLength, SslProtocols Protocol, TlsCipherSuite Suite)> Seen { get; } = [];

    public int Connections { get; private set; }

    public Uri Url { get; private set; } = new("https://localhost");

    /// <summary>What is answered; the default is a DeviceCapability.</summary>
    public RequestDelegate Answer { get; set; } = http =>
    {
        http.Response.ContentType = "application/sep+xml";
        return http.Response.WriteAsync(Reply);
    };

    public static async Task<TlsServer> StartAsync(
        PrivatePki pki, X509Certificate2 certificate, bool sendChain = true, PrivatePki? clients = null, TlsCipherSuite suite = TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        TlsServer server = null!;
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(certificate, sendChain ? pki.Intermediates : null, offline: true),
            EnabledSslProtocols = SslProtocols.Tls12,
            ClientCertificateRequired = true,
            CipherSuitesPolicy = OperatingSystem.IsWindows() ? null : new CipherSuitesPolicy([suite]),
            CertificateChainPolicy = KnowsTheRootAlone(clients ?? pki),
            RemoteCertificateValidationCallback = (_, presented, chain, errors) =>
            {
                server.LastChainLength = chain?.ChainElements.Count ?? 0;
                return presented is not null && errors == SslPolicyErrors.None;
            },
        };
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Use(next => context =>
            {
                server.Connections++;
                return next(context);
            });
            listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(options) });
        }));
        var app = builder.Build();
        server = new TlsServer(app);
        app.Run(server.AnswerAsync);
        await app.StartAsync();
        server.Url = new UriBuilder("https", "localhost", new Uri(app.Urls.First()).Port).Uri;
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private int LastChainLength { get; set; }

    private static X509ChainPolicy KnowsTheRootAlone(PrivatePki pki)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        policy.CustomTrustStore.Add(pki.Root);
        return policy;
    }

    private Task AnswerAsync(HttpContext http)
    {
        var tls = http.Features.Get<ITlsHandshakeFeature>()!;
        var lfdi = Service.Transport.CertificateSummary.From(http.Connection.ClientCertificate!).Lfdi;
        Seen.Add((lfdi, LastChainLength, tls.Protocol, tls.NegotiatedCipherSuite ?? default));
        return Answer(http);
    }
}
