using System.Collections.Concurrent;
using System.Net.Security;
using GridServices.Ieee2030Dot5.Service.Driver;
using GridServices.Ieee2030Dot5.Service.Transport;
using GridServices.UtilityClients.Listening;

namespace GridServices.Ieee2030Dot5.Service.Notifications;

/// <summary>Which certificate the listener shows: the configured one, else a client's own, as utilities know their clients by theirs.</summary>
internal sealed class NotificationCertificates(NotificationOptions options, ClientHost clients, SteadyClock clock)
{
    private readonly ConcurrentDictionary<CertificatePaths, ListenerCertificate> _known = [];

    /// <summary>The configured files; null: none, the clients' serve.</summary>
    public CertificatePaths? Configured { get; } = options.Certificate is { } certificate
        ? new CertificatePaths { ClientCertificate = certificate, ClientKey = options.CertificateKey, ClientKeyPasswordFile = options.CertificateKeyPasswordFile }
        : null;

    /// <param name="host">The name that the caller asks for; null: it names none.</param>
    /// <exception cref="CertificateFileException">There is none that can be used.</exception>
    public SslStreamCertificateContext For(string? host)
    {
        try
        {
            return _known.GetOrAdd(Configured ?? ChoosePaths(host), paths => new ListenerCertificate(paths, ClientIdentity.Rules with { Section = Configured is null ? "transport" : "Notifications" }, clock)).Current();
        }
        catch (CertificateFileException e) when (Configured is not null)
        {
            throw new CertificateFileException(
                e.Message.Replace("Notifications.clientCertificate", "Notifications:Certificate", StringComparison.Ordinal).Replace("Notifications.clientKey", "Notifications:CertificateKey", StringComparison.Ordinal), e);
        }
    }

    /// <summary>Why there is none to show to who asks for this host; null: there is one.</summary>
    public string? ProblemFor(string? host)
    {
        try
        {
            For(host);
            return null;
        }
        catch (CertificateFileException e)
        {
            return e.Message;
        }
    }

    private CertificatePaths ChoosePaths(string? host)
    {
        var owners = clients.Views.Where(v => v.Config is { Subscriptions.NotificationUrl: not null, Transport.ClientCertificate: not null })
            .OrderBy(v => v.Id.ToString(), StringComparer.Ordinal).ToList();
        var owner = owners.Find(v => string.Equals(new Uri(v.Config.Subscriptions.NotificationUrl!).IdnHost, host, StringComparison.OrdinalIgnoreCase)) ?? owners.FirstOrDefault()
            ?? throw new CertificateFileException("no client that subscribes has a certificate to show; give one in Notifications:Certificate");

        // Whom the client trusts is no part of what is shown.
        return ClientIdentity.GetPaths(owner.Config.Transport) with { TrustedRoots = null, Lists = [] };
    }
}
