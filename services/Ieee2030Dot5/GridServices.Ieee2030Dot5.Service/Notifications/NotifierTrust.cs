using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Certificates;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Service.Driver;
using GridServices.Ieee2030Dot5.Service.Transport;
using GridServices.UtilityClients.Listening;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Notifications;

/// <summary>
/// Whether a caller may notify a client: its chain leads to the client's trusted roots, nothing of it is on the deny list, and it is
/// <code>
///   the certificate of subscriptions.notifierPin ─ else of transport.serverPin ─ else the one the client's server shows, or one for the server's name
/// </code>
/// Any other device of the same PKI is refused.
/// </summary>
internal sealed class NotifierTrust(TlsSettings tls, SteadyClock clock)
{
    // CSIP COMM-004, as for the server itself
    private const int ShortestChain = 2;
    private const int LongestChain = 4;
    private static readonly Duration FileCheckInterval = Duration.FromSeconds(10);
    private readonly ConcurrentDictionary<CertificatePaths, Entry> _entries = [];

    /// <summary>Null: it may; otherwise why not, one line.</summary>
    public NotifierRefusal? Refuse(ClientView client, ListenerPeer peer)
    {
        // Our own key has no part in this.
        var paths = ClientIdentity.GetPaths(client.Config.Transport, tls.DenyList) with { ClientCertificate = null, ClientKey = null, ClientKeyPasswordFile = null };
        var now = clock.GetCurrentInstant();
        try
        {
            var (trust, denied) = _entries.GetOrAdd(paths, p => new Entry(p)).Current(now);
            return ChainComplaint(client.Config.Transport, peer, trust, denied, now) is { } chain ? new NotifierRefusal(chain)
                : IdentityComplaint(client, peer.Certificate) is { } identity ? new NotifierRefusal(identity, IsForNow: IsServerUnseen(client))
                : null;
        }
        catch (CertificateFileException e)
        {
            return new NotifierRefusal(SafeText.Line(e.Message));
        }
    }

    private static string? ChainComplaint(DerTransport transport, ListenerPeer peer, X509Certificate2Collection? trust, DenyList denied, Instant now)
    {
        using var chain = new X509Chain { ChainPolicy = TrustedChain.Policy(trust) };
        chain.ChainPolicy.ExtraStore.AddRange(peer.Others);
        chain.ChainPolicy.VerificationTime = now.ToDateTimeUtc();
        var isTrusted = chain.Build(peer.Certificate);
        X509Certificate2[] elements = [.. chain.ChainElements.Select(e => e.Certificate)];
        try
        {
            return elements.FirstOrDefault(denied.Contains) is { } refused ? $"the certificate {GetLfdi(refused)} in its chain is on the deny list"
                : !isTrusted ? $"its certificate {GetLfdi(peer.Certificate)} does not lead to the roots the client trusts ({string.Join(", ", chain.ChainStatus.Select(s => s.Status))})"
                : elements.Length is < ShortestChain or > LongestChain ? $"its chain has {elements.Length} certificates, where {ShortestChain} to {LongestChain} are those of the IEEE 2030.5 PKI"
                : RulesComplaint(transport, elements);
        }
        finally
        {
            Array.ForEach(elements, e => e.Dispose());
        }
    }

    private static string? RulesComplaint(DerTransport transport, IReadOnlyList<X509Certificate2> elements) =>
        transport.CertificateRules == DerCertificateRules.Enforce && DeviceCertificateRules.Check(elements, CertificateRole.Server).FirstOrDefault(f => f.Refused) is { } fault
            ? $"its chain breaks the certificate rules of IEEE 2030.5 ({fault.Rule})"
            : null;

    private static string? IdentityComplaint(ClientView client, X509Certificate2 caller)
    {
        var config = client.Config;
        if ((config.Subscriptions.NotifierPin ?? config.Transport.ServerPin) is { } pin)
        {
            return CertificateFingerprint.Matches(pin, caller)
                ? null
                : $"it is {GetLfdi(caller)}, and not {(config.Subscriptions.NotifierPin is null ? "the one in transport.serverPin" : "the one in subscriptions.notifierPin")}";
        }

        var name = config.Transport.ExpectedHostName ?? new Uri(config.ServerUrl).IdnHost;
        var isServer = client.ServerChain is [var server, ..] && server.Sha256 == CertificateFingerprint.Compute(caller);
        return isServer || caller.MatchesHostname(name, allowWildcards: true, allowCommonName: false)
            ? null
            : $"it is {GetLfdi(caller)}, neither the client's server nor one named {name}; if the utility notifies with another certificate, give its LFDI in subscriptions.notifierPin";
    }

    // After a start, until the first handshake with the server has shown whom it may be.
    private static bool IsServerUnseen(ClientView client) => client is { ServerChain: [], Config: { Subscriptions.NotifierPin: null, Transport.ServerPin: null } }
        && client.Config.ServerUrl.StartsWith("https:", StringComparison.OrdinalIgnoreCase);

    private static string GetLfdi(X509Certificate2 certificate) => CertificateFingerprint.Compute(certificate)[..CertificateFingerprint.LfdiDigits];

    /// <summary>Clients with the same files share what was read of them.</summary>
    private sealed class Entry(CertificatePaths paths)
    {
        private readonly Lock _lock = new();
        private (X509Certificate2Collection? Trust, DenyList Denied, FileStamps Stamps)? _loaded;
        private Instant _checkedAt;

        public (X509Certificate2Collection? Trust, DenyList Denied) Current(Instant now)
        {
            lock (_lock)
            {
                if (_loaded is null || now - _checkedAt >= FileCheckInterval)
                {
                    var stamps = FileStamps.From(paths);
                    _loaded = _loaded is { } kept && kept.Stamps == stamps ? kept : Renew(stamps);
                    _checkedAt = now;
                }

                return (_loaded.Value.Trust, _loaded.Value.Denied);
            }
        }

        // New files that can't be used leave those in use that work; the connection to the server tells of them.
        private (X509Certificate2Collection? Trust, DenyList Denied, FileStamps Stamps) Renew(FileStamps stamps)
        {
            try
            {
                return (ClientCertificateFiles.Load(paths, ClientIdentity.Rules).Trust, DenyList.Load(paths.Lists), stamps);
            }
            catch (CertificateFileException) when (_loaded is not null)
            {
                return _loaded.Value;
            }
        }
    }
}

/// <summary>Why a caller may not notify a client.</summary>
/// <param name="Why">One line.</param>
/// <param name="IsForNow">True: its chain is good, and whether it is the client's server is not known yet; it is asked to come again, as servers drop subscriptions that they get a 403 for.</param>
internal sealed record NotifierRefusal(string Why, bool IsForNow = false);
