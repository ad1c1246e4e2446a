using System.Security.Cryptography;
using System.Text;
using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace GridServices.Hosting.Web;

/// <summary>
/// A caller's <c>Idempotency-Key</c> for one POST: the same key with the same request does its work once, however often it is sent. Keys belong to a tenant
/// and to the path they were sent to.
/// </summary>
/// <param name="Tenant">Whose.</param>
/// <param name="Path">Where it was sent.</param>
/// <param name="Key">As it was sent.</param>
/// <param name="Sha256">Of query and body: what the key stands for.</param>
public sealed record IdempotencyKey(string Tenant, string Path, string Key, string Sha256)
{
    public const string Header = "Idempotency-Key";

    private const int Longest = 255;

    /// <summary>The request's key; null where it has none.</summary>
    /// <exception cref="ProblemException">SEMANTIC_TEXT: it is no key.</exception>
    public static IdempotencyKey? Read(HttpContext http, ReadOnlySpan<byte> body)
    {
        var header = http.Request.Headers[Header];
        if (header.Count == 0)
        {
            return null;
        }

        var key = header.Count == 1 ? header[0] ?? string.Empty : string.Empty;
        if (key.Length is 0 or > Longest || key.Any(c => c is < '!' or > '~'))
        {
            throw new ProblemException(ErrorClass.SemanticText, $"{Header} is one text of 1 to {Longest} visible ASCII characters, e.g. a UUID.", Header);
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{http.Request.QueryString.Value}\n"));
        hash.AppendData(body);
        return new IdempotencyKey(http.Caller().Tenant, http.Request.Path.Value ?? "/", key, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}

/// <summary>What POSTs say of repetition, where they don't honour an <see cref="IdempotencyKey"/>.</summary>
public static class Repetition
{
    /// <summary>The same request again does no harm: nothing is stored, or what is sent has a name of its own. A key is allowed and changes nothing.</summary>
    public static TBuilder RepeatsHarmlessly<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new HarmlessRepetition());
}

internal sealed record HarmlessRepetition;

/// <summary>A key that nobody keeps is refused: whoever sends one relies on the work being done once.</summary>
internal sealed class IdempotencyKeyMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context) =>
        HttpMethods.IsPost(context.Request.Method) && context.Request.Headers.ContainsKey(IdempotencyKey.Header) && context.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal)
        && context.GetEndpoint()?.Metadata is { } says && says.GetMetadata<HarmlessRepetition>() is null && !says.OfType<RequestHeader>().Any(header => header.Name == IdempotencyKey.Header)
            ? throw new ProblemException(ErrorClass.SchemaInvalid, $"This is done as often as it is asked for: no {IdempotencyKey.Header} is kept here. Leave it out, and look what came of the first request before you repeat it.", IdempotencyKey.Header)
            : next(context);
}
