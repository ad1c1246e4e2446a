using System.Data.Common;
using System.Globalization;
using Dapper;
using NodaTime;

namespace GridServices.Tariffs.Service.Registry;

/// <summary>What was done to a tariff.</summary>
public enum TariffChangeKind
{
    /// <summary>A version was put and is in force.</summary>
    Put,

    /// <summary>A version was put and is held for approval.</summary>
    Held,

    /// <summary>A held version was approved and is in force.</summary>
    Approved,

    /// <summary>A held version was turned down or taken back.</summary>
    Rejected,

    /// <summary>All versions were deleted.</summary>
    Deleted,

    /// <summary>Somebody wants all versions deleted; a second person has to delete them.</summary>
    DeletionAsked,
}

/// <summary>One entry of a tariff's history: who did what, by the names of their tokens.</summary>
public sealed record TariffChange
{
    public string ChangeId { get; init; } = string.Empty;

    public TariffChangeKind What { get; init; }

    /// <summary>Absent = all of them.</summary>
    public string? Version { get; init; }

    /// <summary>SHA-256 of the content that was put, approved or turned down; its ETag.</summary>
    public string? Hash { get; init; }

    /// <summary>Of the content in whose place it stands; absent = there was none.</summary>
    public string? Replaced { get; init; }

    /// <summary>The token that put what was approved or turned down.</summary>
    public string? Author { get; init; }

    /// <summary>The token that did this.</summary>
    public string By { get; init; } = string.Empty;

    public string? Reason { get; init; }

    public Instant At { get; init; }
}

/// <summary>The history on disk.</summary>
internal static class TariffChanges
{
    /// <summary>How long a wish to delete waits for a second person.</summary>
    private static readonly Duration AskedFor = Duration.FromDays(7);

    public static async Task AddAsync(DbTransaction tx, string tenant, string tariffId, TariffChange change) => await tx.Connection!.ExecuteAsync(
        """
        INSERT INTO tariff_changes (tenant, tariff_id, change_id, version, what, hash, replaced, author, by_token, reason, at)
        VALUES (@tenant, @tariffId, @changeId, @Version, @what, @Hash, @Replaced, @Author, @By, @Reason, @At)
        """,
        new
        {
            tenant,
            tariffId,
            changeId = await NextIdAsync(tx, tenant, tariffId),
            change.Version,
            what = change.What.ToString(),
            change.Hash,
            change.Replaced,
            change.Author,
            change.By,
            change.Reason,
            change.At
        },
        tx);

    /// <summary>After every change there is, whatever the clocks of those who wrote them said: what is done last withdraws a wish to delete.</summary>
    private static async Task<string> NextIdAsync(DbTransaction tx, string tenant, string tariffId)
    {
        var (last, next) = (await tx.Connection!.QueryFirstOrDefaultAsync<string>(
            "SELECT change_id FROM tariff_changes WHERE tenant = @tenant AND tariff_id = @tariffId ORDER BY change_id DESC LIMIT 1", new { tenant, tariffId }, tx), Guid.CreateVersion7().ToString());
        if (last is null || string.CompareOrdinal(last, next) < 0)
        {
            return next;
        }

        // The first 48 bits of an id are its milliseconds.
        var milliseconds = long.Parse(last.Replace("-", "", StringComparison.Ordinal)[..12], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return Guid.CreateVersion7(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds + 1)).ToString();
    }

    /// <summary>Who asked for the deletion of what is in force, where nothing was changed since and it is not long ago; null = nobody.</summary>
    public static async Task<string?> DeletionAskedByAsync(DbTransaction tx, string tenant, string tariffId, string hash, Instant now)
    {
        var last = await tx.Connection!.QueryFirstOrDefaultAsync<(string What, string? Hash, string By, Instant At)>(
            "SELECT what, hash, by_token, at FROM tariff_changes WHERE tenant = @tenant AND tariff_id = @tariffId ORDER BY change_id DESC LIMIT 1", new { tenant, tariffId }, tx);
        return last.What == nameof(TariffChangeKind.DeletionAsked) && last.Hash == hash && last.At > now - AskedFor ? last.By : null;
    }

    public static async Task<IReadOnlyList<TariffChange>> ListAsync(DbConnection db, string tenant, string tariffId, string after, int most) =>
        [.. (await db.QueryAsync<ChangeRow>(
            """
            SELECT change_id AS ChangeId, version AS Version, what AS What, hash AS Hash, replaced AS Replaced, author AS Author, by_token AS ByToken, reason AS Reason, at AS At
            FROM tariff_changes WHERE tenant = @tenant AND tariff_id = @tariffId AND change_id > @after ORDER BY change_id LIMIT @most
            """,
            new { tenant, tariffId, after, most })).Select(r => r.Change)];

    private sealed class ChangeRow
    {
        public string ChangeId { get; set; } = string.Empty;
        public string? Version { get; set; }
        public string What { get; set; } = string.Empty;
        public string? Hash { get; set; }
        public string? Replaced { get; set; }
        public string? Author { get; set; }
        public string ByToken { get; set; } = string.Empty;
        public string? Reason { get; set; }
        public Instant At { get; set; }

        public TariffChange Change => new()
        {
            ChangeId = ChangeId,
            What = Enum.Parse<TariffChangeKind>(What),
            Version = Version,
            Hash = Hash,
            Replaced = Replaced,
            Author = Author,
            By = ByToken,
            Reason = Reason,
            At = At,
        };
    }
}
