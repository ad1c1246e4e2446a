using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Hosting.Clustering;
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
internal sealed class RequestForwarder(KeyRoute route, IPlacedWork work, NodeDirectory nodes, NodeLine line, NodeLists lists) : IRequestForwarder
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(1);

    public async Task<bool> TryAnswerAsync(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        var isSentOn = http.Request.Headers[NodeLine.Header].ToString() is { Length: > 0 } name && name == nodes.Me.Sessions;
        if (http.GetEndpoint()?.Metadata.GetMetadata<ListOfAllNodes>() is { } list)
        {
            return !isSentOn && await lists.TryAnswerAsync(http, list);
        }

        var key = http.GetRouteValue(route.Name) is string named ? new PlacedKey(http.Caller().Tenant, named) : await work.KeyOfAsync(http);
        return key is { } placed && !work.Runs(placed) && await SendOnAsync(http, placed, isSentOn);
    }

    private async Task<bool> SendOnAsync(HttpContext http, PlacedKey key, bool isSentOn)
    {
        var ct = http.RequestAborted;
        var (isPut, isStored) = (HttpMethods.IsPut(http.Request.Method), (await work.KeysAsync(key, ct)).Count > 0);
        if ((isPut && isSentOn) || !(isPut || isStored))
        {
            return false;
        }

        var node = isSentOn ? null : isStored ? await nodes.RunnerOfAsync(key, ct) : await nodes.OwnerOfNewAsync(key, ct);
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
