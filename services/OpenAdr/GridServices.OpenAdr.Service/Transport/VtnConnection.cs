using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Authentication;
using GridServices.Hosting;
using NodaTime;

namespace GridServices.OpenAdr.Service.Transport;

/// <summary>Posts messages to one VTN host under one TLS profile, over connections that are kept open between polls.</summary>
/// <remarks>
/// POST only, Content-Length always, no redirect, no proxy, no cookie, no trace header: what leaves here is the message and nothing else
/// (OpenADR 2.0b 9.1.9).
/// </remarks>
public sealed class VtnConnection : IDisposable
{
    private const int MostKept = 16 * 1024;

    /// <summary>The status line has said what matters: its page is not waited for.</summary>
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(2);

    private const string TlsHint = "; if the VTN's port speaks TLS, write https:// in vtnUrl";

    internal const string PlainHint = "what answers at the VTN's port speaks no TLS; write http:// in vtnUrl if that is meant, or give the port that speaks TLS";

    private static readonly MediaTypeHeaderValue ApplicationXml = new("application/xml");

    // Not HttpClient: the timeout is our own, and nothing is to be added to a request or buffered of a reply.
    private readonly HttpMessageInvoker _http;
    private readonly ServerTrust _trust;
    private readonly ClientIdentity _identity;

    public VtnConnection(TlsProfile profile, ClientIdentity identity, string host)
    {
        ArgumentNullException.ThrowIfNull(profile);
        _identity = identity;
        _trust = new ServerTrust(profile.ExpectedHostName ?? host, identity.Trust);
        _http = new HttpMessageInvoker(Handler(TlsHandshake.Options(profile, identity, _trust)));
    }

    /// <summary>True once our own or the VTN's certificate has ended: the connection must not be used any more.</summary>
    // OpenADR 2.0b rule 516
    public bool IsExpired(Instant now) => _trust.ExpiresAt <= now || _identity.ExpiresAt <= now;

    public Instant? OwnCertificateExpiresAt => _identity.ExpiresAt;

    internal FileStamps Stamps => _identity.Stamps;

    public async Task<VtnReply> PostAsync(Uri url, byte[] body, ExchangeLimits limits, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(limits);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(limits.Timeout);
        try
        {
            using var request = Request(url, body);
            using var response = await _http.SendAsync(request, deadline.Token);
            return await ReadAsync(response, url, limits.MaxReplyBytes, deadline.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return deadline.IsCancellationRequested
                ? new VtnReply.Failed(ExchangeFailure.Timeout, null, $"no complete reply within {limits.Timeout.TotalSeconds:0.###} s")
                : Dropped();
        }
        catch (ObjectDisposedException)
        {
            return Dropped();
        }
        catch (HttpRequestException e)
        {
            return Failure(e, url);
        }
        catch (IOException e)
        {
            return new VtnReply.Failed(ExchangeFailure.Broken, null, Clause(e.Message));
        }
    }

    public void Dispose() => _http.Dispose();

    private static VtnReply.Failed Dropped() =>
        new(ExchangeFailure.Broken, null, "the connection was dropped on our side: certificates changed or ended");

    private static SocketsHttpHandler Handler(SslClientAuthenticationOptions tls) => new()
    {
        SslOptions = tls,
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        ConnectTimeout = TimeSpan.FromSeconds(15),
        MaxResponseHeadersLength = 32,
        MaxResponseDrainSize = 0,
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
    };

    private static HttpRequestMessage Request(Uri url, byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = ApplicationXml;
        content.Headers.ContentLength = body.Length;
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = content, Version = HttpVersion.Version11 };
        request.Headers.TryAddWithoutValidation("Accept", "application/xml");
        return request;
    }

    private static async Task<VtnReply> ReadAsync(HttpResponseMessage response, Uri url, int maxBytes, CancellationToken ct)
    {
        var status = (int)response.StatusCode;
        var date = response.Headers.Date is { } d ? Instant.FromDateTimeOffset(d) : (Instant?)null;
        var complaint = StatusComplaint(status, url)
            ?? (ContentComplaint(response.Content.Headers, maxBytes) is { } odd ? (ExchangeFailure.BadContent, odd) : null as (ExchangeFailure, string)?);
        if (complaint is not var (failure, detail))
        {
            return await ReadBoundedAsync(response.Content, maxBytes, ct) switch
            {
                null => new VtnReply.Failed(ExchangeFailure.BadContent, status, $"the VTN's reply is longer than {maxBytes} bytes", date),
                var body when IsBlank(body) => new VtnReply.Empty(status, date),
                var body when status == 200 => new VtnReply.Received(body, date),
                var body => new VtnReply.Failed(ExchangeFailure.HttpStatus, status, $"the VTN answered HTTP {status}", date, Start(body)),
            };
        }

        var start = await ReadStartAsync(response.Content, ct);

        // Emptiness has no media type: some servers name one all the same.
        return status is >= 200 and < 300 && IsBlank(start)
            ? new VtnReply.Empty(status, date)
            : new VtnReply.Failed(failure, status, detail, date, start.Length > 0 ? start : null, RetryAfter(response, date));
    }

