using System.Net;
using System.Net.Http.Json;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using GridServices.Ieee2030Dot5.Service.Tests.Rig;
using GridServices.Simulators.DerServer;
using GridServices.Simulators.DerServer.Pki;
using GridServices.Testing;
using Microsoft.AspNetCore.Builder;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Tests.Notifications;

/// <summary>One service with its listener, one utility that notifies over mutual TLS with CCM-8, and one client that subscribes: shared by the tests of a class.</summary>
public sealed class ListenerFixture : IAsyncLifetime
{
    public const int MaxBody = 20_000;
    private readonly HttpClient _http = new(TestConnections.Create());
    private WebApplication? _utility;

    public string Pki { get; } = Directory.CreateTempSubdirectory("der-notify-").FullName;

    public int Port { get; } = GridServices.Testing.TestPorts.Next();

    public string NotificationPath { get; private set; } = string.Empty;

    internal ServiceRig Rig { get; private set; } = null!;

    private Uri Control => new(_utility!.Urls.Single(u => u.StartsWith("http://", StringComparison.Ordinal)));

    private int TlsPort => new Uri(_utility!.Urls.Single(u => u.StartsWith("https://", StringComparison.Ordinal))).Port;

    public async ValueTask InitializeAsync()
    {
        TestPki.Make(Pki, SystemClock.Instance.GetCurrentInstant());
        _utility = DerServerApp.Build(
        [
            "--http", "127.0.0.1:0", "--https", "127.0.0.1:0", "--quiet", "--dialect", "1.3", "--poll-rate", "300",
            "--cert", File("server.crt"), "--key", File("server.key"), "--ca", File("serca.crt"),
        ]);
        await _utility.StartAsync();
        await SendAsync("/sim/programs", new JsonObject { ["primacy"] = 1, ["fsa"] = 1 });
        Rig = await ServiceRig.StartAsync(arguments: [$"--Notifications:Listen=127.0.0.1:{Port}", $"--Notifications:MaxBodyBytes={MaxBody}"]);
        await PutAsync();
    }

    /// <summary>Puts the client and waits until it is subscribed.</summary>
    public async Task PutAsync()
    {
        await Rig.PutAsync(ServiceRig.Path, Config());
        NotificationPath = (await Rig.GetAsync(ServiceRig.Path))["notificationPath"]!.GetValue<string>();
        await SubscribedAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Rig.DisposeAsync();
        await _utility!.DisposeAsync();
        _http.Dispose();
        Directory.Delete(Pki, recursive: true);
    }

    public string File(string name) => Path.Combine(Pki, name);

    public JsonObject Config(string? notifierPin = null) => new()
    {
        ["serverUrl"] = $"https://localhost:{TlsPort}",
        ["siteId"] = "site-1",
        ["nmi"] = "1234567890",
        ["nameplate"] = new JsonObject { ["maxW"] = 10_000 },
        ["subscriptions"] = new JsonObject { ["notificationUrl"] = $"https://localhost:{Port}", ["notifierPin"] = notifierPin },
        ["transport"] = new JsonObject { ["clientCertificate"] = File("device1.crt"), ["clientKey"] = File("device1.key"), ["trustedRoots"] = File("serca.crt") },
    };

    /// <summary>Waits until the utility holds all five subscriptions and the client knows.</summary>
    public Task SubscribedAsync() => ServiceRig.UntilAsync(
        async () => (await Rig.GetAsync(ServiceRig.Path))["condition"]!["subscriptions"], s => s is not null && s["held"]!.GetValue<int>() == 5 && s["offered"]!.GetValue<int>() == 5);

    public Task IssueAsync(int watts) =>
        SendAsync("/sim/controls", new JsonObject { ["program"] = 1, ["inSeconds"] = 0, ["seconds"] = 600, ["modes"] = new JsonObject { ["opModExpLimW"] = watts } });

    public async Task<JsonNode> UtilityAsync(string path) => (await _http.GetFromJsonAsync<JsonNode>(new Uri(Control, path)))!;

    public Task<JsonNode> DoctorAsync() => Rig.GetAsync(ServiceRig.Path + "/doctor");

    /// <summary>A caller with the certificate of this name; null: with none. At most so many connections at once.</summary>
    public HttpClient Caller(string? name, int connections = int.MaxValue) => new(new SocketsHttpHandler { SslOptions = CreateTlsOptions(name), MaxConnectionsPerServer = connections }) { BaseAddress = new Uri($"https://localhost:{Port}") };

    /// <summary>The bare connection of such a caller, after the handshake.</summary>
    public async Task<SslStream> ConnectAsync(string name, CancellationToken ct)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, Port, ct);
        var line = new SslStream(tcp.GetStream());
        var tls = CreateTlsOptions(name);
        tls.TargetHost = "localhost";
        await line.AuthenticateAsClientAsync(tls, ct);
        return line;
    }

    private SslClientAuthenticationOptions CreateTlsOptions(string? name)
    {
        var sent = new X509Certificate2Collection();
        X509Certificate2? own = null;
        if (name is not null)
        {
            using var pem = X509Certificate2.CreateFromPemFile(File(name + ".crt"), File(name + ".key"));
            own = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
            sent.ImportFromPemFile(File(name + ".crt"));
            sent.RemoveAt(0);
        }

        return new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = SslProtocols.Tls12,
#pragma warning disable CA1416 // The suite is that of the standard; the tests run where the service does.
            CipherSuitesPolicy = new CipherSuitesPolicy([TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8]),
#pragma warning restore CA1416
            ClientCertificateContext = own is null ? null : SslStreamCertificateContext.Create(own, sent, offline: true),
            RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null && shown.GetRawCertData().AsSpan().SequenceEqual(DeviceCertificate()),
        };
    }

    private byte[] DeviceCertificate()
    {
        using var device = X509CertificateLoader.LoadCertificateFromFile(File("device1.crt"));
        return device.RawData;
    }

    private async Task SendAsync(string path, JsonObject body)
    {
        using var answer = await _http.PostAsJsonAsync(new Uri(Control, path), body);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }
}
