using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Service.Transport;
using Microsoft.AspNetCore.Connections;
using NodaTime;

namespace GridServices.OpenAdr.Service.Push;

/// <summary>The listener's side of a handshake: the suites of the connection to a VTN, and no caller who is not some VEN's VTN.</summary>
internal sealed partial class PushTls(PushOptions options, PushRouter router, PushStatus status, IClock clock, ILogger<PushTls> log)
{
    private static readonly Duration FileCheckInterval = Duration.FromSeconds(10);
    private readonly Lock _lock = new();
    private (SslStreamCertificateContext Context, FileStamps Stamps, Instant End)? _own;
    private Instant _checkedAt;

    private CertificatePaths Paths => new()
    {
        ClientCertificate = options.Certificate,
        ClientKey = options.CertificateKey,
        ClientKeyPasswordFile = options.CertificateKeyPasswordFile,
    };

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

    /// <summary>The certificate in force; new files are read within ten seconds, and those that can't be used leave the earlier ones in place.</summary>
    /// <exception cref="CertificateFileException">There is none that can be used.</exception>
    public SslStreamCertificateContext Own()
    {
        lock (_lock)
        {
            var now = clock.GetCurrentInstant();
            if (_own is null || now - _checkedAt >= FileCheckInterval)
            {
                var stamps = FileStamps.Of(Paths);
                _own = _own is { } kept && kept.Stamps == stamps ? kept : Renew(stamps);
                _checkedAt = now;
            }

            // OpenADR 2.0b rule 516: no traffic with an expired certificate, ours included.
            return _own.Value.End > now ? _own.Value.Context : throw new CertificateFileException($"the listener's certificate {options.Certificate} expired at {_own.Value.End}; put a new one in its place");
        }
    }

    private (SslStreamCertificateContext Context, FileStamps Stamps, Instant End) Renew(FileStamps stamps)
    {
        try
        {
            var files = ClientCertificateFiles.Load(Paths, VtnTls.Files with { Section = "Push" });
            return (SslStreamCertificateContext.Create(files.Certificate!, files.Chain, offline: true), stamps, files.ExpiresAt!.Value);
        }
        catch (CertificateFileException) when (_own is not null)
        {
            return _own.Value;
        }
        catch (CertificateFileException e)
        {
            throw new CertificateFileException(e.Message.Replace("Push.clientCertificate", "Push:Certificate", StringComparison.Ordinal).Replace("Push.clientKey", "Push:CertificateKey", StringComparison.Ordinal), e);
        }
    }

    private bool Accept(ConnectionContext connection, X509Certificate2? presented, X509Chain? chain)
    {
        if (presented is null)
        {
            Refuse(connection, "it shows no client certificate");
            return false;
        }

        var peer = PushPeer.Of(presented, chain);
        if (router.Refuse(peer) is { } why)
        {
            Refuse(connection, why);
            return false;
        }

        peer.KeepIn(connection.Items);
        return true;
    }

    private void Refuse(ConnectionContext connection, string why)
    {
        if (status.Refuse(why))
        {
            LogRefused(connection.RemoteEndPoint?.ToString() ?? "an unknown address", why);
        }
    }

    [LoggerMessage(EventId = EventIds.PushTlsRefused, Level = LogLevel.Warning, Message = "The push listener refused {Caller}: {Why}")]
    private partial void LogRefused(string caller, string why);
}