    private static (ExchangeFailure Failure, string Detail)? StatusComplaint(int status, Uri url) => status switch
    {
        >= 200 and < 300 => null,
        >= 300 and < 400 => (ExchangeFailure.Redirect, $"the VTN answered HTTP {status}; redirects are not followed: correct vtnUrl if the VTN has moved"),
        400 when url.Scheme == Uri.UriSchemeHttp => (ExchangeFailure.HttpStatus, $"the VTN answered HTTP {status}{TlsHint}"),
        _ => (ExchangeFailure.HttpStatus, $"the VTN answered HTTP {status}"),
    };

    private static Duration? RetryAfter(HttpResponseMessage response, Instant? date) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => Duration.FromTimeSpan(delta),
        { Date: { } until } when date is { } now => Duration.Max(Duration.Zero, Instant.FromDateTimeOffset(until) - now),
        _ => null,
    };

    private static bool IsBlank(ReadOnlySpan<byte> body) => body.Trim(" \t\r\n"u8).IsEmpty;

    private static byte[] Start(byte[] body) => body.Length <= MostKept ? body : body[..MostKept];

    /// <summary>The first bytes of a reply that is not taken; empty where not even they arrive.</summary>
    private static async Task<byte[]> ReadStartAsync(HttpContent content, CancellationToken ct)
    {
        var kept = new byte[MostKept];
        var length = 0;
        using var brief = CancellationTokenSource.CreateLinkedTokenSource(ct);
        brief.CancelAfter(StartTime);
        try
        {
            await using var stream = await content.ReadAsStreamAsync(brief.Token);
            for (var read = -1; read != 0 && length < kept.Length; length += read)
            {
                read = await stream.ReadAsync(kept.AsMemory(length), brief.Token);
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return kept[..length];
        }

        return kept[..length];
    }

    private static string? ContentComplaint(HttpContentHeaders headers, int maxBytes)
    {
        if (headers.ContentEncoding.Count > 0)
        {
            return $"the VTN's reply is encoded ({OneLine.Of(string.Join(',', headers.ContentEncoding))}), which was not offered";
        }

        if (headers.ContentLength > maxBytes)
        {
            return $"the VTN announces a reply of {headers.ContentLength} bytes, more than {maxBytes}";
        }

        // text/xml, or none at all, is a slip of some VTNs that hurts nobody: the reader judges what is in it.
        // Anything else is a web page, a captive portal or a proxy.
        return !headers.NonValidated.TryGetValues("Content-Type", out var stated) || headers.ContentType?.MediaType?.ToUpperInvariant() is "APPLICATION/XML" or "TEXT/XML"
            ? null
            : $"the VTN's reply is {OneLine.Of(stated.ToString())}, not application/xml";
    }

    /// <summary>Null when the body goes on past <paramref name="maxBytes"/>.</summary>
    private static async Task<byte[]?> ReadBoundedAsync(HttpContent content, int maxBytes, CancellationToken ct)
    {
        await using var stream = await content.ReadAsStreamAsync(ct);
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

    private VtnReply.Failed Failure(HttpRequestException e, Uri url) => e switch
    {
        { HttpRequestError: HttpRequestError.SecureConnectionError } or { InnerException: AuthenticationException } =>
            new(ExchangeFailure.Tls, null, TlsHandshake.SaysPlainPort(e) ? PlainHint : _trust.Refusal ?? HandshakeWords(e)),
        { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError } =>
            new(ExchangeFailure.Unreachable, null, Clause(e.Message)),
        _ => new(ExchangeFailure.Broken, (int?)e.StatusCode, Clause(e.InnerException?.Message ?? e.Message) + BrokenHint(url)),
    };

    /// <summary>A server that misses TLS, or a client certificate, often just hangs up.</summary>
    private string BrokenHint(Uri url) =>
        url.Scheme == Uri.UriSchemeHttp ? TlsHint
        : _trust.Chain.Count > 0 && _identity.Certificate is null ? "; if the VTN asks for a client certificate, give one in profile.clientCertificate"
        : string.Empty;

    private static string HandshakeWords(HttpRequestException e) =>
        $"the TLS handshake failed: {Clause(e.InnerException?.InnerException?.Message ?? e.InnerException?.Message ?? e.Message)}; "
        + "if the VTN offers only the suites of OpenADR 2.0b, set profile.tls to openadr-2.0b; if it asks for a client certificate, check profile.clientCertificate";

    private static string Clause(string message) => OneLine.Of(message).TrimEnd(' ', '.');
}
