using System.Net;
using System.Net.Http.Headers;
using GridServices.Contracts;
using NodaTime;

namespace GridServices.OpenAdr.Service.Transport;

/// <summary>Posts messages to one VTN host under one TLS profile: POST only, Content-Length always (OpenADR 2.0b 9.1.9).</summary>
public sealed class VtnConnection : UtilityConnection<VtnReply>
{
    private const int MostKept = 16 * 1024;

    /// <summary>The status line has said what matters: its page is not waited for.</summary>
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan IdleTime = TimeSpan.FromMinutes(2);

    private const string TlsHint = "; if the VTN's port speaks TLS, write https:// in vtnUrl";

    internal const string PlainHint = "what answers at the VTN's port speaks no TLS; write http:// in vtnUrl if that is meant, or give the port that speaks TLS";

    private static readonly MediaTypeHeaderValue ApplicationXml = new("application/xml");

    private VtnConnection(TlsProfile profile, ClientCertificateFiles files, ServerCertificateValidator server)
        : base(files, server, VtnTls.Options(profile, files, server), IdleTime)
    {
    }

    protected override string SilentServerWords =>
        $"the VTN accepts the connection and then says nothing for {ConnectTime.TotalSeconds:0} s; check that the port of vtnUrl speaks TLS";

    /// <exception cref="CertificateFileException">The profile's files can't be used.</exception>
    public static VtnConnection Open(TlsProfile profile, string host)
    {
        ArgumentNullException.ThrowIfNull(profile);
        var files = VtnTls.Load(profile);
        return new VtnConnection(profile, files, VtnTls.Validator(profile, files, host));
    }

    public async Task<VtnReply> PostAsync(Uri url, byte[] body, ExchangeLimits limits, CancellationToken ct)
    {
        using var request = Request(url, body);
        return await ExchangeAsync(request, limits, ct);
    }

    protected override VtnReply Failed(ExchangeFailure failure, int? status, string detail) => new VtnReply.Failed(failure, status, detail);

    private static HttpRequestMessage Request(Uri url, byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = ApplicationXml;
        content.Headers.ContentLength = body.Length;
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = content, Version = HttpVersion.Version11 };
        request.Headers.TryAddWithoutValidation("Accept", "application/xml");
        return request;
    }

    protected override async Task<VtnReply> ReadAsync(HttpResponseMessage response, Uri url, int maxBytes, CancellationToken ct)
    {
        var status = (int)response.StatusCode;
        var date = response.Headers.Date is { } d ? Instant.FromDateTimeOffset(d) : (Instant?)null;
        var complaint = CheckStatus(status, url)
            ?? (CheckContent(response.Content.Headers, maxBytes) is { } odd ? (ExchangeFailure.BadContent, odd) : null as (ExchangeFailure, string)?);
        if (complaint is not var (failure, detail))
        {
            await using var stream = await response.Content.ReadAsStreamAsync(ct);
            return await BoundedBody.ReadAsync(stream, response.Content.Headers.ContentLength, maxBytes, ct) switch
            {
                null => new VtnReply.Failed(ExchangeFailure.BadContent, status, $"the VTN's reply is longer than {maxBytes} bytes", date),
                var body when IsBlank(body) => new VtnReply.Empty(status, date),
                var body => new VtnReply.Received(body, date) { HttpStatus = status, Shown = Server.Shown },
            };
        }

        var start = await ReadStartAsync(response.Content, ct);

        // Emptiness has no media type: some servers name one all the same.
        return status is >= 200 and < 300 && IsBlank(start)
            ? new VtnReply.Empty(status, date)
            : new VtnReply.Failed(failure, status, detail, date, start.Length > 0 ? start : null, RetryAfter(response, date));
    }

    private static (ExchangeFailure Failure, string Detail)? CheckStatus(int status, Uri url) => status switch
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

    // A byte order mark is no content.
    private static bool IsBlank(ReadOnlySpan<byte> body) => (body.StartsWith("\uFEFF"u8) ? body[3..] : body).Trim(" \t\r\n"u8).IsEmpty;

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

    private static string? CheckContent(HttpContentHeaders headers, int maxBytes)
    {
        if (headers.ContentEncoding.Count > 0)
        {
            return $"the VTN's reply is encoded ({SafeText.Line(string.Join(',', headers.ContentEncoding))}), which was not offered";
        }

        if (headers.ContentLength > maxBytes)
        {
            return $"the VTN announces a reply of {headers.ContentLength} bytes, more than {maxBytes}";
        }

        // text/xml, or none at all, is a slip of some VTNs that hurts nobody: the reader judges what is in it.
        // Anything else is a web page, a captive portal or a proxy.
        return !headers.NonValidated.TryGetValues("Content-Type", out var stated) || stated.ToString() is "application/xml"
            || headers.ContentType?.MediaType?.ToUpperInvariant() is "APPLICATION/XML" or "TEXT/XML"
            ? null
            : $"the VTN's reply is {SafeText.Line(stated.ToString())}, not application/xml";
    }

    /// <summary>A server that misses TLS, or a client certificate, often just hangs up.</summary>
    protected override string BrokenHint(Uri url) =>
        url.Scheme == Uri.UriSchemeHttp ? TlsHint
        : Server.Chain.Count > 0 && Files.Certificate is null ? "; if the VTN asks for a client certificate, give one in profile.clientCertificate"
        : string.Empty;

    protected override string HandshakeWords(HttpRequestException fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        return VtnTls.IsPlainHttpPort(fault) ? PlainHint
            : Server.Refusal ?? $"the TLS handshake failed: {Clause(fault.InnerException?.InnerException?.Message ?? fault.InnerException?.Message ?? fault.Message)}; "
            + "if the VTN offers only the suites of OpenADR 2.0b, set profile.tls to openadr-2.0b; if it asks for a client certificate, check profile.clientCertificate";
    }
}
