using System.Net;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Identity;
using GridServices.Ieee2030Dot5.Service.Transport;

namespace GridServices.Ieee2030Dot5.Service.Registry;

/// <summary>The core's rules for a client, and those of the line to its server: URL, certificates, names. Every rule is checked, none stops the others.</summary>
internal sealed class ClientRules
{
    private readonly List<ConfigFault> _faults = [];
    private readonly List<string> _warnings = [];

    public IReadOnlyList<ConfigFault> Faults => _faults;

    public IReadOnlyList<string> Warnings => _warnings;

    public static ClientRules Check(DerClientConfig config, TlsSettings tls, TenantFiles files)
    {
        var rules = new ClientRules();
        var pen = rules.Own(config.Transport, files) ? rules.Identity(config, tls) : 0;
        rules._faults.AddRange(DerClientConfigRules.Check(config, pen));
        if (Uri.TryCreate(config.ServerUrl, UriKind.Absolute, out var url))
        {
            rules.Server(config, url);
            rules.Names(config.Transport);
            rules.Notifier(config.Subscriptions);
            rules.Files(config, url);
        }

        rules.AddWarnings(config, pen);
        return rules;
    }

    /// <returns>False: some files are not this tenant's; they are not looked at.</returns>
    private bool Own(DerTransport transport, TenantFiles tenantFiles)
    {
        (string Member, string? Path)[] files =
        [
            ("clientCertificate", transport.ClientCertificate), ("clientKey", transport.ClientKey), ("clientKeyPasswordFile", transport.ClientKeyPasswordFile),
            ("trustedRoots", transport.TrustedRoots), ("denyList", transport.DenyList),
        ];
        var foreign = files.Where(f => f.Path is not null && tenantFiles.Refusal(f.Path) is not null).ToList();
        foreign.ForEach(f => Fail($"/transport/{f.Member}", tenantFiles.Refusal(f.Path!)!));
        return foreign.Count == 0;
    }

    private void Server(DerClientConfig config, Uri url)
    {
        if (url.Query.Length > 0)
        {
            Fail("/serverUrl", "must end with the path, without ?");
        }

        if (url.Scheme == Uri.UriSchemeHttp && !IsLoopback(url))
        {
            Fail("/serverUrl", "must be https: plain http is taken for a server on this machine (127.0.0.1, localhost) only");
        }

        if (url.Scheme == Uri.UriSchemeHttps && config.Transport.ClientCertificate is null)
        {
            Fail("/transport/clientCertificate", "is missing: an IEEE 2030.5 server knows its clients by their certificates; give the PEM file of the device's certificate and chain");
        }

        if (url.Scheme == Uri.UriSchemeHttps && config.Transport.TrustedRoots is null)
        {
            _warnings.Add("/transport/trustedRoots: is not given, so the machine's own roots are trusted; give the root of the utility's PKI (SERCA)");
        }

        if (config.Transport.ClientCertificate is null && config.Lfdi is null)
        {
            Fail("/lfdi", "is missing: without a client certificate it can't be worked out");
        }
    }

    private void Names(DerTransport transport)
    {
        if (transport.ServerPin is { } pin && CertificateFingerprint.Normalize(pin) is null)
        {
            Fail("/transport/serverPin", "must be the server certificate's LFDI (40 hex digits) or SHA-256 fingerprint (64); GET …/doctor shows both");
        }

        if (transport is { ServerName: DerServerName.Pinned, ServerPin: null })
        {
            Fail("/transport/serverPin", "is missing: serverName is pinned");
        }

        if (transport is { ServerName: DerServerName.ChainOnly, ServerPin: null })
        {
            _warnings.Add("/transport/serverName: chainOnly lets any device of the same PKI stand in for the server; pin the server where you can");
        }

        if (transport.ClientKey is not null && transport.ClientCertificate is null)
        {
            Fail("/transport/clientKey", "needs clientCertificate beside it");
        }
    }

    private void Notifier(DerSubscriptions subscriptions)
    {
        if (subscriptions.NotifierPin is { } pin && CertificateFingerprint.Normalize(pin) is null)
        {
            Fail("/subscriptions/notifierPin", "must be the LFDI (40 hex digits) or SHA-256 fingerprint (64) of the certificate that notifies; GET …/doctor shows whose the listener refused");
        }
    }

    private void Files(DerClientConfig config, Uri url)
    {
        if (url.Scheme == Uri.UriSchemeHttp && (config.Transport.ClientCertificate ?? config.Transport.TrustedRoots) is not null)
        {
            _warnings.Add("/transport: certificates are given but serverUrl is plain http, so they are not shown; write https");
        }
    }

    /// <summary>Files that don't serve are better named now than at the first handshake.</summary>
    /// <returns>The enterprise number that the certificate tells; 0: none.</returns>
    private int Identity(DerClientConfig config, TlsSettings tls)
    {
        try
        {
            using var identity = ClientIdentity.Load(config.Transport, tls.DenyList);
            if (identity.Lfdi is { } lfdi && config.Lfdi is not null && !lfdi.Is(config.Lfdi))
            {
                Fail("/lfdi", $"is not that of the client certificate, {lfdi}; leave it out");
            }

            return config.Mode == DerMode.Direct ? identity.Pen : 0;
        }
        catch (CertificateFileException e)
        {
            Fail(e.Member is { } member ? $"/transport/{member}" : "/transport", e.Message);
            return 0;
        }
    }

    /// <summary>What is taken though it may not be meant.</summary>
    private void AddWarnings(DerClientConfig config, int pen)
    {
        if (config is { Pen: 0, Reporting.Enabled: true })
        {
            var derived = pen > 0 ? pen : Pens.FromDevices(config);
            _warnings.Add(derived > 0
                ? $"/pen: is not given; {derived} is used, which {(pen > 0 ? "the client certificate's hardware type tells" : "the devices' LFDIs end with")}"
                : "/pen: is not given, so the mRIDs of readings end in 00000000; a CSIP-AUS utility refuses that: give the IANA enterprise number it knows you by");
        }

        if (config is { Mode: DerMode.Aggregator, Pen: 0 } && config.AllDevices().Any(d => d.Lfdi is null or "auto"))
        {
            _warnings.Add("/pen: is not given, so the LFDIs that are made for the devices end in 00000000; give your IANA enterprise number before the utility registers them");
        }

        if (config.Edition == DerEdition.Ieee2018 && config.AllDevices().Any(d => d.Nmi is not null))
        {
            _warnings.Add("/nmi: is not put to a server that speaks plain IEEE 2030.5, as only CSIP-AUS has a place for it; leave it out, or set edition to the server's");
        }

        foreach (var device in config.AllDevices().Where(d => d.Nmi is { Length: not (Nmi.Length or Nmi.Length + 1) }))
        {
            _warnings.Add($"/nmi: {SafeText.Line(device.Nmi!)} of {device.SiteId} is no NMI, which has 10 characters, or 11 with its check digit; it is put to the server as it stands");
        }
    }

    private static bool IsLoopback(Uri url) => url.IsLoopback || (IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private void Fail(string pointer, string detail) => _faults.Add(new ConfigFault(ErrorClass.Configuration, pointer, detail));
}
