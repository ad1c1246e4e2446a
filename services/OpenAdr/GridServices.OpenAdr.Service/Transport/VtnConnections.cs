using System.Collections.Concurrent;
using NodaTime;

namespace GridServices.OpenAdr.Service.Transport;

/// <summary>
/// The open connections, one per TLS profile and VTN host: thousands of VENs that speak plain HTTP, or share a certificate, share sockets;
/// a client certificate is never offered to a host it was not configured for.
/// </summary>
public sealed class VtnConnections(IClock clock, ILogger<VtnConnections> log) : IDisposable
{
    private readonly ConcurrentDictionary<(TlsProfile Profile, string Authority), ConnectionHolder<VtnConnection>> _holders = new();

    public async Task<VtnReply> PostAsync(TlsProfile profile, Uri url, byte[] body, ExchangeLimits limits, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentNullException.ThrowIfNull(url);
        VtnConnection connection;
        try
        {
            connection = GetOrAddHolder(profile, url).Current();
        }
        catch (CertificateFileException e)
        {
            return new VtnReply.Failed(ExchangeFailure.Tls, null, e.Message);
        }

        // OpenADR 2.0b rule 516: nothing is sent once our own certificate has ended.
        if (connection.Files.ExpiresAt is { } end && end <= clock.GetCurrentInstant())
        {
            return new VtnReply.Failed(ExchangeFailure.Tls, null, $"our own client certificate {profile.ClientCertificate} expired at {end}; put a new one in its place");
        }

        return await connection.PostAsync(url, body, limits, ct);
    }

    public void Dispose()
    {
        foreach (var holder in _holders.Values)
        {
            holder.Dispose();
        }
    }

    private ConnectionHolder<VtnConnection> GetOrAddHolder(TlsProfile profile, Uri url)
    {
        // Over plain HTTP there is nothing to keep apart: one pool for all hosts.
        var key = url.Scheme == Uri.UriSchemeHttp ? (TlsProfile.None, Uri.UriSchemeHttp) : (profile, url.Authority);
        return _holders.GetOrAdd(
            key, k => new ConnectionHolder<VtnConnection>(k.Authority, k.Profile, () => VtnConnection.Open(k.Profile, url.IdnHost), clock, log));
    }
}
