using System.Globalization;
using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using Microsoft.AspNetCore.Http;

namespace GridServices.Hosting.Web;

/// <summary>A page of a list.</summary>
/// <param name="Items">In the order of their keys.</param>
/// <param name="Next">The <c>after</c> of the following page; absent = this is the last.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>The one way in which lists are paged: <c>limit</c> items that come after the key <c>after</c>.</summary>
/// <param name="After">The key of the last item of the page before; absent = from the start.</param>
/// <param name="Limit">Most items of a page.</param>
public sealed record Paging(string? After, int Limit)
{
    /// <summary>Tells a page from a whole list, which is plain <c>application/json</c>.</summary>
    public const string MediaType = "application/vnd.gridservices.page+json";

    /// <summary>Most items that a page may be asked for.</summary>
    public const int Most = 1_000;

    /// <summary>What the query asks for; null = no page but the whole list.</summary>
    /// <exception cref="ProblemException">SEMANTIC_NUMBER: limit is no whole number from 1 to <see cref="Most"/>.</exception>
    public static Paging? Parse(string? after, string? limit)
    {
        if (after is null && limit is null)
        {
            return null;
        }

        var most = Most;
        return limit is null || (int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out most) && most is >= 1 and <= Most)
            ? new Paging(after, most)
            : throw new ProblemException(ErrorClass.SemanticNumber, $"limit is a whole number from 1 to {Most}.", "limit");
    }

    /// <summary>Answers a list that is held whole: a page of it where the query asks for one.</summary>
    public static IResult Answer<T>(string? after, string? limit, IEnumerable<T> all, Func<T, string> key) => Parse(after, limit) is { } paging
        ? new PageResult<T>(paging.Slice(all, key))
        : Results.Ok(all.ToList());

    /// <summary>The page of a list that is held whole.</summary>
    public Page<T> Slice<T>(IEnumerable<T> all, Func<T, string> key) =>
        Cut([.. all.OrderBy(key, StringComparer.Ordinal).Where(item => After is null || string.CompareOrdinal(key(item), After) > 0).Take(Limit + 1)], key);

    /// <summary>The page of items that were read in order after <see cref="After"/>, one more than it holds.</summary>
    public Page<T> Cut<T>(IReadOnlyList<T> read, Func<T, string> key) =>
        read.Count > Limit ? new Page<T>([.. read.Take(Limit)], key(read[Limit - 1])) : new Page<T>(read, null);
}
