using System.Globalization;
using Dapper;
using GridServices.Contracts;
using GridServices.EnvelopeHub.Sites;
using GridServices.Hosting.Storage;
using NodaTime;

namespace GridServices.EnvelopeHub.Service.Feedback;

/// <summary>What a site fed back, read again by site and span of time.</summary>
internal sealed class FeedbackRecords(Store store, DamagedFeedback damage)
{
    // Keys hold ticks as text: of 17 digits they are in the order of time.
    private const long FirstTick = 10_000_000_000_000_000;
    private const long LastTick = 99_999_999_999_999_999;

    /// <summary>Null where the hub has never heard of the site.</summary>
    public Task<SiteReceipts?> ReceiptsAsync(SiteKey site, Interval window, (long At, long Sequence) after, int limit, CancellationToken ct) => store.ReadAsync(
        async db =>
        {
            if (await db.QuerySingleOrDefaultAsync<HeadRow>(Head("receipts_since"), site) is not { } head)
            {
                return null;
            }

            var rows = (await db.QueryAsync<Row>(
                """
                SELECT at, sequence, received_at AS receivedAt, receipt_key AS feedbackKey, item, proof FROM site_receipt
                WHERE site_id = @Id AND at >= @from AND at < @until AND (at > @At OR (at = @At AND sequence > @Sequence))
                ORDER BY at, sequence LIMIT @most
                """,
                new { head.Id, from = Math.Max(window.Start.ToUnixTimeTicks(), after.At), until = window.End.ToUnixTimeTicks(), after.At, after.Sequence, most = limit + 1 })).ToList();
            var (sound, damaged) = Split(site, rows.Take(limit), (row, item) => item is { Stream: not null, Receipt: { } receipt } && receipt.At.ToUnixTimeTicks() == row.At);
            return new SiteReceipts
            {
                Items = [.. sound.Select(pair => new ReceivedReceipt
                {
                    ReceivedAt = Instant.FromUnixTimeTicks(pair.Row.ReceivedAt), Stream = pair.Item.Stream!, Receipt = pair.Item.Receipt!,
                })],
                Damaged = damaged,
                Next = rows.Count > limit ? string.Create(CultureInfo.InvariantCulture, $"{rows[limit - 1].At}.{rows[limit - 1].Sequence}") : null,
                KeptSince = head.KeptSince,
            };
        },
        ct);

    /// <summary>Null where the hub has never heard of the site.</summary>
    /// <param name="site">The site.</param>
    /// <param name="window">By the readings' own instants.</param>
    /// <param name="after">The end of the last key of the page before: ticks, a slash, the asset; null = from the start.</param>
    /// <param name="limit">Most readings.</param>
    /// <param name="ct">Gives up.</param>
    public Task<SiteReadings?> ReadingsAsync(SiteKey site, Interval window, string? after, int limit, CancellationToken ct) => store.ReadAsync(
        async db =>
        {
            if (await db.QuerySingleOrDefaultAsync<HeadRow>(Head("readings_since"), site) is not { } head)
            {
                return null;
            }

            var rows = (await db.QueryAsync<Row>(
                """
                SELECT k.feedback_key AS feedbackKey, f.at AS receivedAt, f.item, f.proof FROM feedback_key k JOIN feedback f ON f.tenant = @Tenant AND f.sequence = k.sequence
                WHERE k.site_id = @Id AND k.feedback_key >= @from AND k.feedback_key < @until AND k.feedback_key > @after ORDER BY k.feedback_key LIMIT @most
                """,
                new { head.Id, site.Tenant, from = KeyAt(window.Start), until = KeyAt(window.End), after = FeedbackDraft.ReadingPrefix + after, most = limit + 1 })).ToList();
            var (sound, damaged) = Split(site, rows.Take(limit), (row, item) => item.Reading is { } reading && string.Equals(FeedbackDraft.GetKey(reading), row.FeedbackKey, StringComparison.Ordinal));
            return new SiteReadings
            {
                Items = [.. sound.Select(pair => new ReceivedReading { ReceivedAt = Instant.FromUnixTimeTicks(pair.Row.ReceivedAt), Reading = pair.Item.Reading! })],
                Damaged = damaged,
                Next = rows.Count > limit ? rows[limit - 1].FeedbackKey[FeedbackDraft.ReadingPrefix.Length..] : null,
                KeptSince = head.KeptSince,
            };
        },
        ct);

    private static string KeyAt(Instant at) =>
        FeedbackDraft.ReadingPrefix + Math.Clamp(at.ToUnixTimeTicks(), FirstTick, LastTick).ToString(CultureInfo.InvariantCulture);

    private static string Head(string since) => $"""
        SELECT s.id, COALESCE(h.{since}, 0) AS since FROM site s LEFT JOIN feedback_head h ON h.tenant = s.tenant WHERE s.tenant = @Tenant AND s.site = @SiteId
        """;

    /// <summary>What is as it was stored, and how much is not; null: all is.</summary>
    private (IReadOnlyList<(Row Row, FeedbackItem Item)> Sound, int? Damaged) Split(SiteKey site, IEnumerable<Row> rows, Func<Row, FeedbackItem, bool> fits)
    {
        var sound = new List<(Row, FeedbackItem)>();
        var damaged = 0;
        foreach (var row in rows)
        {
            if (FeedbackProof.Read(site, row.ReceivedAt, row.Item, row.Proof) is { } item && fits(row, item))
            {
                sound.Add((row, item));
            }
            else
            {
                damaged++;
                damage.Found(site, row.FeedbackKey);
            }
        }

        return (sound, damaged == 0 ? null : damaged);
    }

    private sealed class HeadRow
    {
        public long Id { get; set; }
        public long Since { get; set; }

        public Instant? KeptSince => Since > 0 ? Instant.FromUnixTimeTicks(Since) : null;
    }

    private sealed class Row
    {
        public string FeedbackKey { get; set; } = string.Empty;
        public long At { get; set; }
        public long Sequence { get; set; }
        public long ReceivedAt { get; set; }
        public string Item { get; set; } = string.Empty;
        public string? Proof { get; set; }
    }
}
