using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using GridServices.Client.Access;
using GridServices.Contracts;
using GridServices.Hosting.Outbound;
using NodaTime;

namespace GridServices.UtilityClients.Tls;

/// <summary>Connections to one server under one set of certificates, as <see cref="ConnectionHolder{TConnection}"/> keeps them.</summary>
public abstract class UtilityConnection(ClientCertificateFiles files, ServerCertificateValidator server) : IDisposable
{
    public ClientCertificateFiles Files { get; } = files;

    public ServerCertificateValidator Server { get; } = server;

    /// <summary>True once our own or the server's certificate has ended: the connection must not be used any more.</summary>
    public bool IsExpired(Instant now) => Server.ExpiresAt <= now || Files.ExpiresAt <= now;

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>One line without a full stop at its end.</summary>
    public static string Clause(string message) => SafeText.Line(message).TrimEnd(' ', '.');

    protected abstract void Dispose(bool disposing);
}

/// <summary>Sends requests to one server and keeps its connections open between them. A protocol reads the replies and puts failures into words.</summary>
/// <remarks>
/// No redirect is followed; no proxy, cookie or trace header is used: what leaves here is the request and nothing else, and the client certificate goes
/// to its server alone.
/// </remarks>
public abstract class UtilityConnection<TReply> : UtilityConnection
{
    /// <summary>To connect and shake hands.</summary>
    protected static TimeSpan ConnectTime { get; } = TimeSpan.FromSeconds(15);

    // Not HttpClient: the timeout is our own, and nothing is to be added to a request or buffered of a reply.
    private readonly HttpMessageInvoker _http;

    /// <param name="files">Ours.</param>
    /// <param name="server">Theirs.</param>
    /// <param name="tls">From <see cref="ServerCertificateValidator.Options"/>.</param>
    /// <param name="idle">How long an unused connection is kept.</param>
    /// <param name="connections">At most, to the server.</param>
    protected UtilityConnection(
        ClientCertificateFiles files, ServerCertificateValidator server, SslClientAuthenticationOptions tls, TimeSpan idle, int connections = int.MaxValue)
        : base(files, server) => _http = new HttpMessageInvoker(new ConnectionFaultHandler(new SocketsHttpHandler
        {
            SslOptions = tls,
            MaxConnectionsPerServer = connections,
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            ConnectTimeout = ConnectTime,
            ConnectCallback = new GuardedConnections(AddressRules.Utilities).ConnectAsync,
            MaxResponseHeadersLength = 32,
            MaxResponseDrainSize = 0,
            PooledConnectionIdleTimeout = idle,
        }));

    protected async Task<TReply> ExchangeAsync(HttpRequestMessage request, ExchangeLimits limits, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(limits);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(limits.Timeout);
        try
        {
            using var response = await _http.SendAsync(request, deadline.Token);
            return await ReadAsync(response, request.RequestUri!, limits.MaxReplyBytes, deadline.Token);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            return deadline.IsCancellationRequested ? Failed(ExchangeFailure.Timeout, null, $"no complete reply within {limits.Timeout.TotalSeconds:0.###} s")
                : e.InnerException is TimeoutException ? Failed(ExchangeFailure.Timeout, null, SilentServerWords)
                : Dropped();
        }
        catch (ObjectDisposedException)
        {
            return Dropped();
        }
        catch (HttpRequestException e)
        {
            return Failure(e, request.RequestUri!);
        }
        catch (InvalidDataException)
        {
            return Failed(ExchangeFailure.BadContent, null, "the server's reply says that it is gzip and is not");
        }
        catch (IOException e)
        {
            return Failed(ExchangeFailure.Broken, null, Clause(e.Message));
        }
    }

    /// <summary>Reads a reply within its bounds. What it throws of HTTP, TLS and I/O becomes a failure.</summary>
    protected abstract Task<TReply> ReadAsync(HttpResponseMessage response, Uri url, int maxBytes, CancellationToken ct);

    /// <param name="failure">The kind.</param>
    /// <param name="status">Null where no status line arrived.</param>
    /// <param name="detail">One safe line for people.</param>
    protected abstract TReply Failed(ExchangeFailure failure, int? status, string detail);

    /// <summary>The server accepts the connection and then says nothing for <see cref="ConnectTime"/>.</summary>
    protected abstract string SilentServerWords { get; }

    /// <summary>What a failed handshake means, where the server's certificate was not the reason.</summary>
    protected abstract string HandshakeWords(HttpRequestException fault);

    /// <summary>What a connection that broke may mean, beginning with "; "; empty: nothing known.</summary>
    protected abstract string BrokenHint(Uri url);

    protected override void Dispose(bool disposing) => _http.Dispose();

    private TReply Dropped() => Failed(ExchangeFailure.Broken, null, "the connection was dropped on our side: certificates changed or ended");

    private TReply Failure(HttpRequestException e, Uri url) => e switch
    {
        { HttpRequestError: HttpRequestError.SecureConnectionError } or { InnerException: AuthenticationException } =>
            Failed(ExchangeFailure.Tls, null, HandshakeWords(e)),
        { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError } =>
            Failed(ExchangeFailure.Unreachable, null, Clause(e.Message)),
        _ => Failed(ExchangeFailure.Broken, (int?)e.StatusCode, Clause(e.InnerException?.Message ?? e.Message) + BrokenHint(url)),
    };
}
