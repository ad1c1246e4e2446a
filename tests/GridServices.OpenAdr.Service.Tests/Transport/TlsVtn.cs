using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GridServices.OpenAdr.Service.Tests.Transport;

/// <summary>A Kestrel server with chosen certificates and suites that answers every POST with one XML element and remembers who came.</summary>
internal sealed class TlsVtn : IAsyncDisposable
{
    public const string Reply = "<oadrPayload/>";
    private readonly WebApplication _app;

    private TlsVtn(WebApplication app) => _app = app;

    public static TlsCipherSuite[] StrictSuites { get; } =
        [TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, TlsCipherSuite.TLS_RSA_WITH_AES_128_CBC_SHA256];

    public List<(string Subject, SslProtocols Protocol, TlsCipherSuite Suite)> Seen { get; } = [];
    public int Connections { get; private set; }
    public Uri Url { get; private set; } = new("https://localhost");

    /// <summary>Which certificate new handshakes show.</summary>
    public X509Certificate2? Certificate { get; set; }

    public static async Task<TlsVtn> StartAsync(
        X509Certificate2 certificate,
        PrivatePki? clients = null,
        SslProtocols protocols = SslProtocols.Tls12,
        TlsCipherSuite[]? suites = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        TlsVtn vtn = null!;
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Use(next => context =>
            {
                vtn.Connections++;
                return next(context);
            });
            listen.UseHttps(new Microsoft.AspNetCore.Server.Kestrel.Https.TlsHandshakeCallbackOptions
            {
                OnConnection = _ => ValueTask.FromResult(Options(vtn.Certificate!, clients, protocols, suites)),
            });
        }));
        var app = builder.Build();
        vtn = new TlsVtn(app) { Certificate = certificate };
        app.Run(context => vtn.AnswerAsync(context));
        await app.StartAsync();
        vtn.Url = new UriBuilder("https", "localhost", new Uri(app.Urls.First()).Port).Uri;
        return vtn;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static SslServerAuthenticationOptions Options(X509Certificate2 certificate, PrivatePki? clients, SslProtocols protocols, TlsCipherSuite[]? suites) => new()
    {
        ServerCertificate = certificate,
        EnabledSslProtocols = protocols,
        ClientCertificateRequired = clients is not null,
        CipherSuitesPolicy = suites is null || OperatingSystem.IsWindows() ? null : new CipherSuitesPolicy(suites),
        RemoteCertificateValidationCallback = (_, presented, _, _) => clients is null || Trusted(presented as X509Certificate2, clients),
    };

    private static bool Trusted(X509Certificate2? presented, PrivatePki clients)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(clients.Roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return presented is not null && chain.Build(presented);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var tls = context.Features.Get<ITlsHandshakeFeature>()!;
        Seen.Add((context.Connection.ClientCertificate?.Subject ?? string.Empty, tls.Protocol, tls.NegotiatedCipherSuite ?? default));
        context.Response.ContentType = "application/xml";
        await context.Response.WriteAsync(Reply);
    }
}
