using System.Collections.Concurrent;
using NodaTime;

namespace GridServices.OpenAdr.Service.Transport;

/// <summary>
/// The open connections, one per TLS profile and VTN host: thousands of VENs that speak plain HTTP, or share a certificate, share sockets;
/// a client certificate is never offered to a host it was not configured for.
/// </summary>
public sealed partial class VtnConnections(IClock clock, ILogger<VtnConnections> log) : IDisposable
{
    private static readonly Duration FileCheckInterval = Duration.FromSeconds(10);

    private readonly ConcurrentDictionary<(TlsProfile Profile, string Authority), Entry> _entries = new();

    /// <exception cref="IdentityException">The profile's files don't serve and no earlier reading of them does.</exception>
    public async Task<VtnReply> PostAsync(TlsProfile profile, Uri url, byte[] body, ExchangeLimits limits, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentNullException.ThrowIfNull(url);
        VtnConnection connection;
        try
        {
            connection = Current(profile, url);
        }
        catch (IdentityException e)
        {
            return new VtnReply.Failed(ExchangeFailure.Tls, null, e.Message);
        }

        // OpenADR 2.0b rule 516: nothing is sent once our own certificate has ended.
        if (connection.OwnCertificateExpiresAt is { } end && end <= clock.GetCurrentInstant())
        {
            return new VtnReply.Failed(ExchangeFailure.Tls, null, $"our own client certificate {profile.ClientCertificate} expired at {end}; put a new one in its place");
        }

        return await connection.PostAsync(url, body, limits, ct);
    }

    /// <summary>End of validity of the client certificate in use; null for none.</summary>
    public Instant? OwnCertificateExpiresAt(TlsProfile profile, Uri url) =>
        _entries.TryGetValue(Key(profile, url), out var entry) ? entry.Connection.OwnCertificateExpiresAt : null;

    public void Dispose()
    {
        foreach (var entry in _entries.Values)
        {
            entry.Connection.Dispose();
        }
    }

    private static (TlsProfile, string) Key(TlsProfile profile, Uri url) =>
        // Over plain HTTP there is nothing to keep apart: one pool for all hosts.
        url.Scheme == Uri.UriSchemeHttp ? (TlsProfile.None, Uri.UriSchemeHttp) : (profile, url.Authority);

    private VtnConnection Current(TlsProfile profile, Uri url)
    {
        var key = Key(profile, url);
        var now = clock.GetCurrentInstant();
        if (_entries.TryGetValue(key, out var entry) && !entry.Connection.IsExpired(now) && (now - entry.CheckedAt < FileCheckInterval || !HasChanged(key.Item1, entry, now)))
        {
            return entry.Connection;
        }

        lock (_entries)
        {
            return _entries.TryGetValue(key, out var held) && held != entry ? held.Connection : Replace(key, entry, url.IdnHost, now);
        }
    }

    private static bool HasChanged(TlsProfile profile, Entry entry, Instant now)
    {
        entry.CheckedAt = now;
        return FileStamps.Of(profile) != entry.Connection.Stamps;
    }

    /// <summary>Files exchanged, or a certificate ended: connect anew; files that don't serve leave what works in place.</summary>
    private VtnConnection Replace((TlsProfile Profile, string Authority) key, Entry? old, string host, Instant now)
    {
        VtnConnection fresh;
        try
        {
            fresh = new VtnConnection(key.Profile, ClientIdentity.Load(key.Profile), host);
        }
        catch (IdentityException e) when (old is not null && !old.Connection.IsExpired(now))
        {
            LogKeptOldCertificate(key.Authority, e.Message);
            return old.Connection;
        }

        _entries[key] = new Entry(fresh) { CheckedAt = now };
        if (old is not null)
        {
            LogReconnecting(key.Authority);
            old.Connection.Dispose();
        }

        return fresh;
    }

    [LoggerMessage(EventId = 5201, Level = LogLevel.Warning, Message = "Changed certificate files for {Authority} don't serve, the earlier ones stay in use: {Problem}")]
    private partial void LogKeptOldCertificate(string authority, string problem);

    [LoggerMessage(EventId = 5202, Level = LogLevel.Information, Message = "Connecting anew to {Authority}: certificate files changed or a certificate ended")]
    private partial void LogReconnecting(string authority);

    private sealed class Entry(VtnConnection connection)
    {
        public VtnConnection Connection { get; } = connection;
        public Instant CheckedAt { get; set; }
    }
}
