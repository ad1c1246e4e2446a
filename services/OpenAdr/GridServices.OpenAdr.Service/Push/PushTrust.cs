using System.Collections.Concurrent;
using GridServices.OpenAdr.Service.Transport;
using GridServices.UtilityClients.Listening;
using NodaTime;

namespace GridServices.OpenAdr.Service.Push;

/// <summary>
/// Whether a caller is a VTN, by the rules for the connection to it: a certificate for the VTN's name under the trusted roots, valid, its key long
/// enough; or the very one in profile.vtnCertificate. What use the certificate states is not looked at: a VTN has one for both directions.
/// </summary>
/// <remarks>What a stranger's handshake costs follows from how many VTNs differ by certificates or name, not from the number of VENs, tenants or files.</remarks>
internal sealed class PushTrust
{
    private static readonly Duration FileCheckInterval = Duration.FromSeconds(10);
    private readonly ConcurrentDictionary<PushVtn, Entry> _entries = new();

    /// <summary>Null: the caller is the VTN; otherwise why not.</summary>
    public CallerRefusal? Refuse(PushVtn vtn, ListenerPeer peer, Instant now)
    {
        try
        {
            return _entries.GetOrAdd(vtn, key => new Entry(key)).GetValidator(now, Known).Validate(peer, now);
        }
        catch (CertificateFileException e)
        {
            return new CallerRefusal(e.Message, null);
        }
    }

    /// <summary>Forgets VTNs that no VEN has any more.</summary>
    public void RetainOnly(IReadOnlySet<PushVtn> vtns)
    {
        foreach (var gone in _entries.Keys.Where(vtn => !vtns.Contains(vtn)))
        {
            _entries.TryRemove(gone, out _);
        }
    }

    private CallerValidator? Known(string key) => _entries.Values.Select(e => e.Latest).FirstOrDefault(j => j?.Key == key);

    /// <summary>The files of one VTN. Those with the same content share a judge, and what it has found.</summary>
    private sealed class Entry(PushVtn vtn)
    {
        private readonly Lock _lock = new();
        private readonly CertificatePaths _files = vtn.Files;
        private volatile CallerValidator? _judge;
        private FileStamps? _stamps;
        private Instant? _checkedAt;

        public CallerValidator? Latest => _judge;

        /// <exception cref="CertificateFileException">The files can't be used, and never could.</exception>
        public CallerValidator GetValidator(Instant now, Func<string, CallerValidator?> known)
        {
            lock (_lock)
            {
                if (_judge is null || _checkedAt is not { } at || now < at || now - at >= FileCheckInterval)
                {
                    Renew(FileStamps.From(_files), known);
                    _checkedAt = now;
                }

                return _judge!;
            }
        }

        // New files that can't be used leave those in use that work; the connection to the VTN tells of them.
        private void Renew(FileStamps stamps, Func<string, CallerValidator?> known)
        {
            if (_judge is not null && _stamps == stamps)
            {
                return;
            }

            try
            {
                var roots = ClientCertificateFiles.Load(_files, VtnTls.Files).Trust;
                var fresh = new CallerValidator(VtnTls.LoadPinned(vtn.VtnCertificate), roots, vtn.Name);
                _judge = known(fresh.Key) ?? fresh;
                _stamps = stamps;
            }
            catch (CertificateFileException) when (_judge is not null)
            {
                // Looked at again when it is due.
            }
        }
    }
}
