using System.Security.Cryptography;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace GridServices.Hosting.Web;

/// <summary>
/// ETags of what people PUT, so that nobody overwrites or deletes what somebody else changed in between: a GET gives the tag, and a PUT or DELETE with
/// <c>If-Match</c> is done only while it still holds. Without <c>If-Match</c> the last writer wins.
/// </summary>
public static class EntityTags
{
    private const int Digits = 32;

    /// <summary>The strong ETag of a value: equal values have equal tags.</summary>
    /// <param name="value">What was put, without what changes by itself.</param>
    /// <param name="options">How it is written; absent = as the contract writes.</param>
    public static string Compute<T>(T value, JsonSerializerOptions? options = null) =>
        $"\"{Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(value, options ?? ContractJson.Options)))[..Digits]}\"";

    /// <summary>Sends the tag with the answer.</summary>
    public static void Tag(this HttpContext http, string tag) => http.Response.Headers.ETag = tag;

    /// <summary>Refuses where <c>If-Match</c> names another state than the one that is held.</summary>
    /// <param name="http">The request.</param>
    /// <param name="held">The tag of what is held; null = nothing is.</param>
    /// <exception cref="ProblemException">412 CONFLICT.</exception>
    public static void RequireMatch(this HttpContext http, string? held)
    {
        if (http.Request.Headers.IfMatch.Count == 0)
        {
            return;
        }

        var isHeld = held is not null && EntityTagHeaderValue.TryParseStrictList(http.Request.Headers.IfMatch, out var tags)
            && tags.Any(tag => tag.Tag == "*" || (!tag.IsWeak && tag.Tag == held));
        if (!isHeld)
        {
            throw Mismatch(held is null ? "Nothing is held here that If-Match could name." : $"It was changed since: If-Match does not name the ETag that is held, {held}. Read it again, then send the change again.");
        }
    }

    /// <summary>The GET answers with an ETag.</summary>
    public static RouteHandlerBuilder WritesETag(this RouteHandlerBuilder endpoint) => endpoint.WritesHeader("ETag", "Of what is held, for If-Match.");

    /// <summary>The PUT or DELETE honours <c>If-Match</c>.</summary>
    public static RouteHandlerBuilder TakesIfMatch(
        this RouteHandlerBuilder endpoint, string meaning = "The ETag of the last GET, or *: done only while that is still held. Absent: done whatever is held.") => endpoint
        .WithMetadata(new HonoursIfMatch())
        .ReadsHeader("If-Match", meaning)
        .RefusesAs(StatusCodes.Status412PreconditionFailed, ErrorClass.Conflict);

    /// <summary>412: what is to be changed is not what the caller has seen.</summary>
    public static ProblemException Mismatch(string detail) => new(Problems.Create(ErrorClass.Conflict, detail) with { Status = StatusCodes.Status412PreconditionFailed });
}

internal sealed record HonoursIfMatch;

/// <summary>A condition that an endpoint can't judge is not met: a PUT or DELETE that was to depend on it must not be done.</summary>
internal sealed class IfMatchMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        var isChange = HttpMethods.IsPut(context.Request.Method) || HttpMethods.IsDelete(context.Request.Method);
        return isChange && context.Request.Headers.IfMatch.Count > 0 && context.GetEndpoint() is { } endpoint && endpoint.Metadata.GetMetadata<HonoursIfMatch>() is null
            ? throw EntityTags.Mismatch("What is changed here has no ETag; leave If-Match out.")
            : next(context);
    }
}
