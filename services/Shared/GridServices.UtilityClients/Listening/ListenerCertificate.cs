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
    // Shorter than the listener looks by itself, so that each of its looks is at the file.
    private static readonly Duration FileCheckInterval = Duration.FromSeconds(5);
    private readonly Lock _lock = new();
    private (SslStreamCertificateContext Context, FileStamps Stamps, CertificateDetails Details)? _own;
    private CertificateFileException? _fault;
    private Instant? _checkedAt;

    /// <summary>The certificate in force.</summary>
    /// <exception cref="CertificateFileException">There is none that can be used, or it has expired or is not valid yet.</exception>
    public SslStreamCertificateContext Current()
    {
        lock (_lock)
        {
            var now = clock.GetCurrentInstant();
            if (_checkedAt is not { } at || now < at || now - at >= FileCheckInterval)
            {
                Check();
                _checkedAt = now;
            }

            return _own switch
            {
                null => throw new CertificateFileException(_fault!.Message, _fault),
                { Details.NotAfter: var end } when end <= now =>
                    throw new CertificateFileException($"the listener's certificate {paths.ClientCertificate} expired at {end}; put a new one in its place"),
                { Details.NotBefore: var start } when start > now =>
                    throw new CertificateFileException($"the listener's certificate {paths.ClientCertificate} is valid only from {start}; check this machine's clock"),
                { Context: var context } => context,
            };
        }
    }

    /// <summary>Why there is no certificate to show; null: there is one.</summary>
    public string? Problem()
    {
        try
        {
            Current();
            return null;
        }
        catch (CertificateFileException e)
        {
            return e.Message;
        }
    }

    /// <summary>What is in force or was last; null: there has been none.</summary>
    public CertificateDetails? Details()
    {
        lock (_lock)
        {
            return _own?.Details;
        }
    }

    // Whoever connects can't have the files read again and again: a fault is kept for as long as a certificate is.
    private void Check()
    {
        var stamps = FileStamps.From(paths);
        if (_own is { } kept && kept.Stamps == stamps)
        {
            return;
        }

        try
        {
            _own = Load(stamps);
            _fault = null;
        }
        catch (CertificateFileException e)
        {
            _fault = e;
        }
    }

    private (SslStreamCertificateContext Context, FileStamps Stamps, CertificateDetails Details) Load(FileStamps stamps)
    {
        var files = ClientCertificateFiles.Load(paths, rules);
        return files.Certificate is { } certificate
            ? (SslStreamCertificateContext.Create(certificate, files.Chain, offline: true), stamps, CertificateDetails.From(certificate))
            : throw new CertificateFileException("the listener has no certificate");
    }
}
