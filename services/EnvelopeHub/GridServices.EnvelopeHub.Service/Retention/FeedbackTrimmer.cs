using Dapper;
using GridServices.Hosting.Storage;
using Microsoft.Extensions.Options;
using NodaTime;

namespace GridServices.EnvelopeHub.Service.Retention;

/// <summary>Lets feedback go: first the stream's right to go on from it, then the readings, last the receipts.</summary>
internal sealed class FeedbackTrimmer(Store store, IOptions<EnvelopeHubOptions> options)
{
    // Small steps: nobody who feeds back waits long for a trim.
    private const int RowsPerStep = 5_000;

    private const string OldKeys =
        "DELETE FROM feedback_key WHERE (site_id, feedback_key) IN (SELECT site_id, feedback_key FROM feedback_key WHERE at < @cutoff LIMIT @step)";

    private const string OldReceipts =
        "DELETE FROM site_receipt WHERE (site_id, receipt_key) IN (SELECT site_id, receipt_key FROM site_receipt WHERE received_at < @cutoff LIMIT @step)";

    public async Task TrimAsync(Instant now, CancellationToken ct)
    {
        var heads = (await store.ReadAsync(
            db => db.QueryAsync<HeadRow>("SELECT h.tenant, h.sequence, (SELECT MIN(f.sequence) FROM feedback f WHERE f.tenant = h.tenant) AS first FROM feedback_head h"), ct)).ToList();
        foreach (var head in heads.Where(head => head.First is not null))
        {
            await TrimAsync(head, now, ct);
        }

        await DeleteKeysAsync(now, ct);
        var cutoff = now - Duration.FromTimeSpan(options.Value.ReceiptMaxAge);
        if (await DeleteAsync(OldReceipts, cutoff, ct))
        {
            await store.WriteAsync(tx => tx.Connection!.ExecuteAsync("UPDATE feedback_head SET receipts_since = @cutoff WHERE receipts_since < @cutoff", new { cutoff }, tx), ct);
        }
    }

    private async Task TrimAsync(HeadRow head, Instant now, CancellationToken ct)
    {
        var stream = Math.Max(await LastBeforeAsync(head, now - Duration.FromTimeSpan(options.Value.FeedbackMaxAge), ct), head.Sequence - options.Value.FeedbackMaxItems);
        await store.WriteAsync(
            tx => tx.Connection!.ExecuteAsync("UPDATE feedback_head SET trimmed_to = @stream WHERE tenant = @Tenant AND trimmed_to < @stream", new { head.Tenant, stream }, tx), ct);
        var listed = Math.Max(await LastBeforeAsync(head, now - Duration.FromTimeSpan(options.Value.TelemetryMaxAge), ct), head.Sequence - options.Value.TelemetryMaxItems);
        for (var from = head.First!.Value; from <= Math.Min(stream, listed); from += RowsPerStep)
        {
            await DeleteAsync(head.Tenant, Math.Min(Math.Min(stream, listed), from + RowsPerStep - 1), ct);
        }
    }

    private Task DeleteAsync(string tenant, long upTo, CancellationToken ct) => store.WriteAsync(
        async tx =>
        {
            await tx.Connection!.ExecuteAsync(
                """
                UPDATE feedback_head SET readings_since = COALESCE((SELECT MAX(f.at) + 1 FROM feedback f WHERE f.tenant = @tenant AND f.sequence <= @upTo), readings_since)
                WHERE tenant = @tenant AND readings_since <= COALESCE((SELECT MAX(f.at) FROM feedback f WHERE f.tenant = @tenant AND f.sequence <= @upTo), 0)
                """,
                new { tenant, upTo },
                tx);
            await tx.Connection!.ExecuteAsync("DELETE FROM feedback WHERE tenant = @tenant AND sequence <= @upTo", new { tenant, upTo }, tx);
        },
        ct);

    /// <summary>The last sequence that came in before an instant; items are in the order in which they did, so few rows are looked at.</summary>
    private Task<long> LastBeforeAsync(HeadRow head, Instant cutoff, CancellationToken ct) => store.ReadAsync(
        async db =>
        {
            var (low, high) = (head.First!.Value - 1, head.Sequence);
            while (low < high)
            {
                var middle = low + ((high - low + 1) / 2);
                var at = await db.ExecuteScalarAsync<long?>("SELECT at FROM feedback WHERE tenant = @Tenant AND sequence = @middle", new { head.Tenant, middle });
                (low, high) = at < cutoff.ToUnixTimeTicks() ? (middle, high) : (low, middle - 1);
            }

            return low;
        },
        ct);

    /// <summary>A key is what readings are found by, and what is known of a duplicate: it goes when neither is promised any more.</summary>
    private async Task DeleteKeysAsync(Instant now, CancellationToken ct)
    {
        var listedSince = await store.ReadAsync(db => db.ExecuteScalarAsync<long?>("SELECT MIN(readings_since) FROM feedback_head"), ct) ?? 0;
        var readings = Instant.Max(now - Duration.FromTimeSpan(options.Value.TelemetryMaxAge), Instant.FromUnixTimeTicks(listedSince));
        await DeleteAsync(OldKeys, Instant.Min(now - Duration.FromTimeSpan(options.Value.FeedbackMaxAge), readings), ct);
    }

    /// <returns>Whether anything was old enough.</returns>
    private async Task<bool> DeleteAsync(string sql, Instant cutoff, CancellationToken ct)
    {
        var deleted = new List<int>();
        do
        {
            deleted.Add(await store.WriteAsync(tx => tx.Connection!.ExecuteAsync(sql, new { cutoff, step = RowsPerStep }, tx), ct));
        }
        while (deleted[^1] == RowsPerStep);

        return deleted[0] > 0;
    }

    private sealed class HeadRow
    {
        public string Tenant { get; set; } = string.Empty;
        public long Sequence { get; set; }
        public long? First { get; set; }
    }
}
