using System.Collections.Concurrent;
using System.Data.Common;
using System.Text;
using Dapper;
using GridServices.Hosting.Storage;
using GridServices.Operations.Programs;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Programs;

/// <summary>Program templates: those of this version of the program, and those that the tenant uploaded, which win where code and version are the same.</summary>
internal sealed class ProgramStore(Store store)
{
    private const int MostReadBefore = 500;
    private static readonly ConcurrentDictionary<string, ProgramTemplate> ReadBefore = new(StringComparer.Ordinal);

    /// <summary>The newest version of each.</summary>
    internal async Task<IReadOnlyList<ProgramTemplate>> ListAsync(string tenant, CancellationToken ct = default)
    {
        var uploaded = (await store.ReadAsync(db => db.QueryAsync<string>("SELECT body FROM programs WHERE tenant = @tenant", new { tenant }), ct)).Select(Read);
        return [.. TemplateCatalog.All.Concat(uploaded).GroupBy(t => t.Code, StringComparer.Ordinal).Select(g => g.OrderByDescending(t => t.Version).First()).OrderBy(t => t.Code, StringComparer.Ordinal)];
    }

    /// <summary>One version, or the newest; null: there is none.</summary>
    internal Task<ProgramTemplate?> FindAsync(string tenant, string code, int? version = null, CancellationToken ct = default) =>
        store.ReadAsync(db => FindAsync(db, null, tenant, code, version), ct);

    /// <summary>The utilities' zones of programs, by code: deadlines are in them.</summary>
    internal async Task<IReadOnlyDictionary<string, DateTimeZone>> ZonesAsync(string tenant, IEnumerable<string> codes, CancellationToken ct)
    {
        var zones = new Dictionary<string, DateTimeZone>(StringComparer.Ordinal);
        foreach (var code in codes.Distinct(StringComparer.Ordinal))
        {
            if (await FindAsync(tenant, code, null, ct) is { } template)
            {
                zones[code] = DateTimeZoneProviders.Tzdb[template.TimeZone];
            }
        }

        return zones;
    }

    internal static Task<ProgramTemplate?> FindAsync(DbTransaction tx, string tenant, string code, int? version) => FindAsync(tx.Connection!, tx, tenant, code, version);

    /// <summary>A version that is held is never changed: enrollments were made under it.</summary>
    /// <returns>False: this version is held with other content.</returns>
    internal static async Task<bool> PutAsync(AuditedTransaction transaction, ProgramTemplate template)
    {
        var body = Encoding.UTF8.GetString(TemplateReader.Write(template));
        var held = await FindAsync(transaction.Tx, transaction.Actor.Tenant, template.Code, template.Version);
        if (held is not null)
        {
            return string.Equals(Encoding.UTF8.GetString(TemplateReader.Write(held)), body, StringComparison.Ordinal);
        }

        await transaction.Tx.Connection!.ExecuteAsync(
            "INSERT INTO programs (tenant, code, version, body, created_at) VALUES (@Tenant, @Code, @version, @body, @Now)",
            new { transaction.Actor.Tenant, template.Code, version = (long)template.Version, body, transaction.Now },
            transaction.Tx);
        await transaction.AuditAsync("program", template.Code, "uploaded", null, body);
        return true;
    }

    private static async Task<ProgramTemplate?> FindAsync(DbConnection db, DbTransaction? tx, string tenant, string code, int? version)
    {
        var bodies = await db.QueryAsync<string>("SELECT body FROM programs WHERE tenant = @tenant AND code = @code", new { tenant, code }, tx);
        var known = bodies.Select(Read).Concat(TemplateCatalog.Versions(code));
        return known.Where(t => version is null || t.Version == version).OrderByDescending(t => t.Version).FirstOrDefault();
    }

    /// <summary>Each text is read once: an import asks for the same few templates with every row.</summary>
    private static ProgramTemplate Read(string body)
    {
        if (ReadBefore.Count > MostReadBefore)
        {
            ReadBefore.Clear();
        }

        return ReadBefore.GetOrAdd(body, Parse);
    }

    private static ProgramTemplate Parse(string body) =>
        TemplateReader.Read(Encoding.UTF8.GetBytes(body)).Template ?? throw new InvalidDataException("A stored program template can't be read any more.");
}
