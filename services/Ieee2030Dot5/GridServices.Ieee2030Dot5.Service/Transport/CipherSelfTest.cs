using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Contracts;

namespace GridServices.Ieee2030Dot5.Service.Transport;

/// <summary>
/// Shakes hands with itself over loopback, mutually and with TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8, by throw-away certificates:
/// a machine whose TLS library refuses the suite must say so at the start, and not at the first utility.
/// </summary>
internal sealed partial class CipherSelfTest(TimeProvider time, ILogger<CipherSelfTest> log) : BackgroundService
{
    private const TlsCipherSuite Ccm8 = TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8;
    private static readonly TimeSpan LongestHandshake = TimeSpan.FromSeconds(10);
    private volatile string? _problem = "the self-test of the TLS suite CCM-8 has not ended yet";

    /// <summary>Null where CCM-8 can be spoken; else one line that says why not and how to fix it.</summary>
    public string? Problem => _problem;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            using var timer = time.CreateTimer(_ => deadline.Cancel(), null, LongestHandshake, Timeout.InfiniteTimeSpan);
            var problem = await ProblemAsync(deadline.Token);

            // A machine that is too busy to finish has refused nothing.
            if (problem is not null && deadline.IsCancellationRequested)
            {
                continue;
            }

            _problem = problem;
            if (problem is null)
            {
                LogPassed();
            }
            else
            {
                LogFailed(problem);
            }

            return;
        }
    }

    private static async Task<string?> ProblemAsync(CancellationToken ct)
    {
        try
        {
            var suite = await HandshakeAsync(ct);
            return suite == Ccm8 ? null : Describe($"{suite} was chosen instead");
        }
        catch (Exception e) when (e is AuthenticationException or IOException or SocketException or CryptographicException or PlatformNotSupportedException or OperationCanceledException)
        {
            return Describe(SafeText.Line(e.InnerException?.Message ?? e.Message));
        }
    }

    private static string Describe(string reason) => OperatingSystem.IsWindows() || OperatingSystem.IsMacOS()
        ? $"this system's TLS library can't speak {Ccm8} ({reason}); run this service on Linux, e.g. in its container"
        : $"OpenSSL {Version()} on this machine refuses {Ccm8} ({reason}); since 3.2 it counts CCM-8 as 64 bits and asks for security level 0: "
            + $"start this service, and this one alone, with OPENSSL_CONF={Path.Combine(AppContext.BaseDirectory, "openssl-ccm8.cnf")}";

    private static string Version()
    {
        if (OperatingSystem.IsWindows())
        {
            return string.Empty;
        }

        var version = SafeEvpPKeyHandle.OpenSslVersion;
        return $"{version >> 28 & 0xf}.{version >> 20 & 0xff}.{version >> 4 & 0xffff}";
    }

    private static async Task<TlsCipherSuite> HandshakeAsync(CancellationToken ct)
    {
        using var pair = LoopbackIdentity.Create();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start(1);
        using var tcp = new TcpClient();
        await tcp.ConnectAsync((IPEndPoint)listener.LocalEndpoint, ct);
        using var accepted = await listener.AcceptTcpClientAsync(ct);
        await using var ours = new SslStream(tcp.GetStream());
        await using var theirs = new SslStream(accepted.GetStream());
        var trust = new ServerCertificateValidator(new ServerCertificatePolicy("localhost", new DerTransport(), hasTrust: true, DenyList.Empty), [pair.Root]);
        var options = trust.Options(pair.Leaf, [], SslProtocols.Tls12, CipherSuites.Ccm8);
        options.TargetHost = "localhost";
        var server = theirs.AuthenticateAsServerAsync(ServerOptions(pair, options.CipherSuitesPolicy), ct);
        try
        {
            await ours.AuthenticateAsClientAsync(options, ct);
            await server;
        }
        catch
        {
            // Closing our end ends theirs; its own complaint is the same story told again.
            tcp.Close();
            await server.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            throw;
        }

        return ours.NegotiatedCipherSuite;
    }

    private static SslServerAuthenticationOptions ServerOptions(LoopbackIdentity pair, CipherSuitesPolicy? suites) => new()
    {
        ServerCertificateContext = SslStreamCertificateContext.Create(pair.Leaf, null, offline: true),
        ClientCertificateRequired = true,
        EnabledSslProtocols = SslProtocols.Tls12,
        CipherSuitesPolicy = suites,
        RemoteCertificateValidationCallback = (_, presented, _, _) =>
            presented is X509Certificate2 client && client.RawDataMemory.Span.SequenceEqual(pair.Leaf.RawDataMemory.Span),
    };

    [LoggerMessage(EventId = EventIds.CipherSelfTestPassed, Level = LogLevel.Information, Message = "TLS self-test passed: this machine speaks ECDHE-ECDSA-AES128-CCM8")]
    private partial void LogPassed();

    [LoggerMessage(EventId = EventIds.CipherSelfTestFailed, Level = LogLevel.Error, Message = "ALARM TLS self-test failed, no utility with the standard's cipher suite can be reached: {Problem}")]
    private partial void LogFailed(string problem);
}

/// <summary>A root and a leaf made for one handshake; nothing of them leaves memory.</summary>
internal sealed class LoopbackIdentity : IDisposable
{
    private LoopbackIdentity(X509Certificate2 root, X509Certificate2 leaf) => (Root, Leaf) = (root, leaf);

    public X509Certificate2 Root { get; }

    public X509Certificate2 Leaf { get; }

    public static LoopbackIdentity Create()
    {
        var (from, until) = (DateTimeOffset.UnixEpoch.AddYears(40), DateTimeOffset.UnixEpoch.AddYears(400));
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var rootRequest = new CertificateRequest("CN=Self-test root", rootKey, HashAlgorithmName.SHA256);
        rootRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var root = rootRequest.CreateSelfSigned(from, until);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Self-test", key, HashAlgorithmName.SHA256);
        using var bare = request.Create(root, from, until, RandomNumberGenerator.GetBytes(8));
        return new LoopbackIdentity(X509CertificateLoader.LoadCertificate(root.RawData), bare.CopyWithPrivateKey(key));
    }

    public void Dispose()
    {
        Root.Dispose();
        Leaf.Dispose();
    }
}
