using System.IO.Compression;
using System.Net.Http.Headers;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Contracts;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Transport;

/// <summary>Sends requests to one server with one set of certificates, over one connection that is kept open between polls.</summary>
internal sealed class ServerConnection : UtilityConnection<ServerReply>
{
    // Longer than the usual poll of five minutes; a server that closes earlier costs one handshake.
    private static readonly TimeSpan IdleTime = TimeSpan.FromMinutes(6);

    private ServerConnection(ClientIdentity identity, DerTransport transport, ServerCertificateValidator server)
        : base(identity.Files, server, identity.Options(transport, server), IdleTime, connections: 1) => Identity = identity;

    public ClientIdentity Identity { get; }

    protected override string SilentServerWords =>
        $"the server takes the connection and then says nothing: no TLS handshake within {ConnectTime.TotalSeconds:0} s; check that the port of serverUrl speaks TLS";

    /// <exception cref="CertificateFileException">The transport's files can't be used.</exception>
    public static ServerConnection Open(string host, DerTransport transport, string? denyList)
    {
        var identity = ClientIdentity.Load(transport, denyList);
        return new ServerConnection(identity, transport, new ServerCertificateValidator(identity.PolicyFor(transport, host), identity.Files.Trust));
    }

    public Task<ServerReply> SendAsync(HttpRequestMessage request, ExchangeLimits limits, CancellationToken ct)
    {
        // Without it a server may encode as it likes.
        request.Headers.TryAddWithoutValidation("Accept-Encoding", "gzip, identity;q=0.5");
        return ExchangeAsync(request, limits, ct);
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        Identity.Dispose();
    }

    protected override ServerReply Failed(ExchangeFailure failure, int? status, string detail) => new ServerReply.Failed(failure, status, detail);

    protected override async Task<ServerReply> ReadAsync(HttpResponseMessage response, Uri url, int maxBytes, CancellationToken ct)
    {
        var status = (int)response.StatusCode;
        var content = response.Content.Headers;
        if (content.ContentEncoding.Any(e => !IsRead(e)))
        {
            return Refused(status, $"the server's reply is encoded ({SafeText.Line(string.Join(',', content.ContentEncoding))}), which was not offered");
        }

        if (content.ContentLength > maxBytes)
        {
            return Refused(status, $"the server announces a reply of {content.ContentLength} bytes, more than {maxBytes}");
        }

        var raw = await response.Content.ReadAsStreamAsync(ct);
        await using var stream = content.ContentEncoding.Any(IsGzip) ? new GZipStream(raw, CompressionMode.Decompress) : raw;
        return await BoundedBody.ReadAsync(stream, content.ContentLength, maxBytes, ct) is { } body
            ? new ServerReply.Received(status, body, Raw(content, "Content-Type"), Raw(response.Headers, "Location"), Raw(response.Headers, "Retry-After"), ReadDate(response), Raw(response.Headers, "ETag"))
            : Refused(status, $"the server's reply is longer than {maxBytes} bytes");
    }

    private static bool IsRead(string encoding) => IsGzip(encoding) || string.Equals(encoding, "identity", StringComparison.OrdinalIgnoreCase);

    private static bool IsGzip(string encoding) => encoding.ToUpperInvariant() is "GZIP" or "X-GZIP";

    private static ServerReply.Failed Refused(int status, string detail) => new(ExchangeFailure.BadContent, status, detail);

    /// <summary>As it came: what it means is the engine's to judge.</summary>
    private static string? Raw(HttpHeaders headers, string name) => headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;

    private static Instant? ReadDate(HttpResponseMessage response) => response.Headers.Date is { } date ? Instant.FromDateTimeOffset(date) : null;

    /// <summary>A server that misses or refuses a client certificate often just hangs up.</summary>
    protected override string BrokenHint(Uri url) => (Server.Chain.Count > 0, Files.Certificate) switch
    {
        (true, null) => "; if the server asks for a client certificate, give one in transport.clientCertificate",
        (true, _) => "; if this happens each time, the server may refuse our certificate: check that its LFDI is registered and that transport.clientCertificate holds the intermediates",
        _ => string.Empty,
    };

    protected override string HandshakeWords(HttpRequestException fault) => Server.Refusal ?? $"the TLS handshake failed: {HandshakeFault.Describe(fault)}";
}
