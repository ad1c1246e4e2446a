using System.Data.Common;
using Dapper;
using GridServices.Hosting;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Journal;

/// <summary>The journal's table.</summary>
public sealed class ExchangeStore(Store store)
{
    /// <summary>Adds rows, or brings the counts of stored ones up to date, inside the caller's transaction; returns them with their ids.</summary>
    public static async Task<IReadOnlyList<JournalRow>> WriteAsync(DbTransaction tx, ClientId client, IReadOnlyList<JournalRow> rows)
    {
        ArgumentNullException.ThrowIfNull(tx);
        ArgumentNullException.ThrowIfNull(rows);
        var written = new List<JournalRow>(rows.Count);
        foreach (var row in rows)
        {
            written.Add(row.Id is { } id ? await CountAsync(tx, id, row) : await InsertAsync(tx, client, row));
        }

        return written;
    }

    /// <summary>Newest first, before <paramref name="before"/>.</summary>
    public Task<IReadOnlyList<JournalRow>> ReadAsync(ClientId client, long before, int limit, CancellationToken ct) =>
        store.ReadAsync<IReadOnlyList<JournalRow>>(
            async db => [.. (await db.QueryAsync<Row>(
                """
                SELECT id, first_at AS FirstAt, last_at AS LastAt, times AS Times, direction AS Direction, method AS Method, href AS Href, purpose AS Purpose,
                       http_status AS HttpStatus, problem AS Problem, sha256 AS Sha256, request_body AS RequestBody, reply_body AS ReplyBody
                FROM exchanges
                WHERE tenant = @Tenant AND client_key = @Key AND id < @before
                ORDER BY id DESC
                LIMIT @limit
                """,
                new { client.Tenant, client.Key, before, limit })).Select(r => r.ToRow())],
            ct);

    /// <summary>Removes what is older, of deleted clients too.</summary>
    public Task ForgetAsync(Instant olderThan, CancellationToken ct) =>
        store.WriteAsync(tx => tx.Connection!.ExecuteAsync("DELETE FROM exchanges WHERE last_at < @olderThan", new { olderThan }, tx), ct);

    /// <summary>Removes what is beyond the newest <paramref name="keep"/> rows of a client.</summary>
    public Task TrimAsync(ClientId client, int keep, CancellationToken ct) =>
        store.WriteAsync(
            tx => tx.Connection!.ExecuteAsync(
                """
                DELETE FROM exchanges
                WHERE tenant = @Tenant AND client_key = @Key
                  AND id <= (SELECT MAX(kept.id) FROM (
                        SELECT id FROM exchanges WHERE tenant = @Tenant AND client_key = @Key ORDER BY id DESC LIMIT 1 OFFSET @keep) AS kept)
                """,
                new { client.Tenant, client.Key, keep },
                tx),
            ct);

    private static async Task<JournalRow> CountAsync(DbTransaction tx, long id, JournalRow row)
    {
        await tx.Connection!.ExecuteAsync(
            "UPDATE exchanges SET times = @Times, last_at = @LastAt WHERE id = @id", new { id, row.Times, row.LastAt }, tx);
        return row;
    }

    private static async Task<JournalRow> InsertAsync(DbTransaction tx, ClientId client, JournalRow row) => row with
    {
        Id = await tx.Connection!.ExecuteScalarAsync<long>(
            """
            INSERT INTO exchanges (tenant, client_key, first_at, last_at, times, direction, method, href, purpose, http_status, problem, sha256, request_body, reply_body)
            VALUES (@Tenant, @Key, @FirstAt, @LastAt, @Times, @Direction, @Method, @Href, @Purpose, @HttpStatus, @Problem, @Sha256, @RequestBody, @ReplyBody)
            RETURNING id
            """,
            new
            {
                client.Tenant,
                client.Key,
                row.FirstAt,
                row.LastAt,
                row.Times,
                Direction = row.Direction == ExchangeDirection.Sent ? "sent" : "received",
                row.Method,
                row.Href,
                row.Purpose,
                row.HttpStatus,
                row.Problem,
                row.Sha256,
                row.RequestBody,
                row.ReplyBody,
            },
            tx),
    };

    private sealed class Row
    {
        public long Id { get; set; }
        public Instant FirstAt { get; set; }
        public Instant LastAt { get; set; }
        public long Times { get; set; }
        public string Direction { get; set; } = string.Empty;
        public string Method { get; set; } = string.Empty;
        public string Href { get; set; } = string.Empty;
        public string Purpose { get; set; } = string.Empty;
        public long? HttpStatus { get; set; }
        public string? Problem { get; set; }
        public string? Sha256 { get; set; }
        public byte[]? RequestBody { get; set; }
        public byte[]? ReplyBody { get; set; }

        public JournalRow ToRow() => new()
        {
            Id = Id,
            FirstAt = FirstAt,
            LastAt = LastAt,
            Times = Times,
            Direction = Direction == "sent" ? ExchangeDirection.Sent : ExchangeDirection.Received,
            Method = Method,
            Href = Href,
            Purpose = Purpose,
            HttpStatus = (int?)HttpStatus,
            Problem = Problem,
            Sha256 = Sha256,
            RequestBody = RequestBody,
            ReplyBody = ReplyBody,
        };
    }
}
