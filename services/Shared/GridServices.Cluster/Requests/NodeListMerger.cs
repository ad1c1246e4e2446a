using System.Text.Json;
using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Clustering;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using Microsoft.AspNetCore.Http;

namespace GridServices.Cluster.Requests;

/// <summary>Lists of which each node has a part: all are asked, this one as well, and what they answer is put together in the order of the keys.</summary>
internal sealed class NodeListMerger(NodeDirectory nodes, NodeClient line, CompletenessCheck whole)
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(2);

    /// <summary>A node that hangs is declared dead before.</summary>
    private static readonly TimeSpan LongestPart = TimeSpan.FromSeconds(5);

    /// <returns>False where this node is the only one.</returns>
    /// <exception cref="ProblemException">503: one of the nodes does not answer, or something is being started, so the list would not be whole.</exception>
    public async Task<bool> TryAnswerAsync(HttpContext http, ListOfAllNodes list)
    {
        var (tenant, ct) = (http.Caller().Tenant, http.RequestAborted);
        var all = await nodes.NodesAsync(ct);
        if (all.Count == 0)
        {
            throw new ProblemException(ErrorClass.Unavailable, $"{nodes.Me.Name} is joining the cluster; try again.") { RetryAfter = AskAgain };
        }

        var places = await whole.RequireHeldAsync(tenant, [.. all.Select(node => node.Sessions)], ct);
        if (all is [var one] && one.Sessions == nodes.Me.Sessions)
        {
            await whole.RequireRunningAsync(tenant, ct);
            return false;
        }

        var parts = await Task.WhenAll(all.Select(node => PartAsync(http, node)));
        if (parts.FirstOrDefault(part => part.Status != StatusCodes.Status200OK) is { } refused)
        {
            http.Response.StatusCode = refused.Status;
            foreach (var (name, values) in refused.Headers)
            {
                http.Response.Headers[name] = values;
            }

            await http.Response.BodyWriter.WriteAsync(refused.Body, http.RequestAborted);
            return true;
        }

        await whole.RequireUnmovedAsync(tenant, places, ct);
        await Merge(http.Request.Query, parts, list.KeyOf).ExecuteAsync(http);
        return true;
    }

    /// <summary>This node's part is asked for by another one.</summary>
    /// <exception cref="ProblemException">503: something of it is being started.</exception>
    public Task RequirePartAsync(HttpContext http) => whole.RequireRunningAsync(http.Caller().Tenant, http.RequestAborted);

    private static IResult Merge(IQueryCollection query, IReadOnlyList<Part> parts, Func<JsonElement, string> getKey)
    {
        var (after, limit) = (query["after"].FirstOrDefault(), query["limit"].FirstOrDefault());
        var items = parts.SelectMany(part => part.Items).DistinctBy(getKey, StringComparer.Ordinal).ToList();
        if (parts.All(part => !part.IsPage))
        {
            return Results.Json(items.OrderBy(getKey, StringComparer.Ordinal).ToList(), ContractJson.Options);
        }

        var paging = Paging.Parse(after, limit) ?? new Paging(null, Paging.Most);
        var page = paging.Slice(items, getKey);
        var isMore = parts.Any(part => part.HasNext);
        return new PageResult<JsonElement>(page.Next is null && isMore && page.Items.Count > 0 ? page with { Next = getKey(page.Items[^1]) } : page);
    }

    private async Task<Part> PartAsync(HttpContext http, NodeAddress node)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        deadline.CancelAfter(LongestPart);
        try
        {
            using var answer = await line.SendAsync(http.Request, node, $"{Paging.MediaType}, application/json", deadline.Token);
            var body = await answer.Content.ReadAsByteArrayAsync(deadline.Token);
            if (!answer.IsSuccessStatusCode)
            {
                return new Part((int)answer.StatusCode, body, [], false, false) { Headers = NodeClient.GetHeaders(answer) };
            }

            var root = JsonDocument.Parse(body).RootElement;
            return root.ValueKind == JsonValueKind.Array
                ? new Part(StatusCodes.Status200OK, body, [.. root.EnumerateArray()], false, false)
                : new Part(StatusCodes.Status200OK, body, [.. root.GetProperty("items").EnumerateArray()], true, root.TryGetProperty("next", out var next) && next.ValueKind == JsonValueKind.String);
        }
        catch (Exception foreign) when (foreign is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new ProblemException(ErrorClass.Unavailable, $"{node.Node} did not answer as a node of the cluster does: {SafeText.Line(foreign.Message)}") { RetryAfter = AskAgain };
        }
        catch (Exception away) when (away is HttpRequestException or IOException || (away is OperationCanceledException && !http.RequestAborted.IsCancellationRequested))
        {
            throw new ProblemException(ErrorClass.Unavailable, $"{node.Node} did not answer with its part of the list; another one takes over within ten seconds if it hangs. Try again.") { RetryAfter = AskAgain };
        }
    }

    private sealed record Part(int Status, byte[] Body, IReadOnlyList<JsonElement> Items, bool IsPage, bool HasNext)
    {
        public IReadOnlyList<(string Name, string[] Values)> Headers { get; init; } = [];
    }
}
