using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Web;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Requests;
using GridServices.Tariffs.Service.Prices;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Service.Registry;

/// <summary>Tariffs on disk, by tenant, id and version. What was billed with a version is not changed under its name unless asked for by ETag.</summary>
internal sealed class TariffStore(Store store)
{
    private const int MostCompiled = 2_000;
    private const int MostNamed = 10;
    // As pages are cut, whatever the order of the database's own language.
    private string ByCode => store.Dialect == Dialect.PostgreSql ? "COLLATE \"C\"" : "COLLATE BINARY";

    private readonly ConcurrentDictionary<string, CompiledTariff> compiled = new(StringComparer.Ordinal);

    /// <summary>Puts a version; true = it is new. The same content again changes nothing.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="tariff">What.</param>
    /// <param name="ifMatch">The hash that must be held for other content to take its place; <c>*</c> = any; null = none may be held.</param>
    /// <param name="by">The caller's token, for the history.</param>
    /// <param name="now">When.</param>
    /// <param name="ct">Given up only before the commit starts.</param>
    /// <exception cref="ProblemException">CONFLICT: the version is held with other content; as 412 where If-Match was given.</exception>
    public Task<bool> PutAsync(string tenant, StoredTariff tariff, string? ifMatch, string by, Instant now, CancellationToken ct) => store.WriteAsync(
        async tx =>
        {
            var held = await HashAsync(tx, tenant, tariff.TariffId, tariff.Version);
            RequireHeld(tariff, ifMatch, held);
            await StoreAsync(tx, tenant, tariff, now);
            if (held != tariff.Hash)
            {
                await TariffChanges.AddAsync(tx, tenant, tariff.TariffId,
                    new TariffChange { What = TariffChangeKind.Put, Version = tariff.Version, Hash = tariff.Hash, Replaced = held, By = by, At = now });
            }

            return held is null;
        },
        ct);

    /// <summary>Of the version in force; null = there is none.</summary>
    internal static async Task<string?> HashAsync(DbTransaction tx, string tenant, string tariffId, string version) => await tx.Connection!.QuerySingleOrDefaultAsync<string>(
        "SELECT hash FROM tariffs WHERE tenant = @tenant AND tariff_id = @tariffId AND version = @version", new { tenant, tariffId, version }, tx);

    internal static void RequireHeld(StoredTariff tariff, string? ifMatch, string? held)
    {
        if (ifMatch is not null && ifMatch != "*" && ifMatch != held)
        {
            throw EntityTags.Mismatch($"Version '{tariff.Version}' is not held with the ETag in If-Match; read it again.");
        }

        if (held is not null && held != tariff.Hash && ifMatch is null)
        {
            throw new ProblemException(
                ErrorClass.Conflict, $"Version '{tariff.Version}' is held with other content. Give the change a version of its own, or send If-Match with the held ETag \"{held}\" to replace it.", "/version");
        }
    }

    internal static async Task StoreAsync(DbTransaction tx, string tenant, StoredTariff tariff, Instant now)
    {
        await InsertAsync(tx, tenant, tariff, now);
        await PublishedPriceStore.WakeTariffAsync(tx, tenant, tariff.TariffId, now);
    }

    private static Task<int> InsertAsync(DbTransaction tx, string tenant, StoredTariff tariff, Instant now) => tx.Connection!.ExecuteAsync(
        """
        INSERT INTO tariffs (tenant, tariff_id, version, kind, hash, content, updated_at) VALUES (@tenant, @TariffId, @Version, @Kind, @Hash, @Content, @now)
        ON CONFLICT (tenant, tariff_id, version) DO UPDATE SET kind = excluded.kind, hash = excluded.hash, content = excluded.content, updated_at = excluded.updated_at
        """,
        new { tenant, tariff.TariffId, tariff.Version, tariff.Kind, tariff.Hash, tariff.Content, now },
        tx);

    /// <summary>All versions of a tariff, the one put last first.</summary>
    public Task<ImmutableArray<StoredTariff>> VersionsAsync(string tenant, string tariffId, CancellationToken ct) => store.ReadAsync(
        async db => (await db.QueryAsync<StoredTariff>(
            """
            SELECT tariff_id AS TariffId, version AS Version, kind AS Kind, hash AS Hash, content AS Content
            FROM tariffs WHERE tenant = @tenant AND tariff_id = @tariffId ORDER BY updated_at DESC, version DESC
            """,
            new { tenant, tariffId })).ToImmutableArray(),
        ct);

