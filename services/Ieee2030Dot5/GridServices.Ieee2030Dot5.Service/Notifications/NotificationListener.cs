using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using GridServices.Ieee2030Dot5.Service.Transport;
using GridServices.UtilityClients.Listening;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Notifications;

/// <summary>Where utilities' servers notify clients. Who a caller is, the handshake settles; whether it may notify, the client it wants to reach decides.</summary>
internal sealed partial class NotificationListener(
    NotificationOptions options, ListenerStatus status, NotificationCertificates certificates, NotificationHandler handler, ListenerCertificateMonitor deaf, IClock clock, ILoggerFactory logs)
    : MutualTlsListener("notification listener", options.Listen, options.MaxConnections, status, logs)
{
    private readonly ILogger _log = logs.CreateLogger<NotificationListener>();

    protected override string? CertificateProblem() => certificates.Configured is null ? null : certificates.ProblemFor(null);

    protected override void Watch() => deaf.Check();

    protected override SslServerAuthenticationOptions Handshake(TlsHandshakeCallbackContext handshake)
    {
        var tls = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = certificates.For(handshake.ClientHelloInfo.ServerName),
            ClientCertificateRequired = true,

            // IEEE 2030.5 and its suite know TLS 1.2 only.
            EnabledSslProtocols = SslProtocols.Tls12,
            CertificateChainPolicy = TrustedChain.Policy(trust: null),
            RemoteCertificateValidationCallback = (_, presented, chain, _) => Accept(handshake.Connection, presented as X509Certificate2, chain),
            AllowRenegotiation = false,

            // A resumed session shows the client's certificate without its intermediates.
            AllowTlsResume = false,
        };
        if (!OperatingSystem.IsWindows())
        {
            tls.CipherSuitesPolicy = new CipherSuitesPolicy(CipherSuites.For(options.CipherSuites));
        }

        return tls;
    }

    protected override Task HandleAsync(HttpContext http) => handler.HandleAsync(http);

    private bool Accept(ConnectionContext connection, X509Certificate2? presented, X509Chain? chain)
    {
        if (presented is null)
        {
            Refuse(connection, "it shows no client certificate");
            return false;
        }

        ListenerPeer.From(presented, chain).AddTo(connection.Items);
        return true;
    }

    private void Refuse(ConnectionContext connection, string why)
    {
        if (Status.Refuse(why, clock.GetCurrentInstant()))
        {
            LogRefused(_log, connection.RemoteEndPoint?.ToString() ?? "an unknown address", why);
        }
    }

    [LoggerMessage(EventId = EventIds.NotificationListenerRefused, Level = LogLevel.Warning, Message = "The notification listener refused {Caller}: {Why}")]
    private static partial void LogRefused(ILogger log, string caller, string why);
}
