using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Clustering;
using GridServices.Hosting.Refusals;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace GridServices.Cluster.Requests;

/// <summary>The route value that holds the key of what a request is about.</summary>
internal sealed record KeyRoute(string Name);

/// <summary>
/// Any node answers any request:
/// <code>
/// key runs here ─▶ answered here
/// key runs on another node ─▶ sent on there, with the caller's own credentials
/// key is stored and runs nowhere ─▶ 503 with Retry-After: it is being taken over
/// key is not stored ─▶ PUT: made on the node that it belongs to; else answered here (there is none)
/// list ─▶ the parts of all nodes
/// </code>
/// </summary>
internal sealed class RequestForwarder(KeyRoute route, IPlacedWork work, NodeDirectory nodes, NodeClient line, NodeListMerger lists) : IRequestForwarder
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(1);

    public async Task<bool> TryAnswerAsync(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        var isSentOn = IsSentHere(http.Request.Headers[NodeClient.Header].ToString(), nodes.Me);
        if (http.GetEndpoint()?.Metadata.GetMetadata<ListOfAllNodes>() is { } list)
        {
            return isSentOn ? await AnswersPartAsync(http) : await lists.TryAnswerAsync(http, list);
        }

        var key = http.GetRouteValue(route.Name) is string named ? new PlacedKey(http.Caller().Tenant, named) : await work.FindKeyAsync(http);
        return key is { } placed && !work.Runs(placed) && await SendOnAsync(http, placed, isSentOn);
    }

    /// <returns>True where another node sent the request to this one; false: it comes from a caller.</returns>
    /// <exception cref="ProblemException">503: it was meant for another node. Sent on again it could go round for ever.</exception>
    internal static bool IsSentHere(string sentTo, ClusterNode node) => sentTo.Length != 0 && (sentTo == node.Sessions
        ? true
        : throw new ProblemException(ErrorClass.Unavailable, $"A request that was sent on to another node of the cluster came to {node.Name}: that node has just ended, or its Cluster:Url leads here.") { RetryAfter = AskAgain });

    private async Task<bool> AnswersPartAsync(HttpContext http)
    {
        await lists.RequirePartAsync(http);
        return false;
    }

    private async Task<bool> SendOnAsync(HttpContext http, PlacedKey key, bool isSentOn)
    {
        var ct = http.RequestAborted;
        var (isPut, isStored) = (HttpMethods.IsPut(http.Request.Method), (await work.KeysAsync(key, ct)).Count > 0);
        if ((isPut && isSentOn) || !(isPut || isStored))
        {
            return false;
        }

        if (isStored && work.IsUnreadable(key) && (await nodes.FindRunnerAsync(key, ct))?.Sessions == nodes.Me.Sessions)
        {
            // It runs nowhere: what is to be done about it is said here.
            return false;
        }

        var node = isSentOn ? null : isStored ? await nodes.FindRunnerAsync(key, ct) : await nodes.FindOwnerAsync(key, ct);
        if (node is null || (node.Sessions == nodes.Me.Sessions && !isPut && !work.Runs(key)))
        {
            throw new ProblemException(ErrorClass.Unavailable, $"The {work.Title} '{key.Key}' is being started on a node of the cluster; try again.") { RetryAfter = AskAgain };
        }

        if (node.Sessions == nodes.Me.Sessions)
        {
            return false;
        }

        await line.ForwardAsync(http, node);
        return true;
    }
}
