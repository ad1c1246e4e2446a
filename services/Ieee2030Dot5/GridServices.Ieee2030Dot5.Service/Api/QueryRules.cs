using GridServices.Contracts;
using GridServices.Hosting;

namespace GridServices.Ieee2030Dot5.Service.Api;

/// <summary>Strict queries: a parameter that an endpoint doesn't know is a mistake, not to be ignored in silence.</summary>
internal static class QueryRules
{
    /// <summary>Refuses every query parameter but these, with the nearest known one.</summary>
    public static TBuilder TakesQuery<TBuilder>(this TBuilder builder, params string[] known)
        where TBuilder : IEndpointConventionBuilder => builder.AddEndpointFilter(async (context, next) =>
        {
            Demand(context.HttpContext.Request.Query, known);
            return await next(context);
        });

    private static void Demand(IQueryCollection query, string[] known)
    {
        if (query.Keys.FirstOrDefault(k => !known.Contains(k, StringComparer.Ordinal)) is { } unknown)
        {
            throw new RefusedException(ErrorClass.SchemaInvalid, $"The query parameter {OneLine.Of(unknown)} is not known here; {Words(unknown, known)}", unknown);
        }
    }

    private static string Words(string unknown, string[] known) => Spelling.Nearest(unknown, known) is { } near ? $"did you mean {near}?"
        : known.Length > 0 ? $"known are {string.Join(", ", known)}."
        : "none is.";
}
