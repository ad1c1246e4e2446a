using System.Data.Common;
using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Web;
using NodaTime;

namespace GridServices.Tariffs.Service.Registry;

/// <summary>
/// Versions that wait for a second person. They lie apart from those in force, so that no bill, live meter or calculation can read one by mistake.
/// <code>
///   PUT (author) ─▶ held ─▶ POST approval (another token) ─▶ in force
///                    └────▶ POST rejection ─▶ gone
/// </code>
/// </summary>
internal sealed class HeldTariffs(Store store)
{
    private const string Columns = "tariff_id AS TariffId, version AS Version, kind AS Kind, hash AS Hash, content AS Content, replaces AS Replaces, author AS Author, put_at AS PutAt";

    /// <summary>Holds a version; false = the same is in force or held already, and nothing changes.</summary>
    /// <exception cref="ProblemException">CONFLICT: other content is held or in force under the version; as 412 where If-Match was given.</exception>
    public Task<bool> PutAsync(string tenant, StoredTariff tariff, string? ifMatch, string author, Instant now, CancellationToken ct) => store.WriteAsync(
        async tx =>
        {
            var inForce = await TariffStore.HashAsync(tx, tenant, tariff.TariffId, tariff.Version);
            var held = await FindAsync(tx.Connection!, tx, tenant, tariff.TariffId, tariff.Version);
            var current = held?.Hash ?? inForce;
            TariffStore.RequireHeld(tariff, ifMatch, current);
            if (tariff.Hash == current)
            {
                return false;
            }

            await DropAsync(tx, tenant, tariff.TariffId, tariff.Version);
            await tx.Connection!.ExecuteAsync(
                "INSERT INTO held_tariffs (tenant, tariff_id, version, kind, hash, content, replaces, author, put_at) VALUES (@tenant, @TariffId, @Version, @Kind, @Hash, @Content, @inForce, @author, @now)",
                new { tenant, tariff.TariffId, tariff.Version, tariff.Kind, tariff.Hash, tariff.Content, inForce, author, now },
                tx);
            await TariffChanges.AddAsync(tx, tenant, tariff.TariffId,
                new TariffChange { What = TariffChangeKind.Held, Version = tariff.Version, Hash = tariff.Hash, Replaced = inForce, By = author, At = now });
            return true;
        },
        ct);

    /// <summary>Puts a held version in force. The same again changes nothing.</summary>
    /// <exception cref="ProblemException">NOT_FOUND, 412 (another content is held), AUTHZ_ROLE (the author's own token), CONFLICT (what is in force was changed since).</exception>
    public Task ApproveAsync(string tenant, string tariffId, string version, string hash, string approver, Instant now, CancellationToken ct) => store.WriteAsync(
        async tx =>
        {
            var inForce = await TariffStore.HashAsync(tx, tenant, tariffId, version);
            if (await FindAsync(tx.Connection!, tx, tenant, tariffId, version) is not { } held)
            {
                return inForce == hash ? false : throw NotHeld(tariffId, version);
            }

            RequireSame(held, hash);
            if (held.Author == approver)
            {
                throw new ProblemException(ErrorClass.AuthzRole, $"Version '{version}' was put with the token '{approver}'; somebody else has to approve it, with a token of their own.");
            }

            if (held.Replaces != inForce)
            {
                throw new ProblemException(ErrorClass.Conflict, $"Version '{version}' in force was changed since this was put; reject it, and put the change again.", "/version");
            }

            await TariffStore.StoreAsync(tx, tenant, held.Tariff, now);
            await DropAsync(tx, tenant, tariffId, version);
            await TariffChanges.AddAsync(tx, tenant, tariffId,
                new TariffChange { What = TariffChangeKind.Approved, Version = version, Hash = held.Hash, Replaced = inForce, Author = held.Author, By = approver, At = now });
            return true;
        },
        ct);

    /// <summary>Turns a held version down, or takes it back.</summary>
    /// <exception cref="ProblemException">NOT_FOUND, or 412: another content is held.</exception>
    public Task RejectAsync(string tenant, string tariffId, string version, string hash, string by, string? reason, Instant now, CancellationToken ct) => store.WriteAsync(
        async tx =>
        {
            var held = await FindAsync(tx.Connection!, tx, tenant, tariffId, version);
            if (held is null && await WasRejectedAsync(tx, tenant, tariffId, version, hash))
            {
                return false;
            }

            RequireSame(held ?? throw NotHeld(tariffId, version), hash);
            await DropAsync(tx, tenant, tariffId, version);
            await TariffChanges.AddAsync(tx, tenant, tariffId,
                new TariffChange { What = TariffChangeKind.Rejected, Version = version, Hash = held.Hash, Author = held.Author, By = by, Reason = reason, At = now });
            return true;
        },
        ct);

