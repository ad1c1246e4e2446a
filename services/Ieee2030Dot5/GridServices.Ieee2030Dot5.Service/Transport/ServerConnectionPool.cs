using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Identity;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Transport;

/// <summary>One client's line to its server: connects by its profile, anew when certificate files are exchanged or a certificate ends.</summary>
internal sealed class ServerConnectionPool(Uri server, DerTransport transport, string? denyList, IClock clock, ILogger log) : IDisposable
{
    private readonly ExchangeLimits _limits = new() { Timeout = transport.RequestTimeout.ToTimeSpan(), MaxReplyBytes = transport.MaxReplyBytes };
    private readonly ConnectionHolder<ServerConnection> _holder = new(
        server.Authority, ClientIdentity.GetPaths(transport, denyList), () => ServerConnection.Open(server.IdnHost, transport, denyList), clock, log);

    /// <summary>The server's chain as of the last handshake, leaf first; empty before the first.</summary>
    public IReadOnlyList<CertificateDetails> ServerChain => _holder.Latest?.Server.Chain ?? [];

    /// <summary>Who we are by the certificate files as they are now; null without one, or where it can't be used.</summary>
    public Lfdi? OwnLfdi() => Identity()?.Lfdi;

    /// <summary>The enterprise number that the certificate in use names; 0: none.</summary>
    public int OwnPen() => Identity()?.Pen ?? 0;

    /// <summary>Sends; the url must be on the server itself, whatever a resource said.</summary>
    public async Task<ServerReply> SendAsync(HttpRequestMessage request, CancellationToken ct)
    {
        RequireOwnServer(request.RequestUri!);
        ServerConnection connection;
        try
        {
            connection = _holder.Current();
        }
        catch (CertificateFileException e)
        {
            return new ServerReply.Failed(ExchangeFailure.Tls, null, e.Message);
        }

        return connection.Files.ExpiresAt is { } end && end <= clock.GetCurrentInstant()
            ? new ServerReply.Failed(ExchangeFailure.Tls, null, $"our own certificate {transport.ClientCertificate} ended at {end}; put a new one in its place and have its LFDI registered")
            : await connection.SendAsync(request, _limits, ct);
    }

    public void Dispose() => _holder.Dispose();

    private ClientIdentity? Identity()
    {
        try
        {
            return _holder.Current().Identity;
        }
        catch (CertificateFileException)
        {
            return null;
        }
    }

    /// <summary>The engine pins hrefs already; this holds even where it errs: our certificate is shown to nobody else.</summary>
    private void RequireOwnServer(Uri url)
    {
        if (url.Scheme != server.Scheme || url.Port != server.Port || !string.Equals(url.IdnHost, server.IdnHost, StringComparison.OrdinalIgnoreCase) || url.UserInfo.Length > 0)
        {
            throw new InvalidOperationException($"A request to {SafeText.Line(url.GetLeftPart(UriPartial.Authority))} was to go out on the line to {server.Authority}.");
        }
    }
}
