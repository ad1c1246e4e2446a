using System.Data.Common;
using Dapper;
using GridServices.Hosting;
using NodaTime;

namespace GridServices.OpenAdr.Service.Journal;

/// <summary>The journal's table.</summary>
public sealed class MessageStore(Store store)
{
    /// <summary>Adds rows, or brings the counts of stored ones up to date, inside the caller's transaction; returns them with their ids.</summary>
    public static async Task<IReadOnlyList<JournalRow>> WriteAsync(DbTransaction tx, VenId ven, IReadOnlyList<JournalRow> rows)
    {
        ArgumentNullException.ThrowIfNull(tx);
        ArgumentNullException.ThrowIfNull(rows);
        var written = new List<JournalRow>(rows.Count);
        foreach (var row in rows)
        {
            written.Add(row.Id is { } id ? await CountAsync(tx, id, row) : await InsertAsync(tx, ven, row));
        }

        return written;
    }

    /// <summary>Newest first, before <paramref name="before"/>.</summary>
    public Task<IReadOnlyList<JournalRow>> ReadAsync(VenId ven, long before, int limit, CancellationToken ct) =>
        store.ReadAsync<IReadOnlyList<JournalRow>>(
            async db => [.. (await db.QueryAsync<Row>(
                """
                SELECT id, first_at AS FirstAt, last_at AS LastAt, times AS Times, direction AS Direction, service AS Service, message AS Message,
                       http_status AS HttpStatus, problem AS Problem, sha256 AS Sha256, body AS Body
                FROM messages
                WHERE tenant = @Tenant AND ven_key = @Key AND id < @before
                ORDER BY id DESC
                LIMIT @limit
                """,
                new { ven.Tenant, ven.Key, before, limit })).Select(r => r.ToRow())],
            ct);

    /// <summary>Removes what is older, of deleted VENs too.</summary>
    public Task ForgetAsync(Instant olderThan, CancellationToken ct) =>
        store.WriteAsync(tx => tx.Connection!.ExecuteAsync("DELETE FROM messages WHERE last_at < @olderThan", new { olderThan }, tx), ct);

    /// <summary>Removes what is beyond the newest <paramref name="keep"/> rows of a VEN.</summary>
    public Task TrimAsync(VenId ven, int keep, CancellationToken ct) =>
        store.WriteAsync(
            tx => tx.Connection!.ExecuteAsync(
                """
                DELETE FROM messages
                WHERE tenant = @Tenant AND ven_key = @Key
                  AND id <= (SELECT MAX(kept.id) FROM (
                        SELECT id FROM messages WHERE tenant = @Tenant AND ven_key = @Key ORDER BY id DESC LIMIT 1 OFFSET @keep) AS kept)
                """,
                new { ven.Tenant, ven.Key, keep },
                tx),
            ct);

    private static async Task<JournalRow> CountAsync(DbTransaction tx, long id, JournalRow row)
    {
        await tx.Connection!.ExecuteAsync(
            "UPDATE messages SET times = @Times, last_at = @LastAt WHERE id = @id", new { id, row.Times, row.LastAt }, tx);
        return row;
    }

    private static async Task<JournalRow> InsertAsync(DbTransaction tx, VenId ven, JournalRow row) => row with
    {
        Id = await tx.Connection!.ExecuteScalarAsync<long>(
            """
            INSERT INTO messages (tenant, ven_key, first_at, last_at, times, direction, service, message, http_status, problem, sha256, body)
            VALUES (@Tenant, @Key, @FirstAt, @LastAt, @Times, @Direction, @Service, @Message, @HttpStatus, @Problem, @Sha256, @Body)
            RETURNING id
            """,
            new
            {
                ven.Tenant,
                ven.Key,
                row.FirstAt,
                row.LastAt,
                row.Times,
                Direction = row.Direction == MessageDirection.Sent ? "sent" : "received",
                row.Service,
                row.Message,
                row.HttpStatus,
                row.Problem,
                row.Sha256,
                row.Body,
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
        public string Service { get; set; } = string.Empty;
        public string? Message { get; set; }
        public long? HttpStatus { get; set; }
        public string? Problem { get; set; }
        public string? Sha256 { get; set; }
        public byte[]? Body { get; set; }

        public JournalRow ToRow() => new()
        {
            Id = Id,
            FirstAt = FirstAt,
            LastAt = LastAt,
            Times = Times,
            Direction = Direction == "sent" ? MessageDirection.Sent : MessageDirection.Received,
            Service = Service,
            Message = Message,
            HttpStatus = (int?)HttpStatus,
            Problem = Problem,
            Sha256 = Sha256,
            Body = Body,
        };
    }
}
