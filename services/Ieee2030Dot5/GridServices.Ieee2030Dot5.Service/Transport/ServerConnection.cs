using System.Buffers;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Authentication;
using GridServices.Hosting;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Transport;

/// <summary>Sends requests to one server with one set of certificates, over one connection that is kept open between polls.</summary>
/// <remarks>No redirect is followed, no proxy, cookie or trace header used: the client certificate goes nowhere but to its server.</remarks>
internal sealed class ServerConnection : IDisposable
{
    // Longer than the usual poll of five minutes; a server that closes earlier costs one handshake.
    private static readonly TimeSpan IdleTime = TimeSpan.FromMinutes(6);

    /// <summary>To connect and shake hands.</summary>
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(15);

    // Not HttpClient: the timeout is our own, and nothing is to be added to a request or buffered of a reply.
    private readonly HttpMessageInvoker _http;
    private readonly ClientIdentity _identity;

    public ServerConnection(string host, DerTransport transport, ClientIdentity identity)
    {
        _identity = identity;
        Trust = new ServerTrust(host, transport, identity.Trust, identity.Denied);
        _http = new HttpMessageInvoker(Handler(TlsHandshake.Options(transport, identity, Trust)));
    }

    public ServerTrust Trust { get; }

    public ClientIdentity Identity => _identity;

    /// <summary>True once our own or the server's certificate has ended: the connection must not be used any more.</summary>
    public bool IsExpired(Instant now) => Trust.ExpiresAt <= now || _identity.ExpiresAt <= now;

    public async Task<ServerReply> SendAsync(HttpRequestMessage request, ExchangeLimits limits, CancellationToken ct)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(limits.Timeout);

        // Without it a server may encode as it likes.
        request.Headers.TryAddWithoutValidation("Accept-Encoding", "gzip, identity;q=0.5");
        try
        {
            using var response = await _http.SendAsync(request, deadline.Token);
            return await ReadAsync(response, limits.MaxReplyBytes, deadline.Token);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            return deadline.IsCancellationRequested
                ? new ServerReply.Failed(LineFailure.Timeout, null, $"no complete reply within {limits.Timeout.TotalSeconds:0.###} s")
                : e.InnerException is TimeoutException
                    ? new ServerReply.Failed(LineFailure.Timeout, null, $"the server takes the connection and then says nothing: no TLS handshake within {ConnectTime.TotalSeconds:0} s; check that the port of serverUrl speaks TLS")
                    : Dropped();
        }
        catch (ObjectDisposedException)
        {
            return Dropped();
        }
        catch (HttpRequestException e)
        {
            return Failure(e);
        }
        catch (InvalidDataException)
        {
            return new ServerReply.Failed(LineFailure.BadContent, null, "the server's reply says that it is gzip and is not");
        }
        catch (IOException e)
        {
            return new ServerReply.Failed(LineFailure.Broken, null, OneLine.Of(e.Message));
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _identity.Dispose();
    }

    private static ServerReply.Failed Dropped() =>
        new(LineFailure.Broken, null, "the connection was dropped on our side: certificates changed or ended");

    private static SocketsHttpHandler Handler(SslClientAuthenticationOptions tls) => new()
    {
        SslOptions = tls,
        MaxConnectionsPerServer = 1,
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        ConnectTimeout = ConnectTime,
        MaxResponseHeadersLength = 32,
        MaxResponseDrainSize = 0,
        PooledConnectionIdleTimeout = IdleTime,
    };

    private static async Task<ServerReply> ReadAsync(HttpResponseMessage response, int maxBytes, CancellationToken ct)
    {
        var status = (int)response.StatusCode;
        var content = response.Content.Headers;
        if (content.ContentEncoding.Any(e => !IsRead(e)))
        {
            return Refused(status, $"the server's reply is encoded ({OneLine.Of(string.Join(',', content.ContentEncoding))}), which was not offered");
        }

        if (content.ContentLength > maxBytes)
        {
            return Refused(status, $"the server announces a reply of {content.ContentLength} bytes, more than {maxBytes}");
        }

        return await ReadBoundedAsync(response.Content, maxBytes, ct) is { } body
            ? new ServerReply.Received(status, body, Raw(content, "Content-Type"), Raw(response.Headers, "Location"), Raw(response.Headers, "Retry-After"), DateOf(response))
            : Refused(status, $"the server's reply is longer than {maxBytes} bytes");
    }

    private static bool IsRead(string encoding) => IsGzip(encoding) || string.Equals(encoding, "identity", StringComparison.OrdinalIgnoreCase);

    private static bool IsGzip(string encoding) => encoding.ToUpperInvariant() is "GZIP" or "X-GZIP";

    private static ServerReply.Failed Refused(int status, string detail) => new(LineFailure.BadContent, status, detail);

    /// <summary>As it came: what it means is the engine's to judge.</summary>
    private static string? Raw(HttpHeaders headers, string name) => headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;

    private static Instant? DateOf(HttpResponseMessage response) => response.Headers.Date is { } date ? Instant.FromDateTimeOffset(date) : null;

    /// <summary>Null when the body goes on past <paramref name="maxBytes"/>.</summary>
    private static async Task<byte[]?> ReadBoundedAsync(HttpContent content, int maxBytes, CancellationToken ct)
    {
        var raw = await content.ReadAsStreamAsync(ct);
        await using var stream = content.Headers.ContentEncoding.Any(IsGzip) ? new GZipStream(raw, CompressionMode.Decompress) : raw;
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Min(maxBytes + 1, (int)(content.Headers.ContentLength ?? 4096) + 1));
        try
        {
            var length = 0;
            while (true)
            {
                var read = await stream.ReadAsync(buffer.AsMemory(length), ct);
                length += read;
                if (read == 0)
                {
                    return buffer.AsSpan(0, length).ToArray();
                }

                if (length > maxBytes)
                {
                    return null;
                }

                if (length == buffer.Length)
                {
                    buffer = Grow(buffer);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static byte[] Grow(byte[] full)
    {
        var larger = ArrayPool<byte>.Shared.Rent(full.Length * 2);
        full.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(full);
        return larger;
    }

    private ServerReply.Failed Failure(HttpRequestException e) => e switch
    {
        { HttpRequestError: HttpRequestError.SecureConnectionError } or { InnerException: AuthenticationException } =>
            new(LineFailure.Tls, null, Trust.Refusal ?? HandshakeWords(e)),
        { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError } =>
            new(LineFailure.Unreachable, null, OneLine.Of(e.Message)),
        _ => new(LineFailure.Broken, (int?)e.StatusCode, OneLine.Of(e.InnerException?.Message ?? e.Message) + BrokenHint()),
    };

    /// <summary>A server that misses or refuses a client certificate often just hangs up.</summary>
    private string BrokenHint() => (Trust.Chain.Count > 0, _identity.Certificate) switch
    {
        (true, null) => "; if the server asks for a client certificate, give one in transport.clientCertificate",
        (true, _) => "; if this happens each time, the server may refuse our certificate: check that its LFDI is registered and that transport.clientCertificate holds the intermediates",
        _ => string.Empty,
    };

    private static string HandshakeWords(HttpRequestException e) => $"the TLS handshake failed: {HandshakeFault.Words(e)}";
}
