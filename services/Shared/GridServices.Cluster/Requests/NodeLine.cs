using GridServices.Cluster.Placement;
using GridServices.Contracts;
using GridServices.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.Features;

namespace GridServices.Cluster.Requests;

/// <summary>Sends a request on to another node, with the caller's own credentials: that node judges them itself.</summary>
internal sealed class NodeLine(LiveNodes live) : IDisposable
{
    /// <summary>Names the run of the node that it is sent to. From outside it says nothing: nobody there knows these names.</summary>
    internal const string Header = "X-GridServices-Node";

    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);
    private static readonly HashSet<string> OfTheHop = new(StringComparer.OrdinalIgnoreCase)
    {
        "Host", "Connection", "Keep-Alive", "Transfer-Encoding", "TE", "Trailer", "Upgrade", "Proxy-Connection", "Expect", Header,
    };

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(2), PooledConnectionLifetime = TimeSpan.FromMinutes(2) })
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
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers).Where(h => !OfTheHop.Contains(h.Key)))
        {
            http.Response.Headers[name] = values.ToArray();
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

        foreach (var (name, values) in asked.Headers.Where(h => !OfTheHop.Contains(h.Key) && !(accept is not null && h.Key.Equals("Accept", StringComparison.OrdinalIgnoreCase))))
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
        catch (Exception away) when (away is HttpRequestException || (away is OperationCanceledException && !asked.HttpContext.RequestAborted.IsCancellationRequested))
        {
            throw new ProblemException(ErrorClass.Unavailable, $"{node.Node}, the node of the cluster that runs this, can't be reached; another one takes over within ten seconds. Try again.") { RetryAfter = AskAgain };
        }
    }

    public void Dispose() => _http.Dispose();
}
