using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Service.Transport;
using GridServices.OpenAdr.Signatures;
using GridServices.UtilityClients.Listening;
using Microsoft.AspNetCore.Connections;
using NodaTime;

namespace GridServices.OpenAdr.Service.Push;

/// <summary>The listener's side of a handshake: the suites of the connection to a VTN, and no caller who is not some VEN's VTN.</summary>
internal sealed partial class PushTls(PushOptions options, PushRouter router, ListenerStatus status, IClock clock, ILogger<PushTls> log)
{
    private readonly ListenerCertificate _own = new(options.Files, VtnTls.Files with { Section = "Push" }, clock);
    private volatile string? _told;

    /// <exception cref="CertificateFileException">The listener's certificate can't be used.</exception>
    public SslServerAuthenticationOptions Options(ConnectionContext connection)
    {
        var tls = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = Own(),
            ClientCertificateRequired = true,
            EnabledSslProtocols = options.Tls == TlsPolicy.OpenAdr20b ? SslProtocols.Tls12 : SslProtocols.Tls12 | SslProtocols.Tls13,
            CertificateChainPolicy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true },
            RemoteCertificateValidationCallback = (_, presented, chain, _) => Accept(connection, presented as X509Certificate2, chain),
            AllowRenegotiation = false,

            // A resumed session shows the client's certificate without its intermediates.
            AllowTlsResume = false,
        };
        if (options.Tls == TlsPolicy.OpenAdr20b && !OperatingSystem.IsWindows())
        {
            tls.CipherSuitesPolicy = new CipherSuitesPolicy(VtnTls.OpenAdr20b);
        }

        return tls;
    }

    /// <summary>Why there is no certificate to show; null: there is one (OpenADR 2.0b rule 516: no traffic with one that has expired, ours included).</summary>
    public string? Problem() => _own.Problem() is { } problem ? InSettings(problem) : null;

    private SslStreamCertificateContext Own()
    {
        try
        {
            return _own.Current();
        }
        catch (CertificateFileException e)
        {
            throw new CertificateFileException(InSettings(e.Message), e);
        }
    }

    private static string InSettings(string problem) => problem
        .Replace("Push.clientCertificate", "Push:Certificate", StringComparison.Ordinal).Replace("Push.clientKey", "Push:CertificateKey", StringComparison.Ordinal);

    private bool Accept(ConnectionContext connection, X509Certificate2? presented, X509Chain? chain)
    {
        if (presented is null)
        {
            const string Nobody = "it shows no client certificate";
            status.Refuse($"a caller was refused: {Nobody}", clock.GetCurrentInstant());
            Refuse(connection, Nobody);
            return false;
        }

        if (Check(presented, chain) is var (peer, why) && peer is null)
        {
            Refuse(connection, why!);
            return false;
        }

        peer.AddTo(connection.Items);
        return true;
    }

    // What a stranger shows may hold anything.
    private (ListenerPeer? Peer, string? Why) Check(X509Certificate2 presented, X509Chain? chain)
    {
        try
        {
            var peer = ListenerPeer.From(presented, chain);
            return router.Refuse(peer) is { } why ? (null, why) : (peer, null);
        }
        catch (Exception e) when (SignerCertificate.IsIllegible(e))
        {
            return (null, $"its certificate can't be read: {SafeText.Line(e.Message)}");
        }
    }

    private void Refuse(ConnectionContext connection, string why)
    {
        if (_told != why)
        {
            _told = why;
            LogRefused(connection.RemoteEndPoint?.ToString() ?? "an unknown address", why);
        }
    }

    [LoggerMessage(EventId = EventIds.PushTlsRefused, Level = LogLevel.Warning, Message = "The push listener refused {Caller}: {Why}")]
    private partial void LogRefused(string caller, string why);
}
