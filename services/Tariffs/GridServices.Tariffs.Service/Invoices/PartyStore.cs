using System.Data.Common;
using Dapper;
using GridServices.Tariffs.Invoices;
using NodaTime;

namespace GridServices.Tariffs.Service.Invoices;

/// <summary>Parties and series of numbers on disk.</summary>
internal static class PartyStore
{
    public static Task<StoredContent?> PartyAsync(DbConnection db, DbTransaction? tx, string tenant, string partyId) => db.QuerySingleOrDefaultAsync<StoredContent>(
        "SELECT party_id AS Id, content AS Content, updated_at AS UpdatedAt FROM parties WHERE tenant = @tenant AND party_id = @partyId", new { tenant, partyId }, tx);

    public static Task<StoredContent?> SeriesAsync(DbConnection db, DbTransaction? tx, string tenant, string seriesId) => db.QuerySingleOrDefaultAsync<StoredContent>(
        "SELECT series_id AS Id, content AS Content, updated_at AS UpdatedAt FROM invoice_series WHERE tenant = @tenant AND series_id = @seriesId", new { tenant, seriesId }, tx);

    public static async Task<IReadOnlyList<StoredContent>> PartiesAsync(DbConnection db, string tenant, string after, int most) => [.. await db.QueryAsync<StoredContent>(
        "SELECT party_id AS Id, content AS Content, updated_at AS UpdatedAt FROM parties WHERE tenant = @tenant AND party_id > @after ORDER BY party_id LIMIT @most", new { tenant, after, most })];

    public static async Task<IReadOnlyList<StoredContent>> ListSeriesAsync(DbConnection db, string tenant, string after, int most) => [.. await db.QueryAsync<StoredContent>(
        "SELECT series_id AS Id, content AS Content, updated_at AS UpdatedAt FROM invoice_series WHERE tenant = @tenant AND series_id > @after ORDER BY series_id LIMIT @most", new { tenant, after, most })];

    /// <summary>The seller's other series.</summary>
    public static async Task<IReadOnlyList<StoredContent>> OtherSeriesAsync(DbTransaction tx, string tenant, string sellerId, string seriesId) => [.. await tx.Connection!.QueryAsync<StoredContent>(
        "SELECT series_id AS Id, content AS Content, updated_at AS UpdatedAt FROM invoice_series WHERE tenant = @tenant AND seller_id = @sellerId AND series_id <> @seriesId ORDER BY series_id",
        new { tenant, sellerId, seriesId },
        tx)];

    public static Task PutPartyAsync(DbTransaction tx, string tenant, string partyId, InvoiceParty party, Instant now) => tx.Connection!.ExecuteAsync(
        """
        INSERT INTO parties (tenant, party_id, content, updated_at) VALUES (@tenant, @partyId, @content, @now)
        ON CONFLICT (tenant, party_id) DO UPDATE SET content = excluded.content, updated_at = excluded.updated_at
        """,
        new { tenant, partyId, content = InvoiceJson.Write(party), now },
        tx);

    public static Task PutSeriesAsync(DbTransaction tx, string tenant, string seriesId, NumberSeries series, Instant now) => tx.Connection!.ExecuteAsync(
        """
        INSERT INTO invoice_series (tenant, series_id, seller_id, content, updated_at) VALUES (@tenant, @seriesId, @SellerId, @content, @now)
        ON CONFLICT (tenant, series_id) DO UPDATE SET seller_id = excluded.seller_id, content = excluded.content, updated_at = excluded.updated_at
        """,
        new { tenant, seriesId, series.SellerId, content = InvoiceJson.Write(series), now },
        tx);

    /// <summary>Of those who write a seller's invoices at once, one goes on and the others wait for its commit.</summary>
    public static Task LockAsync(DbTransaction tx, string tenant, string sellerId) =>
        tx.Connection!.ExecuteAsync("UPDATE parties SET updated_at = updated_at WHERE tenant = @tenant AND party_id = @sellerId", new { tenant, sellerId }, tx);
}

/// <summary>What was put under an id.</summary>
internal sealed class StoredContent
{
    public string Id { get; set; } = string.Empty;
    public string Content { get; set; } = string.Empty;
    public Instant UpdatedAt { get; set; }
}
