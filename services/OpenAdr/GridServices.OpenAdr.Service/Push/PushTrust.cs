using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using GridServices.OpenAdr.Service.Transport;
using GridServices.OpenAdr.Signatures;
using GridServices.UtilityClients.Listening;
using NodaTime;

namespace GridServices.OpenAdr.Service.Push;

/// <summary>
/// Whether a caller is a VTN, by the rules for the connection to it: a certificate for the VTN's name under the trusted roots, valid, its key long
/// enough; or the very one in profile.vtnCertificate. What use the certificate states is not looked at: a VTN has one for both directions.
/// </summary>
internal sealed class PushTrust
{
    private static readonly Duration FileCheckInterval = Duration.FromSeconds(10);
    private readonly ConcurrentDictionary<PushVtn, Entry> _entries = new();

    /// <summary>Null: the caller is the VTN; otherwise why not.</summary>
    public string? Refuse(PushVtn vtn, ListenerPeer peer, Instant now)
    {
        try
        {
            return EntryOf(vtn).Judge(peer, now);
        }
        catch (CertificateFileException e)
        {
            return e.Message;
        }
    }

    /// <summary>
    /// What a caller that was refused may have to do with the VTN, in words for those who run its VENs; null: nothing. A caller whose certificate merely comes
    /// from the same authority is named by its fingerprint alone: it may be anybody's.
    /// </summary>
    public string? Concern(PushVtn vtn, ListenerPeer peer, string refusal, Instant now)
    {
        try
        {
            return peer.Certificate.MatchesHostname(vtn.Name, allowWildcards: true, allowCommonName: true) ? refusal
                : EntryOf(vtn).Issued(peer, now)
                    ? $"a caller's certificate (fingerprint {Fingerprint.Of(peer.Print)}) comes from the trusted roots and is not for {vtn.Name}; if it is the VTN's, set profile.expectedHostName to a name in it, or give it in profile.vtnCertificate"
                    : null;
        }
        catch (CertificateFileException)
        {
            return null;
        }
    }

    private Entry EntryOf(PushVtn vtn) => _entries.GetOrAdd(vtn, key => new Entry(key.Paths, key.Name));

    /// <summary>VENs with the same files and VTN share what was found out about a certificate.</summary>
    private sealed class Entry(TlsProfile paths, string name)
    {
        private readonly Lock _lock = new();
        private Loaded? _loaded;
        private Instant _checkedAt;

        public string? Judge(ListenerPeer peer, Instant now)
        {
            lock (_lock)
            {
                var (pinned, chain, _, _) = Current(now);
                return pinned?.Judge(peer.Certificate, peer.Others, now) is null && pinned is not null ? null : chain.Judge(peer.Certificate, peer.Others, now)?.Detail;
            }
        }

        /// <summary>True where the profile's own roots are above the caller's certificate, ended or not.</summary>
        public bool Issued(ListenerPeer peer, Instant now)
        {
            lock (_lock)
            {
                if (Current(now).Roots is not { } roots)
                {
                    return false;
                }

                using var chain = new X509Chain { ChainPolicy = TrustedChain.Policy(roots) };
                chain.ChainPolicy.ExtraStore.AddRange(peer.Others);
                chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid;
                return chain.Build(peer.Certificate);
            }
        }

        private Loaded Current(Instant now)
        {
            if (_loaded is null || now - _checkedAt >= FileCheckInterval)
            {
                var stamps = FileStamps.Of(paths);
                _loaded = _loaded is { } kept && kept.Stamps == stamps ? kept : Renew(stamps);
                _checkedAt = now;
            }

            return _loaded;
        }

        // New files that can't be used leave those in use that work; the connection to the VTN tells of them.
        private Loaded Renew(FileStamps stamps)
        {
            try
            {
                var files = VtnTls.Load(paths);
                var pinned = VtnTls.LoadPinned(paths.Lists is [var file] ? file : null);
                return new Loaded(pinned.Count > 0 ? Trust(pinned) : null, Trust([]), files.Trust, stamps);

                SignerTrust Trust(X509Certificate2Collection only) => new(only, files.Trust, name, KeySize.Complaint, "the caller");
            }
            catch (CertificateFileException) when (_loaded is not null)
            {
                return _loaded;
            }
        }

        private sealed record Loaded(SignerTrust? Pinned, SignerTrust Chain, X509Certificate2Collection? Roots, FileStamps Stamps);
    }
}
