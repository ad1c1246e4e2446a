using System.Text.Json;
using GridServices.Hosting.Refusals;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace GridServices.Hosting.Clustering;

/// <summary>Has a request answered by the node of the cluster that runs what it is about. The caller has been judged here, and is judged there again.</summary>
public interface IRequestForwarder
{
    /// <returns>True where it is answered; false: this node answers it.</returns>
    /// <exception cref="ProblemException">503: the node that could answer can't be reached.</exception>
    Task<bool> TryAnswerAsync(HttpContext http);
}

/// <summary>A list that each node has a part of: all of them are asked, and the parts put together.</summary>
/// <param name="KeyOf">The key of an item, by which the list is paged and ordered.</param>
public sealed record ListOfAllNodes(Func<JsonElement, string> KeyOf);

/// <summary>Marks endpoints for a cluster.</summary>
public static class ClusterEndpoints
{
    /// <summary>In a cluster the list is put together from the parts of all nodes.</summary>
    public static RouteHandlerBuilder ListsAllNodes(this RouteHandlerBuilder endpoint, Func<JsonElement, string> getKey) => endpoint.WithMetadata(new ListOfAllNodes(getKey));
}

internal sealed class ForwardMiddleware(RequestDelegate next, IRequestForwarder forwarder)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (!await forwarder.TryAnswerAsync(context))
        {
            await next(context);
        }
    }
}
