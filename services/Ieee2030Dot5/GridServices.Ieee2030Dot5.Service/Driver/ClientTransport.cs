using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Service.Transport;

namespace GridServices.Ieee2030Dot5.Service.Driver;

/// <summary>A client's configuration as far as its line to the server goes, and the engine's view of it once the line is known.</summary>
internal sealed class ClientTransport : IDisposable
{
    private readonly DerClientConfig _config;
    private readonly string _origin;
    private readonly string _notificationId;
    private readonly ServerConnectionPool _line;

    public ClientTransport(DerClientConfig config, string notificationId, ClientDependencies dependencies)
    {
        (_config, _notificationId) = (config, notificationId);
        var server = new Uri(config.ServerUrl);
        _origin = server.GetLeftPart(UriPartial.Authority);
        _line = new ServerConnectionPool(server, config.Transport, dependencies.Tls.DenyList, dependencies.Clock, dependencies.Log);
    }

    /// <summary>The server's chain as of the last handshake, leaf first.</summary>
    public IReadOnlyList<CertificateDetails> ServerChain => _line.ServerChain;

    /// <summary>
    /// Who we are by the certificate that lies there now: a reissued certificate is a new identity. Where the files don't serve,
    /// <paramref name="last"/>, so that what is in force stays so.
    /// </summary>
    public string? Lfdi(string? last) => _line.OwnLfdi()?.Text ?? _config.Lfdi ?? last;

    /// <summary>The configuration as the engine takes it.</summary>
    public DerClientConfig ForEngine(string? lfdi) =>
        _config with { Lfdi = lfdi, Pen = _config.Pen > 0 ? _config.Pen : DerivedPen(), Subscriptions = _config.Subscriptions with { NotificationUrl = NotificationUrl() } };

    public async Task<ServerReply> SendAsync(DerNext.SendRequest request, CancellationToken ct)
    {
        using var message = new HttpRequestMessage(new HttpMethod(request.Method), BuildUrl(request.Href)) { Version = System.Net.HttpVersion.Version11 };
        message.Headers.TryAddWithoutValidation("Accept", request.Accept);
        if (request.IfNoneMatch is { } tag)
        {
            message.Headers.TryAddWithoutValidation("If-None-Match", tag);
        }

        if (request.Body is { } body)
        {
            message.Content = new ByteArrayContent(body);
            message.Content.Headers.TryAddWithoutValidation("Content-Type", request.ContentType);
        }

        return await _line.SendAsync(message, ct);
    }

    public void Dispose() => _line.Dispose();

    // The LFDIs that an aggregator has made under no number must not change by themselves.
    private int DerivedPen() => _config.Mode == DerMode.Direct ? _line.OwnPen() : Pens.FromDevices(_config);

    /// <summary>Put together as text: resolving "//host/…" as a relative reference would lead to another host.</summary>
    private Uri BuildUrl(string href) => href.StartsWith('/')
        ? new Uri(_origin + href)
        : throw new InvalidOperationException("The engine asked for an href that does not begin with a slash.");

    private string? NotificationUrl() => _config.Subscriptions.NotificationUrl is { } url
        ? $"{url.TrimEnd('/').Replace(NotificationPath.Prefix, string.Empty, StringComparison.Ordinal)}{NotificationPath.Prefix}/{_notificationId}"
        : null;
}

/// <summary>Where the utility notifies a client.</summary>
internal static class NotificationPath
{
    public const string Prefix = "/ieee2030-5/notifications";
}
