using System.Runtime.ExceptionServices;
using GridServices.Client.Access;
using GridServices.Cluster.Placement;
using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Telemetry;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.Features;

namespace GridServices.Cluster.Requests;

/// <summary>Sends a request on to another node, with the caller's own credentials: that node judges them itself.</summary>
internal sealed partial class NodeClient(LiveNodes live, ILogger<NodeClient> log) : IDisposable
{
    /// <summary>Names the run of the node that it is sent to. From outside it says nothing: nobody there knows these names.</summary>
    internal const string Header = "X-GridServices-Node";

    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    // A part of a list is asked for whole and plain, whatever the caller would do with the list.
    private static readonly HashSet<string> OfTheWhole = new(StringComparer.OrdinalIgnoreCase)
    {
        "Accept", "Accept-Encoding", "If-None-Match", "If-Match", "If-Modified-Since", "If-Unmodified-Since", "Range", "If-Range",
    };

    private static readonly HashSet<string> OfTheHop = new(StringComparer.OrdinalIgnoreCase)
    {
        "Host", "Connection", "Keep-Alive", "Transfer-Encoding", "TE", "Trailer", "Upgrade", "Proxy-Connection", "Expect", Header,
    };

    private readonly LogThrottle _quiet = new(TimeProvider.System, TimeSpan.FromSeconds(10));
    private readonly HttpClient _http = new(new ConnectionFaultHandler(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(2), PooledConnectionLifetime = TimeSpan.FromMinutes(2) }))
    {
        Timeout = TimeSpan.FromSeconds(100),
    };

    /// <summary>Answers with what the node answers.</summary>
    /// <exception cref="ProblemException">503: it can't be reached.</exception>
    public async Task ForwardAsync(HttpContext http, NodeAddress node)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        await using var looks = TimeProvider.System.CreateTimer(_ => EndWithNode(node, ending), null, LookInterval, LookInterval);
        using var answer = await SendAsync(http.Request, node, null, ending.Token);
        http.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in GetHeaders(answer))
        {
            http.Response.Headers[name] = values;
        }

        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        try
        {
            await using var body = await answer.Content.ReadAsStreamAsync(ending.Token);
            await body.CopyToAsync(http.Response.Body, ending.Token);
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException or OperationCanceledException)
        {
            // Begun with another status: a half answer must not look whole.
            http.Abort();
        }
    }

    /// <summary>A node that hangs keeps its connections: nobody waits on it once it is declared dead.</summary>
    private void EndWithNode(NodeAddress node, CancellationTokenSource ending)
    {
        try
        {
            if (!live.Now().Any(silo => silo.ToParsableString() == node.Silo))
            {
                ending.Cancel();
            }
        }
        catch (ObjectDisposedException)
        {
            // Answered meanwhile.
        }
    }

    /// <summary>The node's answer to the request, asked for in a media type of ours where one is given.</summary>
    /// <exception cref="ProblemException">503: it can't be reached.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpRequest asked, NodeAddress node, string? accept, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(new HttpMethod(asked.Method), new Uri(new Uri(node.Url), asked.GetEncodedPathAndQuery()));
        if (asked.ContentLength > 0 || asked.Headers.TransferEncoding.Count > 0)
        {
            request.Content = new StreamContent(asked.Body);
        }

        foreach (var (name, values) in asked.Headers.Where(h => !OfTheHop.Contains(h.Key) && !(accept is not null && OfTheWhole.Contains(h.Key))))
        {
            if (!request.Headers.TryAddWithoutValidation(name, values.ToArray()))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, values.ToArray());
            }
        }

        request.Headers.TryAddWithoutValidation(Header, node.Sessions);
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        }
        catch (HttpRequestException broken) when (FindBodyFault(broken) is { } fault)
        {
            // The caller's body broke off, or is too large: that is no fault of the node, and to be told as where it runs.
            ExceptionDispatchInfo.Throw(fault);
            throw;
        }
        catch (Exception away) when (away is HttpRequestException || (away is OperationCanceledException && !asked.HttpContext.RequestAborted.IsCancellationRequested))
        {
            // A caller that goes amid its upload is no fault of the node either, and nobody is left to be answered.
            if (!IsCallerFault(away, asked.HttpContext) && _quiet.MayWrite(away.Message, out var heldBack))
            {
                LogUnreached(node.Node, SafeText.Line(node.Url), SafeText.Line((away.InnerException ?? away).Message), heldBack);
            }

            throw new ProblemException(ErrorClass.Unavailable, $"{node.Node}, the node of the cluster that runs this, can't be reached; another one takes over within ten seconds. Try again.") { RetryAfter = AskAgain };
        }
    }

    /// <summary>What an answer says to the caller, such as when to ask again.</summary>
    internal static IReadOnlyList<(string Name, string[] Values)> GetHeaders(HttpResponseMessage answer) =>
        [.. answer.Headers.Concat(answer.Content.Headers).Where(h => !OfTheHop.Contains(h.Key)).Select(h => (h.Key, h.Value.ToArray()))];

    public void Dispose() => _http.Dispose();

    private static bool IsCallerFault(Exception? fault, HttpContext http) =>
        http.RequestAborted.IsCancellationRequested || (fault is not null && (fault is ConnectionResetException or ConnectionAbortedException || IsCallerFault(fault.InnerException, http)));

    private static BadHttpRequestException? FindBodyFault(Exception? fault) => fault switch
    {
        null => null,
        BadHttpRequestException bad => bad,
        _ => FindBodyFault(fault.InnerException),
    };

    [LoggerMessage(EventIds.NodeLineUnreached, LogLevel.Warning,
        "{Node} can't be reached at {Url}, to which its requests are sent on: {Reason} (told again after 10 s; not told meanwhile: {HeldBack})")]
    private partial void LogUnreached(string node, string url, string reason, long heldBack);
}