    /// <summary>The held versions of a tariff, the one put last first.</summary>
    public Task<IReadOnlyList<HeldTariff>> ListVersionsAsync(string tenant, string tariffId, CancellationToken ct) => store.ReadAsync<IReadOnlyList<HeldTariff>>(
        async db => [.. await db.QueryAsync<HeldTariff>($"SELECT {Columns} FROM held_tariffs WHERE tenant = @tenant AND tariff_id = @tariffId ORDER BY put_at DESC, version DESC", new { tenant, tariffId })],
        ct);

    /// <summary>What another person put is turned down by name, and does not vanish beside something else.</summary>
    /// <exception cref="ProblemException">CONFLICT: it is there.</exception>
    public static async Task RequireNoneOfOthersAsync(DbTransaction tx, string tenant, string tariffId, string by)
    {
        if (await tx.Connection!.QueryFirstOrDefaultAsync<HeldTariff>(
            $"SELECT {Columns} FROM held_tariffs WHERE tenant = @tenant AND tariff_id = @tariffId AND author <> @by ORDER BY version LIMIT 1", new { tenant, tariffId, by }, tx) is { } held)
        {
            throw new ProblemException(ErrorClass.Conflict, $"Version '{held.Version}' of tariff '{tariffId}', which '{held.Author}' put, waits for approval; approve it or turn it down first.");
        }
    }

    /// <summary>All versions of a tariff in the transaction that deletes it.</summary>
    public static Task DropAllAsync(DbTransaction tx, string tenant, string tariffId) =>
        tx.Connection!.ExecuteAsync("DELETE FROM held_tariffs WHERE tenant = @tenant AND tariff_id = @tariffId", new { tenant, tariffId }, tx);

    private static Task<int> DropAsync(DbTransaction tx, string tenant, string tariffId, string version) =>
        tx.Connection!.ExecuteAsync("DELETE FROM held_tariffs WHERE tenant = @tenant AND tariff_id = @tariffId AND version = @version", new { tenant, tariffId, version }, tx);

    private static async Task<HeldTariff?> FindAsync(DbConnection db, DbTransaction tx, string tenant, string tariffId, string version) => await db.QuerySingleOrDefaultAsync<HeldTariff>(
        $"SELECT {Columns} FROM held_tariffs WHERE tenant = @tenant AND tariff_id = @tariffId AND version = @version", new { tenant, tariffId, version }, tx);

    private static async Task<bool> WasRejectedAsync(DbTransaction tx, string tenant, string tariffId, string version, string hash) => await tx.Connection!.QueryFirstOrDefaultAsync<string>(
        "SELECT what FROM tariff_changes WHERE tenant = @tenant AND tariff_id = @tariffId AND version = @version AND (@hash = '*' OR hash = @hash) ORDER BY change_id DESC LIMIT 1",
        new { tenant, tariffId, version, hash },
        tx) == nameof(TariffChangeKind.Rejected);

    private static void RequireSame(HeldTariff held, string hash)
    {
        if (hash != "*" && hash != held.Hash)
        {
            throw EntityTags.Mismatch($"Version '{held.Version}' is held with the ETag \"{held.Hash}\", which If-Match does not name; read it again (state=held).");
        }
    }

    private static ProblemException NotHeld(string tariffId, string version) =>
        new(ErrorClass.NotFound, $"Version '{version}' of tariff '{tariffId}' is not held for approval; GET /v1/tariffs lists those that are.");
}

/// <summary>A version that waits for approval.</summary>
internal sealed class HeldTariff
{
    public string TariffId { get; set; } = string.Empty;
    public string Version { get; set; } = string.Empty;
    public string Kind { get; set; } = StoredTariff.Own;
    public string Hash { get; set; } = string.Empty;
    public string Content { get; set; } = string.Empty;
    public string? Replaces { get; set; }
    public string Author { get; set; } = string.Empty;
    public Instant PutAt { get; set; }

    public StoredTariff Tariff => new() { TariffId = TariffId, Version = Version, Kind = Kind, Hash = Hash, Content = Content };
}
