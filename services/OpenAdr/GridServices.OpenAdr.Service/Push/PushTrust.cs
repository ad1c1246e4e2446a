using System.Collections.Concurrent;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Service.Transport;
using GridServices.OpenAdr.Signatures;
using GridServices.UtilityClients.Listening;
using NodaTime;

namespace GridServices.OpenAdr.Service.Push;

/// <summary>
/// Whether a caller is the VTN of a VEN, by the rules for the connection to it: a certificate for the VTN's name under the trusted roots, valid, its key long
/// enough; or the very one in profile.vtnCertificate. What use the certificate states is not looked at: a VTN has one for both directions.
/// </summary>
internal sealed class PushTrust
{
    private static readonly Duration FileCheckInterval = Duration.FromSeconds(10);
    private readonly ConcurrentDictionary<(TlsProfile Paths, string Name), Entry> _entries = new();

    /// <summary>Null: the caller is the VEN's VTN; otherwise why not.</summary>
    public string? Refuse(VenConfig config, ListenerPeer peer, Instant now)
    {
        var paths = TlsProfile.Of(config.Profile) with { Lists = config.Profile.VtnCertificate is { } pinned ? [pinned] : [] };
        var entry = _entries.GetOrAdd((paths, paths.ExpectedHostName ?? new Uri(config.VtnUrl).IdnHost), key => new Entry(key.Paths, key.Name));
        try
        {
            return entry.Judge(peer, now);
        }
        catch (CertificateFileException e)
        {
            return e.Message;
        }
    }

    /// <summary>VENs with the same files and VTN share what was found out about a certificate.</summary>
    private sealed class Entry(TlsProfile paths, string name)
    {
        private readonly Lock _lock = new();
        private (SignerTrust? Pinned, SignerTrust Chain, FileStamps Stamps)? _loaded;
        private Instant _checkedAt;

        public string? Judge(ListenerPeer peer, Instant now)
        {
            lock (_lock)
            {
                var (pinned, chain, _) = Current(now);
                return pinned?.Judge(peer.Certificate, peer.Others, now) is null && pinned is not null ? null : chain.Judge(peer.Certificate, peer.Others, now)?.Detail;
            }
        }

        private (SignerTrust? Pinned, SignerTrust Chain, FileStamps Stamps) Current(Instant now)
        {
            if (_loaded is null || now - _checkedAt >= FileCheckInterval)
            {
                var stamps = FileStamps.Of(paths);
                _loaded = _loaded is { } kept && kept.Stamps == stamps ? kept : Renew(stamps);
                _checkedAt = now;
            }

            return _loaded.Value;
        }

        // New files that can't be used leave those in use that work; the connection to the VTN tells of them.
        private (SignerTrust? Pinned, SignerTrust Chain, FileStamps Stamps) Renew(FileStamps stamps)
        {
            try
            {
                var files = VtnTls.Load(paths);
                var pinned = VtnTls.LoadPinned(paths.Lists is [var file] ? file : null);
                return (pinned.Count > 0 ? Trust(pinned) : null, Trust([]), stamps);

                SignerTrust Trust(System.Security.Cryptography.X509Certificates.X509Certificate2Collection only) => new(only, files.Trust, name, KeySize.Complaint, "the caller");
            }
            catch (CertificateFileException) when (_loaded is not null)
            {
                return _loaded.Value;
            }
        }
    }
}
