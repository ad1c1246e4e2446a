using System.Data.Common;
using NodaTime;

namespace GridServices.Hosting.Publishing;

/// <summary>Keeps the latest word on each stream, in the transaction that also adds it to the outbox.</summary>
internal static class PublishedStreams
{
    private const int RowsPerInsert = 50;
    private static readonly string[] Columns = ["k", "s", "r", "w", "b", "p"];

    /// <param name="tx">The transaction.</param>
    /// <param name="items">In the order in which they are sent; of several for one stream the last one counts.</param>
    /// <param name="now">When.</param>
    /// <param name="run">The start of the service in which they are said.</param>
    internal static async Task SaveAsync(DbTransaction tx, IReadOnlyList<OutboxItem> items, Instant now, string run)
    {
        // PostgreSQL refuses one statement that touches a row twice.
        var latest = items.Count == 1
            ? [.. items.Where(item => item.Stream is not null)]
            : items.Where(item => item.Stream is not null).GroupBy(item => item.Stream!.Key, StringComparer.Ordinal).Select(group => group.Last()).ToList();
        if (latest.Count == 0)
        {
            return;
        }

        await using var upsert = tx.Connection!.CreateCommand();
        upsert.Transaction = tx;
        var prepared = 0;
        for (var from = 0; from < latest.Count; from += RowsPerInsert)
        {
            var rows = Math.Min(RowsPerInsert, latest.Count - from);
            if (rows != prepared)
            {
                Prepare(upsert, rows, now, run);
                prepared = rows;
            }

            for (var row = 0; row < rows; row++)
            {
                Fill(upsert, 2 + (row * Columns.Length), latest[from + row]);
            }

            await upsert.ExecuteNonQueryAsync();
        }
    }

    private static void Fill(DbCommand upsert, int at, OutboxItem item)
    {
        upsert.Parameters[at].Value = item.Stream!.Key;
        upsert.Parameters[at + 1].Value = item.SiteId;
        upsert.Parameters[at + 2].Value = item.Stream.Revision;
        upsert.Parameters[at + 3].Value = item.Stream.IsWithdrawn ? 1L : 0L;
        upsert.Parameters[at + 4].Value = item.Body;
        upsert.Parameters[at + 5].Value = OutboxProof.Compute(item.SiteId, item.Body);
    }

    private static void Prepare(DbCommand upsert, int rows, Instant now, string run)
    {
        upsert.CommandText =
            "INSERT INTO published_stream (stream, site_id, revision, withdrawn, body, proof, at, run, raised_by, raised_since, raised_times, behind) VALUES "
            + string.Join(", ", Enumerable.Range(0, rows).Select(row => $"(@k{row}, @s{row}, @r{row}, @w{row}, @b{row}, @p{row}, @now, @run, 0, 0, 0, 0)"))
            + " ON CONFLICT (stream) DO UPDATE SET site_id = excluded.site_id, revision = excluded.revision, withdrawn = excluded.withdrawn, body = excluded.body, "
            + "proof = excluded.proof, damaged = 0, at = excluded.at, run = excluded.run, behind = 0";
        upsert.Parameters.Clear();
        Add(upsert, "@now", now.ToUnixTimeTicks());
        Add(upsert, "@run", run);
        for (var row = 0; row < rows; row++)
        {
            Add(upsert, "@k" + row, string.Empty);
            Add(upsert, "@s" + row, string.Empty);
            Add(upsert, "@r" + row, 0L);
            Add(upsert, "@w" + row, 0L);
            Add(upsert, "@b" + row, Array.Empty<byte>());
            Add(upsert, "@p" + row, string.Empty);
        }
    }

    private static void Add(DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value;
        command.Parameters.Add(parameter);
    }
}
