using Dapper;
using GridServices.Hosting.Storage;
using GridServices.Operations.Service.Enrollments;

namespace GridServices.Operations.Service.Provisioning;

/// <summary>
/// Work that may touch the same document is done one after the other: of enrollments that share a site, VEN or client, or a document of before, also by way of
/// others. One writes the documents of all that share with it.
/// </summary>
internal sealed class EnrollmentGroups(Store store)
{
    /// <returns>Each row once, in the order given; rows of two lists share no document.</returns>
    internal async Task<IReadOnlyList<IReadOnlyList<WorkRow>>> GroupAsync(IReadOnlyList<WorkRow> rows, CancellationToken ct)
    {
        var known = new Dictionary<(string Tenant, string Column, string Key), IReadOnlySet<string>>();
        var groups = new List<(HashSet<string> Marks, List<WorkRow> Rows)>();
        foreach (var row in rows)
        {
            var marks = await ListMarksAsync(row, known, ct);
            var touched = groups.Where(g => g.Marks.Overlaps(marks)).ToList();
            groups.RemoveAll(touched.Contains);
            foreach (var (others, _) in touched)
            {
                marks.UnionWith(others);
            }

            groups.Add((marks, [.. touched.SelectMany(g => g.Rows), row]));
        }

        var place = rows.Index().ToDictionary(r => r.Item, r => r.Index);
        return [.. groups.Select(g => g.Rows.OrderBy(r => place[r]).ToList())];
    }

    private async Task<HashSet<string>> ListMarksAsync(WorkRow row, Dictionary<(string Tenant, string Column, string Key), IReadOnlySet<string>> known, CancellationToken ct)
    {
        var marks = new HashSet<string>(StringComparer.Ordinal) { $"{row.Tenant} enrollment {row.EnrollmentId}" };
        // Of the columns alone: a row that can't be read fails by itself, and takes no other's work with it.
        var (site, ven, client) = await store.ReadAsync(
            db => db.QuerySingleOrDefaultAsync<(string?, string?, string?)>(
                "SELECT site_id, ven_key, client_key FROM enrollments WHERE tenant = @Tenant AND id = @EnrollmentId", new { row.Tenant, row.EnrollmentId }), ct);
        foreach (var (column, key) in new[] { ("site_id", site), ("ven_key", ven), ("client_key", client) })
        {
            if (key is not null)
            {
                var at = (row.Tenant, column, key);
                marks.UnionWith(known.TryGetValue(at, out var held) ? held : known[at] = await ListSharedAsync(row.Tenant, column, key, ct));
            }
        }

        return marks;
    }

    /// <summary>What the enrollments of one site, VEN or client are known by at the services, and have there.</summary>
    private Task<IReadOnlySet<string>> ListSharedAsync(string tenant, string column, string key, CancellationToken ct) => store.ReadAsync<IReadOnlySet<string>>(
        async db =>
        {
            var marks = new HashSet<string>(StringComparer.Ordinal);
            var keys = await db.QueryAsync<(string, string?, string?)>(
                $"SELECT DISTINCT site_id, ven_key, client_key FROM enrollments WHERE tenant = @tenant AND {column} = @key", new { tenant, key });
            foreach (var (site, ven, client) in keys)
            {
                marks.Add($"{tenant} site {site}");
                marks.UnionWith(ven is null ? [] : [$"{tenant} ven {ven}"]);
                marks.UnionWith(client is null ? [] : [$"{tenant} client {client}"]);
            }

            marks.UnionWith((await db.QueryAsync<string>(
                $"SELECT DISTINCT d.path FROM document_enrollments d JOIN enrollments e ON e.tenant = d.tenant AND e.id = d.enrollment_id WHERE e.tenant = @tenant AND e.{column} = @key",
                new { tenant, key }))
                .Select(path => $"{tenant} document {path}"));
            return marks;
        },
        ct);
}
