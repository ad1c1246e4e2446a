using GridServices.Hosting;
using GridServices.Ieee2030Dot5.Identity;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Transport;

/// <summary>One client's line to its server: connects by its profile, anew when certificate files are exchanged or a certificate ends.</summary>
internal sealed partial class ServerLine(Uri server, DerTransport transport, string? denyList, IClock clock, ILogger log) : IDisposable
{
    private static readonly Duration FileCheckInterval = Duration.FromSeconds(10);

    private readonly ExchangeLimits _limits = new(transport.RequestTimeout.ToTimeSpan(), transport.MaxReplyBytes);
    private ServerConnection? _connection;
    private Instant _checkedAt;
    private FileStamps? _refused;

    /// <summary>What the last handshake told; null before the first.</summary>
    public ServerTrust? Trust => _connection?.Trust;

    /// <summary>Who we are by the certificate that lies there now; null without one, or where it doesn't serve.</summary>
    public Lfdi? OwnLfdi()
    {
        try
        {
            return Current().Identity.Lfdi;
        }
        catch (IdentityException)
        {
            return null;
        }
    }

    /// <summary>The enterprise number that the certificate in use tells; 0: none.</summary>
    public int OwnPen()
    {
        try
        {
            return Current().Identity.Pen;
        }
        catch (IdentityException)
        {
            return 0;
        }
    }

    /// <summary>Sends; the url must lie on the server itself, whatever a resource said.</summary>
    public async Task<ServerReply> SendAsync(HttpRequestMessage request, CancellationToken ct)
    {
        DemandOwnServer(request.RequestUri!);
        ServerConnection connection;
        try
        {
            connection = Current();
        }
        catch (IdentityException e)
        {
            return new ServerReply.Failed(LineFailure.Tls, null, e.Message);
        }

        return connection.Identity.ExpiresAt is { } end && end <= clock.GetCurrentInstant()
            ? new ServerReply.Failed(LineFailure.Tls, null, $"our own certificate {transport.ClientCertificate} ended at {end}; put a new one in its place and have its LFDI registered")
            : await connection.SendAsync(request, _limits, ct);
    }

    public void Dispose() => _connection?.Dispose();

    /// <summary>The engine pins hrefs already; this holds even where it errs: our certificate is shown to nobody else.</summary>
    private void DemandOwnServer(Uri url)
    {
        if (url.Scheme != server.Scheme || url.Port != server.Port || !string.Equals(url.IdnHost, server.IdnHost, StringComparison.OrdinalIgnoreCase) || url.UserInfo.Length > 0)
        {
            throw new InvalidOperationException($"A request to {OneLine.Of(url.GetLeftPart(UriPartial.Authority))} was to go out on the line to {server.Authority}.");
        }
    }

    private ServerConnection Current()
    {
        var now = clock.GetCurrentInstant();
        var held = _connection;
        if (held is not null && !held.IsExpired(now) && (now - _checkedAt < FileCheckInterval || FileStamps.Of(transport, denyList) == held.Identity.Stamps))
        {
            _checkedAt = now - _checkedAt < FileCheckInterval ? _checkedAt : now;
            return held;
        }

        _checkedAt = now;
        return Replace(held, now);
    }

    /// <summary>Files that don't serve leave what works in place.</summary>
    private ServerConnection Replace(ServerConnection? held, Instant now)
    {
        ServerConnection fresh;
        try
        {
            fresh = new ServerConnection(server.IdnHost, transport, ClientIdentity.Load(transport, denyList));
        }
        catch (IdentityException e) when (held is not null && !held.IsExpired(now))
        {
            // Said once for each try to mend it, not every ten seconds.
            var stamps = FileStamps.Of(transport, denyList);
            if (stamps != _refused)
            {
                LogKeptOldCertificate(server.Authority, e.Message);
            }

            _refused = stamps;
            return held;
        }

        if (held is not null)
        {
            LogReconnecting(server.Authority);
            held.Dispose();
        }

        return _connection = fresh;
    }

    [LoggerMessage(EventId = 5201, Level = LogLevel.Warning, Message = "Changed certificate files for {Authority} don't serve, the earlier ones stay in use: {Problem}")]
    private partial void LogKeptOldCertificate(string authority, string problem);

    [LoggerMessage(EventId = 5202, Level = LogLevel.Information, Message = "Connecting anew to {Authority}: certificate files changed or a certificate ended")]
    private partial void LogReconnecting(string authority);
}