    /// <summary>Tariffs in the order of their ids, after one of them; those too of which no version is in force yet.</summary>
    public Task<IReadOnlyList<TariffItem>> ListAsync(string tenant, string after, int most, CancellationToken ct) => store.ReadAsync<IReadOnlyList<TariffItem>>(
        async db => [
            .. (await db.QueryAsync<TariffRow>(
                $"""
                SELECT tariff_id AS TariffId, version AS Version, kind AS Kind, hash AS Hash, NULL AS Author, updated_at AS UpdatedAt FROM tariffs
                WHERE tenant = @tenant AND tariff_id IN (SELECT tariff_id FROM tariffs WHERE tenant = @tenant AND tariff_id {ByCode} > @after GROUP BY tariff_id ORDER BY tariff_id {ByCode} LIMIT @most)
                UNION ALL
                SELECT tariff_id AS TariffId, version AS Version, kind AS Kind, hash AS Hash, author AS Author, put_at AS UpdatedAt FROM held_tariffs
                WHERE tenant = @tenant AND tariff_id IN (SELECT tariff_id FROM held_tariffs WHERE tenant = @tenant AND tariff_id {ByCode} > @after GROUP BY tariff_id ORDER BY tariff_id {ByCode} LIMIT @most)
                """,
                new { tenant, after, most }))
                .OrderByDescending(t => t.UpdatedAt).ThenByDescending(t => t.Version, StringComparer.Ordinal)
                .GroupBy(t => t.TariffId, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal).Take(most)
                .Select(g => new TariffItem(
                    g.Key,
                    g.First().Kind,
                    [.. g.Where(t => t.Author is null).Select(t => new TariffVersion(t.Version, t.Hash))],
                    [.. g.Where(t => t.Author is not null).Select(t => new HeldVersion(t.Version, t.Hash, t.Author!, t.UpdatedAt))],
                    g.First().UpdatedAt))],
        ct);

    /// <summary>Deletes all versions of a tariff, while nothing uses it; false = it waits for a second person.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="tariffId">Which.</param>
    /// <param name="requireMatch">Throws where the hash of the version put last is not the one that the caller has seen.</param>
    /// <param name="needsSecond">The first token only asks for it; another one deletes. Whatever is done to the tariff in between withdraws it.</param>
    /// <param name="by">The caller's token, for the history.</param>
    /// <param name="now">When.</param>
    /// <param name="ct">Given up only before the commit starts.</param>
    /// <exception cref="ProblemException">NOT_FOUND; CONFLICT: meters or running billing runs use it, or somebody else's version of it waits for approval.</exception>
    public Task<bool> DeleteAsync(string tenant, string tariffId, Action<string> requireMatch, bool needsSecond, string by, Instant now, CancellationToken ct) => store.WriteAsync(
        async tx =>
        {
            var latest = await tx.Connection!.QueryFirstOrDefaultAsync<string>(
                "SELECT hash FROM tariffs WHERE tenant = @tenant AND tariff_id = @tariffId ORDER BY updated_at DESC, version DESC LIMIT 1", new { tenant, tariffId }, tx)
                ?? throw new ProblemException(ErrorClass.NotFound, $"There is no tariff '{tariffId}'. GET /v1/tariffs lists those there are.");
            requireMatch(latest);
            await HeldTariffs.RequireNoneOfOthersAsync(tx, tenant, tariffId, by);
            await RequireUnusedAsync(tx, tenant, tariffId);
            var asked = needsSecond ? await TariffChanges.DeletionAskedByAsync(tx, tenant, tariffId, latest, now) : null;
            if (needsSecond && (asked is null || asked == by))
            {
                if (asked is null)
                {
                    await TariffChanges.AddAsync(tx, tenant, tariffId, new TariffChange { What = TariffChangeKind.DeletionAsked, Hash = latest, By = by, At = now });
                }

                return false;
            }

            await HeldTariffs.DropAllAsync(tx, tenant, tariffId);
            await TariffChanges.AddAsync(tx, tenant, tariffId, new TariffChange { What = TariffChangeKind.Deleted, Author = asked, By = by, At = now });
            await tx.Connection!.ExecuteAsync("DELETE FROM tariffs WHERE tenant = @tenant AND tariff_id = @tariffId", new { tenant, tariffId }, tx);
            return true;
        },
        ct);

    private static async Task RequireUnusedAsync(DbTransaction tx, string tenant, string tariffId)
    {
        var meters = await tx.Connection!.QueryAsync<string>(
            "SELECT meter_id FROM meters WHERE tenant = @tenant AND tariff_id = @tariffId ORDER BY meter_id LIMIT @MostNamed", new { tenant, tariffId, MostNamed }, tx);
        var runs = (await tx.Connection!.QueryAsync<(string RunId, string Request)>("SELECT run_id, request FROM billing_runs WHERE tenant = @tenant AND finished_at IS NULL", new { tenant }, tx))
            .Where(run => BillingRunRequest.Stored(run.Request).TariffId == tariffId);
        string[] users = [.. meters.Select(m => $"meter '{m}'"), .. runs.Take(MostNamed).Select(r => $"billing run '{r.RunId}'")];
        if (users.Length > 0)
        {
            throw new ProblemException(ErrorClass.Conflict, $"Tariff '{tariffId}' is used by {string.Join(", ", users)}; give these another tariff first, or wait for the runs.");
        }
    }

