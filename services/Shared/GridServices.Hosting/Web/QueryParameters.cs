using System.Collections.Concurrent;
using System.Reflection;
using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;

namespace GridServices.Hosting.Web;

/// <summary>Query parameters that an endpoint reads beside those of its handler's signature.</summary>
public static class QueryParameters
{
    /// <summary>Names that the handler reads from the query itself.</summary>
    public static TBuilder ReadsQuery<TBuilder>(this TBuilder endpoint, params string[] names)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new QueryNames(names));
}

internal sealed record QueryNames(IReadOnlyList<string> Names);

/// <summary>
/// A query parameter that nobody reads is refused: <c>?form=…</c> for <c>?from=…</c> would be answered for another window than was meant.
/// Applies to our own API (<c>/v1</c>); probes and the doors of utilities take what comes.
/// </summary>
internal sealed class QueryMiddleware(RequestDelegate next)
{
    private readonly ConcurrentDictionary<Endpoint, string[]> _known = new();

    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Query.Count > 0 && context.GetEndpoint() is RouteEndpoint endpoint && context.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal))
        {
            Check(context.Request.Query, _known.GetOrAdd(endpoint, static of => Known((RouteEndpoint)of)));
        }

        return next(context);
    }

    private static void Check(IQueryCollection query, string[] known)
    {
        foreach (var (name, values) in query)
        {
            if (!known.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                throw new ProblemException(ErrorClass.SchemaInvalid, Unknown(name, known), name);
            }

            if (values is not [_])
            {
                throw new ProblemException(ErrorClass.SchemaInvalid, $"The query parameter '{name}' is given {values.Count} times; keep one.", name);
            }

            // PostgreSQL has no text with it.
            if (values[0]!.Contains('\0', StringComparison.Ordinal))
            {
                throw new ProblemException(ErrorClass.SemanticText, $"The query parameter '{name}' holds the character NUL (%00); leave it out.", name);
            }
        }
    }

    private static string Unknown(string name, string[] known) =>
        $"There is no query parameter '{SafeText.Line(name)}' here; "
        + (Spelling.Nearest(name, known) is { } meant ? $"did you mean '{meant}'?" : known.Length == 0 ? "none is read." : $"known are {string.Join(", ", known)}.");

    private static string[] Known(RouteEndpoint endpoint) =>
    [
        .. endpoint.Metadata.GetMetadata<MethodInfo>()?.GetParameters().Where(p => IsQuery(p, endpoint)).Select(GetName) ?? [],
        .. endpoint.Metadata.OfType<QueryNames>().SelectMany(q => q.Names),
    ];

    // As minimal APIs bind: simple types that the route does not name, unless an attribute says otherwise.
    private static bool IsQuery(ParameterInfo parameter, RouteEndpoint endpoint)
    {
        var attributes = parameter.GetCustomAttributes(inherit: false);
        return attributes.OfType<IFromQueryMetadata>().Any()
            || (!attributes.Any(a => a is IFromRouteMetadata or IFromHeaderMetadata or IFromBodyMetadata or IFromServiceMetadata)
                && endpoint.RoutePattern.GetParameter(parameter.Name!) is null
                && IsSimple(parameter.ParameterType));
    }

    private static string GetName(ParameterInfo parameter) =>
        parameter.GetCustomAttributes(inherit: false).OfType<IFromQueryMetadata>().FirstOrDefault()?.Name ?? parameter.Name!;

    private static bool IsSimple(Type type)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type.GetElementType() ?? type;
        return plain == typeof(string) || plain == typeof(StringValues) || plain.IsPrimitive || plain.IsEnum
            || (plain.IsValueType && plain.GetMethods(BindingFlags.Public | BindingFlags.Static).Any(m => m.Name == "TryParse"));
    }
}
