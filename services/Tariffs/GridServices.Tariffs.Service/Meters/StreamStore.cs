using System.Data.Common;
using System.Text.Json;
using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Hub;
using GridServices.Hosting.Publishing;
using GridServices.Tariffs.Meters;
using NodaTime;

namespace GridServices.Tariffs.Service.Meters;

/// <summary>What the streams of meters said last, and what they must say now.</summary>
internal sealed class StreamStore(PublisherName publisher)
{
    /// <summary>The hub forgets nothing, but a schedule reaches 48 h ahead: it is drawn on at least so often.</summary>
    public static readonly Duration Refresh = Duration.FromHours(1);

    /// <summary>How far a schedule reaches.</summary>
    public static readonly Duration Ahead = Duration.FromHours(48);

    /// <summary>
    /// Stores what changes what a controller would do and gives it as publications, with revisions that only grow; and when a change that waits is due.
    /// </summary>
    public async Task<(List<OutboxItem> Items, List<StreamRow> Rows, Instant? WaitsUntil)> PublishAsync(DbTransaction tx, StoredMeter meter, MeterStep step, Instant now)
    {
        var (kind, id) = Boundary.GetKey(meter.Plan);
        var held = await ListByMeterAsync(tx, meter.Tenant, meter.MeterId, meter.Plan.SiteId, kind, id);
        var (items, rows, fresh) = (new List<OutboxItem>(), new List<StreamRow>(), new List<StreamRow>());
        Instant? waits = null;
        foreach (var draft in step.Drafts)
        {
            var row = held.Find(r => (r.SiteId, r.TargetKind, r.TargetId, r.Stream) == (meter.Plan.SiteId, kind, id, draft.Stream));
            if (row?.Said is { } said && row.MeterId == meter.MeterId && row.PublishedAt > now - Refresh
                && PublicationPolicy.DueAt(said, row.PublishedAt, draft, now) is var dueAt && (dueAt is null || dueAt > now))
            {
                waits = dueAt < waits || waits is null ? dueAt ?? waits : waits;
                rows.Add(row);
                continue;
            }

            var next = new StreamRow
            {
                Tenant = meter.Tenant,
                SiteId = meter.Plan.SiteId,
                TargetKind = kind,
                TargetId = id,
                Stream = draft.Stream,
                MeterId = meter.MeterId,
                Revision = (row?.Revision ?? 0) + 1,
                Draft = JsonSerializer.Serialize(draft, ContractJson.Options),
                PublishedAt = now,
            };
            var envelope = draft.Envelope(meter.Plan, step.Tariff, Guid.CreateVersion7(), next.Revision);
            items.Add(publisher.Item(meter.Tenant, envelope, now));
            fresh.Add(next);
            rows.Add(next);
        }

        // Only what goes out whole is stored as said: a draft that fails leaves none of them said and not sent.
        foreach (var next in fresh)
        {
            await SaveAsync(tx, next);
        }

        var kept = rows.Select(r => (r.SiteId, r.TargetKind, r.TargetId, r.Stream)).ToHashSet();
        items.AddRange(await WithdrawAsync(tx, held.Where(r => r.MeterId == meter.MeterId && !kept.Contains((r.SiteId, r.TargetKind, r.TargetId, r.Stream))), now));
        return (items, rows, waits);
    }

    /// <summary>Withdraws all that a meter says; it is gone.</summary>
    public async Task<List<OutboxItem>> WithdrawAllAsync(DbTransaction tx, string tenant, string meterId, Instant now) =>
        await WithdrawAsync(tx, await ListByMeterAsync(tx, tenant, meterId, string.Empty, string.Empty, string.Empty), now);

    /// <summary>Every stream that says something.</summary>
    public static async Task<IReadOnlyList<StreamRow>> LiveAsync(DbConnection db) =>
        [.. await db.QueryAsync<StreamRow>($"{Columns} WHERE draft IS NOT NULL")];

    /// <summary>Every stream of a site that says something.</summary>
    public static async Task<IReadOnlyList<StreamRow>> LiveAsync(DbTransaction tx, string tenant, string siteId) =>
        [.. await tx.Connection!.QueryAsync<StreamRow>($"{Columns} WHERE draft IS NOT NULL AND tenant = @tenant AND site_id = @siteId ORDER BY target_kind, target_id, stream", new { tenant, siteId }, tx)];

    private const string Columns =
        """
        SELECT tenant AS Tenant, site_id AS SiteId, target_kind AS TargetKind, target_id AS TargetId, stream AS Stream, meter_id AS MeterId,
               revision AS Revision, draft AS Draft, published_at AS PublishedAt
        FROM meter_streams
        """;

    private static async Task<List<StreamRow>> ListByMeterAsync(DbTransaction tx, string tenant, string meterId, string siteId, string kind, string id) =>
        [.. await tx.Connection!.QueryAsync<StreamRow>(
            $"{Columns} WHERE tenant = @tenant AND (meter_id = @meterId OR (site_id = @siteId AND target_kind = @kind AND target_id = @id))",
            new { tenant, meterId, siteId, kind, id },
            tx)];

    private async Task<List<OutboxItem>> WithdrawAsync(DbTransaction tx, IEnumerable<StreamRow> rows, Instant now)
    {
        var items = new List<OutboxItem>();
        foreach (var row in rows.Where(r => r.Draft is not null))
        {
            var withdrawal = new Withdrawal
            {
                SiteId = row.SiteId,
                Target = new EnvelopeTarget(EnumNames<TargetKind>.TryParse(row.TargetKind, out var kind) ? kind : TargetKind.Site, row.TargetId),
                Stream = new StreamId("tariff", row.Stream),
                Revision = row.Revision + 1,
                Reason = "the meter no longer states it",
            };
            items.Add(publisher.Item(row.Tenant, withdrawal, now));
            await SaveAsync(tx, row with { Revision = withdrawal.Revision, Draft = null, PublishedAt = now });
        }

        return items;
    }

    private static Task<int> SaveAsync(DbTransaction tx, StreamRow row) => tx.Connection!.ExecuteAsync(
        """
        INSERT INTO meter_streams (tenant, site_id, target_kind, target_id, stream, meter_id, revision, draft, published_at)
        VALUES (@Tenant, @SiteId, @TargetKind, @TargetId, @Stream, @MeterId, @Revision, @Draft, @PublishedAt)
        ON CONFLICT (tenant, site_id, target_kind, target_id, stream) DO UPDATE
        SET meter_id = excluded.meter_id, revision = excluded.revision, draft = excluded.draft, published_at = excluded.published_at
        """,
        row,
        tx);
}

/// <summary>A stream as it was committed last; without a draft it is withdrawn.</summary>
internal sealed record StreamRow
{
    public string Tenant { get; init; } = string.Empty;
    public string SiteId { get; init; } = string.Empty;
    public string TargetKind { get; init; } = string.Empty;
    public string TargetId { get; init; } = string.Empty;
    public string Stream { get; init; } = string.Empty;
    public string MeterId { get; init; } = string.Empty;
    public long Revision { get; init; }
    public string? Draft { get; init; }
    public Instant PublishedAt { get; init; }

    /// <summary>Null: withdrawn, or damaged in the store; what can't be read is said again.</summary>
    public EnvelopeDraft? Said
    {
        get
        {
            try
            {
                return Draft is null ? null : JsonSerializer.Deserialize<EnvelopeDraft>(Draft, ContractJson.Options);
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }
}