    /// <summary>The stored tariffs that a request names, ready to bill with.</summary>
    public async Task<KnownTariffs> NamedInAsync(ReadOnlyMemory<byte> request, string tenant, CancellationToken ct)
    {
        var known = new Dictionary<string, ImmutableArray<CompiledTariff>>(StringComparer.Ordinal);
        foreach (var id in TariffReferences.In(request.Span))
        {
            known[id] = await CompiledAsync(tenant, id, ct);
        }

        return id => known.GetValueOrDefault(id, []);
    }

    /// <summary>The stored OCPI tariff that a request names, as it came.</summary>
    public async Task<Func<string, ReadOnlyMemory<byte>?>> OcpiNamedInAsync(ReadOnlyMemory<byte> request, string tenant, CancellationToken ct)
    {
        var known = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var id in TariffReferences.In(request.Span))
        {
            if ((await VersionsAsync(tenant, id, ct)).FirstOrDefault(t => t.Kind == StoredTariff.Ocpi) is { } tariff)
            {
                known[id] = Encoding.UTF8.GetBytes(Verify(tariff));
            }
        }

        return id => known.TryGetValue(id, out var content) ? content : null;
    }

    /// <summary>All versions of a tariff of our own schema, compiled; empty where there is none.</summary>
    public async Task<ImmutableArray<CompiledTariff>> CompiledAsync(string tenant, string tariffId, CancellationToken ct) =>
        [.. (await VersionsAsync(tenant, tariffId, ct)).Where(t => t.Kind == StoredTariff.Own).Select(Compiled)];

    /// <summary>The same inside a transaction: contents are read only where they are not compiled yet.</summary>
    public async Task<ImmutableArray<CompiledTariff>> CompiledAsync(DbTransaction tx, string tenant, string tariffId)
    {
        var hashes = (await tx.Connection!.QueryAsync<string>(
            "SELECT hash FROM tariffs WHERE tenant = @tenant AND tariff_id = @tariffId AND kind = @Own ORDER BY updated_at DESC, version DESC",
            new { tenant, tariffId, StoredTariff.Own },
            tx)).ToArray();
        var known = ImmutableArray.CreateBuilder<CompiledTariff>(hashes.Length);
        foreach (var hash in hashes)
        {
            known.Add(compiled.TryGetValue(hash, out var held) ? held : Compiled(await tx.Connection!.QuerySingleAsync<StoredTariff>(
                "SELECT tariff_id AS TariffId, version AS Version, kind AS Kind, hash AS Hash, content AS Content FROM tariffs WHERE tenant = @tenant AND tariff_id = @tariffId AND hash = @hash",
                new { tenant, tariffId, hash },
                tx)));
        }

        return known.MoveToImmutable();
    }

    private CompiledTariff Compiled(StoredTariff tariff)
    {
        if (compiled.Count > MostCompiled)
        {
            compiled.Clear();
        }

        return compiled.GetOrAdd(tariff.Hash, static (_, stored) => CompiledTariff.Compile(TariffJson.Stored(Verify(stored))), tariff);
    }

    /// <summary>The content, if it is what was put: a price whose digits changed on the disk must not make a bill.</summary>
    private static string Verify(StoredTariff tariff) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(tariff.Content))) == tariff.Hash
            ? tariff.Content
            : throw new ProblemException(
                ErrorClass.Unavailable, $"The stored content of tariff '{tariff.TariffId}', version '{tariff.Version}', does not fit its hash: it was damaged in the store. Put that version again.");
}

/// <summary>One version, without its content.</summary>
internal sealed class TariffRow
{
    public string TariffId { get; set; } = string.Empty;
    public string Version { get; set; } = string.Empty;
    public string Kind { get; set; } = string.Empty;
    public string Hash { get; set; } = string.Empty;

    /// <summary>Who put it; null = it is in force.</summary>
    public string? Author { get; set; }

    public Instant UpdatedAt { get; set; }
}

/// <summary>One version as it is stored.</summary>
internal sealed record StoredTariff
{
    public const string Own = "own";
    public const string Ocpi = "ocpi";

    public string TariffId { get; init; } = string.Empty;
    public string Version { get; init; } = string.Empty;
    public string Kind { get; init; } = Own;

    /// <summary>SHA-256 of the content; its ETag.</summary>
    public string Hash { get; init; } = string.Empty;

    public string Content { get; init; } = string.Empty;
}
