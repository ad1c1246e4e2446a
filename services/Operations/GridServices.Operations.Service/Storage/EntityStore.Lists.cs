using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;

namespace GridServices.Operations.Service.Storage;

internal abstract partial class EntityStore<T>
{
    /// <summary>SQL that holds for rows of the sites <c>{0}</c>; null: entities of this handler belong to no site, and who sees only some sites sees none.</summary>
    protected virtual string? SitesSql => "site_id IN ({0})";

    /// <summary>Fields that lists of this handler filter and sort by.</summary>
    internal IReadOnlyList<string> Fields => [.. Columns.Where(c => c.Filter is not null).Select(c => c.Field)];

    /// <summary>A page of the tenant's entities. The cursor is the last one's id, with its sorted value before it where another sort was asked.</summary>
    /// <exception cref="ProblemException">An unknown field or cursor.</exception>
    internal async Task<Page<T>> PageAsync(string tenant, ListQuery query, CancellationToken ct = default)
    {
        var parameters = new DynamicParameters(new { most = (long)query.Limit + 1 });
        var sort = query.Sort is null or "id" ? null : SortColumn(query.Sort);
        var where = string.Join(" AND ", Conditions(query, sort, parameters).DefaultIfEmpty("1 = 1"));
        var direction = query.Descending ? "DESC" : "ASC";
        var order = sort is null ? $"id {direction}" : $"{sort.Name} {direction}, id {direction}";
        var found = await WhereAsync(tenant, $"{where} ORDER BY {order} LIMIT @most", parameters, ct);
        return new Paging(query.After, query.Limit).Cut(found, e => sort is null ? e.Id : $"{e.Id}~{sort.Value(e)}");
    }

    /// <summary>How many of the tenant's entities a filter holds for.</summary>
    internal Task<long> CountAsync(string tenant, ListQuery query, CancellationToken ct = default)
    {
        var parameters = new DynamicParameters(new { tenant });
        var where = string.Join(" AND ", Conditions(query with { After = null }, null, parameters).Prepend("tenant = @tenant"));
        return Store.ReadAsync(db => db.ExecuteScalarAsync<long>($"SELECT COUNT(*) FROM {Table} WHERE {where}", parameters), ct);
    }

    /// <summary>How many there are of each value of a field, of those that a filter holds for.</summary>
    internal async Task<IReadOnlyDictionary<string, long>> CountByAsync(string tenant, string field, ListQuery query, CancellationToken ct = default)
    {
        var parameters = new DynamicParameters(new { tenant });
        var (column, where) = (SortColumn(field).Name, string.Join(" AND ", Conditions(query with { After = null }, null, parameters).Prepend("tenant = @tenant")));
        var counts = await Store.ReadAsync(db => db.QueryAsync<(string Value, long Count)>($"SELECT {column}, COUNT(*) FROM {Table} WHERE {where} GROUP BY {column}", parameters), ct);
        return counts.ToDictionary(c => c.Value, c => c.Count, StringComparer.Ordinal);
    }

    /// <summary>Everything whose column has one of the values, in the order of ids within each few hundred values.</summary>
    protected async Task<IReadOnlyList<T>> InAsync(string tenant, string column, IEnumerable<string> values, CancellationToken ct)
    {
        var found = new List<T>();
        foreach (var some in values.Distinct(StringComparer.Ordinal).Chunk(SqlNames.AtOnce))
        {
            var parameters = new DynamicParameters();
            found.AddRange(await WhereAsync(tenant, $"{column} IN ({SqlNames.Add(parameters, "v", some)}) ORDER BY id", parameters, ct));
        }

        return found;
    }

    /// <summary>The same without those whose row can't be read: each is told by its id.</summary>
    protected async Task<IReadOnlyList<T>> ReadableInAsync(string tenant, string column, IEnumerable<string> values, Action<string, Exception> unread, CancellationToken ct)
    {
        var found = new List<T>();
        foreach (var some in values.Distinct(StringComparer.Ordinal).Chunk(SqlNames.AtOnce))
        {
            var parameters = new DynamicParameters();
            found.AddRange(await WhereReadableAsync(tenant, $"{column} IN ({SqlNames.Add(parameters, "v", some)}) ORDER BY id", parameters, unread, ct));
        }

        return found;
    }

    private IEnumerable<string> Conditions(ListQuery query, Column<T>? sort, DynamicParameters parameters)
    {
        var number = 0;
        foreach (var (field, value) in query.Filter ?? [])
        {
            var column = Columns.FirstOrDefault(c => c.Filter is not null && c.Field == field) ?? throw Unknown("filter", field);
            var name = $"f{number++}";
            parameters.Add(name, column.Filter switch
            {
                ColumnFilter.Contains => $"%{Escape(value.ToLowerInvariant())}%",
                ColumnFilter.Word => $"% {Escape(value)} %",
                _ => value,
            });
            yield return column.Filter switch
            {
                ColumnFilter.Contains => $"LOWER({column.Name}) LIKE @{name} ESCAPE '!'",
                ColumnFilter.Word => $"{column.Name} LIKE @{name} ESCAPE '!'",
                _ => $"{column.Name} = @{name}",
            };
        }

        if (query.Sites is { } sites)
        {
            yield return BuildSiteCondition(sites, parameters);
        }

        if (query.After is { Length: > 0 } after)
        {
            yield return Following(after, sort, query.Descending ? "<" : ">", parameters);
        }
    }

    /// <summary>The condition that a row is of one of these sites.</summary>
    protected string BuildSiteCondition(IReadOnlySet<string> sites, DynamicParameters parameters)
    {
        if (SitesSql is null || sites.Count == 0)
        {
            return "1 = 0";
        }

        return "(" + SitesSql.Replace("{0}", SqlNames.Add(parameters, "s", sites.Order(StringComparer.Ordinal)), StringComparison.Ordinal) + ")";
    }

    private static string Following(string after, Column<T>? sort, string than, DynamicParameters parameters)
    {
        if (sort is null)
        {
            parameters.Add("after", after);
            return $"id {than} @after";
        }

        var tilde = after.IndexOf('~', StringComparison.Ordinal);
        if (tilde < 0)
        {
            throw new ProblemException(ErrorClass.CursorInvalid, "This cursor belongs to another sort; start again without after.", "after");
        }

        parameters.Add("after", after[..tilde]);
        parameters.Add("afterValue", after[(tilde + 1)..]);
        return $"({sort.Name} {than} @afterValue OR ({sort.Name} = @afterValue AND id {than} @after))";
    }

    private Column<T> SortColumn(string field) =>
        Columns.FirstOrDefault(c => c.Field == field && c.Filter is not null) ?? throw Unknown("sort", field);

    private ProblemException Unknown(string parameter, string field)
    {
        var near = Spelling.Nearest(field, Fields);
        return new ProblemException(
            ErrorClass.SemanticCode, $"'{SafeText.Line(field)}' is no field here; " + (near is null ? $"known are {string.Join(", ", Fields)}." : $"did you mean {near}?"), parameter);
    }

    private static string Escape(string text) => text.Replace("!", "!!", StringComparison.Ordinal).Replace("%", "!%", StringComparison.Ordinal).Replace("_", "!_", StringComparison.Ordinal);
}
