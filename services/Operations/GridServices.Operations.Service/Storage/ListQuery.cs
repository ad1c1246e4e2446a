using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;

namespace GridServices.Operations.Service.Storage;

/// <summary>What a list is asked for.</summary>
/// <param name="Limit">Most items.</param>
/// <param name="After">The cursor that the page before gave; null = from the start.</param>
/// <param name="Filter">Field and value, all of which must hold.</param>
/// <param name="Sort">A field, null = by id; ids settle equal values.</param>
/// <param name="Descending">The other way round.</param>
internal sealed record ListQuery(int Limit, string? After = null, IReadOnlyList<(string Field, string Value)>? Filter = null, string? Sort = null, bool Descending = false)
{
    internal const int DefaultLimit = 100;

    /// <summary>Sites that may be seen; null = all of the tenant.</summary>
    internal IReadOnlySet<string>? Sites { get; init; }

    /// <summary>Reads <c>filter=state:active,siteId:site-1&amp;sort=-updatedAt&amp;after=…&amp;limit=…</c>.</summary>
    /// <exception cref="ProblemException">A filter is not <c>field:value</c>, or the limit is no number.</exception>
    internal static ListQuery Parse(string? filter, string? sort, string? after, string? limit) => new(
        Paging.Parse(after, limit ?? "100")!.Limit,
        after,
        [.. (filter ?? string.Empty).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Pair)],
        sort?.TrimStart('-'),
        sort?.StartsWith('-') == true);

    private static (string Field, string Value) Pair(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0
            ? (text[..colon], text[(colon + 1)..])
            : throw new ProblemException(ErrorClass.SemanticText, $"'{SafeText.Line(text)}' is no filter; write field:value, several separated by commas.", "filter");
    }
}
