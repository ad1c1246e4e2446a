using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Net.Http.Headers;

namespace GridServices.Hosting.Web;

/// <summary>
/// A page of a list that can also be had whole: an object of type <see cref="Paging.MediaType"/>, or, for whom accepts plain JSON alone (a
/// generated client, which has one type per operation), the items as an array, the following page being in the header Link (RFC 8288).
/// </summary>
/// <param name="page">The page.</param>
/// <param name="options">How it is written; null = as the service writes everything.</param>
public sealed class PageResult<T>(Page<T> page, JsonSerializerOptions? options = null) : IResult
{
    // By name: to the framework's matching every "…+json" is a kind of application/json.
    private static readonly string[] TakesPages = [Paging.MediaType, "application/*+json", "application/*", "*/*"];

    /// <summary>Writes the answer.</summary>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        if (!AcceptsPlainJsonAlone(httpContext.Request))
        {
            return Results.Json(page, options, Paging.MediaType).ExecuteAsync(httpContext);
        }

        if (page.Next is { } next)
        {
            httpContext.Response.Headers.Link = $"<{PathTo(httpContext.Request, next)}>; rel=\"next\"";
        }

        return Results.Json(page.Items, options).ExecuteAsync(httpContext);
    }

    private static bool AcceptsPlainJsonAlone(HttpRequest request) =>
        request.Headers.Accept.Count > 0 && MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted)
        && accepted.Any(a => a.Quality != 0 && a.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase))
        && !accepted.Any(a => a.Quality != 0 && TakesPages.Any(page => a.MediaType.Equals(page, StringComparison.OrdinalIgnoreCase)));

    private static string PathTo(HttpRequest request, string next)
    {
        var query = new QueryBuilder(request.Query.Where(q => q.Key != "after").SelectMany(q => q.Value.Select(v => KeyValuePair.Create(q.Key, v ?? string.Empty))))
        {
            { "after", next },
        };
        return request.PathBase.Add(request.Path).ToUriComponent() + query.ToQueryString().ToUriComponent();
    }
}
