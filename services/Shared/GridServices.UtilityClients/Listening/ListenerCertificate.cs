using System.Net.Security;
using GridServices.UtilityClients.Tls;
using NodaTime;

namespace GridServices.UtilityClients.Listening;

/// <summary>A listener's own certificate: new files are read within ten seconds, and those that can't be used leave the earlier ones in place.</summary>
/// <param name="paths">The files.</param>
/// <param name="rules">What is asked of them.</param>
/// <param name="clock">Now.</param>
public sealed class ListenerCertificate(CertificatePaths paths, CertificateFileRules rules, IClock clock)
{
    private static readonly Duration FileCheckInterval = Duration.FromSeconds(10);
    private readonly Lock _lock = new();
    private (SslStreamCertificateContext Context, FileStamps Stamps, Instant End)? _own;
    private Instant _checkedAt;

    /// <summary>The certificate in force.</summary>
    /// <exception cref="CertificateFileException">There is none that can be used, or it has expired.</exception>
    public SslStreamCertificateContext Current()
    {
        lock (_lock)
        {
            var now = clock.GetCurrentInstant();
            if (_own is null || now - _checkedAt >= FileCheckInterval)
            {
                var stamps = FileStamps.Of(paths);
                _own = _own is { } kept && kept.Stamps == stamps ? kept : Renew(stamps);
                _checkedAt = now;
            }

            return _own.Value.End > now
                ? _own.Value.Context
                : throw new CertificateFileException($"the listener's certificate {paths.ClientCertificate} expired at {_own.Value.End}; put a new one in its place");
        }
    }

    private (SslStreamCertificateContext Context, FileStamps Stamps, Instant End) Renew(FileStamps stamps)
    {
        try
        {
            var files = ClientCertificateFiles.Load(paths, rules);
            return files.Certificate is { } certificate
                ? (SslStreamCertificateContext.Create(certificate, files.Chain, offline: true), stamps, files.ExpiresAt!.Value)
                : throw new CertificateFileException("the listener has no certificate");
        }
        catch (CertificateFileException) when (_own is not null)
        {
            return _own.Value;
        }
    }
}
