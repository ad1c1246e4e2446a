using System.Data.Common;
using System.Text.Json;
using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Hub;
using GridServices.Hosting.Publishing;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Provisioning;

/// <summary>
/// Publishes what a site's connection may carry as a standing envelope of the safety tier, so that a limit holds before any utility speaks. It goes through
/// the outbox in the transaction that changes the site or the setting; the hub's own history is met by the outbox's restatement. It is withdrawn only where
/// the site is deleted or the tenant publishes no connection limits: what is left out of a site's connection takes no limit away.
/// </summary>
internal sealed class ConnectionLimits(Outbox outbox, PublisherName publisher, HubLink hub, SiteStore sites)
{
    private const string Deleted = "the connection of the site is no longer known here";
    private const string SwitchedOff = "the limits of connections are no longer published";

    /// <summary>Whether the hub holds another limit than a store that may have been put back: the hub's stays until a person confirms the limit or changes the connection.</summary>
    internal Task<bool> IsUnconfirmedAsync(DbConnection db, string tenant, string siteId) => Outbox.IsWaitingAsync(db, publisher.Item(tenant, Withdrawal(siteId, 1, Deleted), default).Stream!);

    /// <summary>Whether what was said of the site's connection is still to be sent, and nothing keeps it.</summary>
    internal async Task<bool> IsOnItsWayAsync(DbConnection db, string tenant, string siteId) => await db.ExecuteScalarAsync<long>(
        "SELECT COUNT(*) FROM outbox WHERE stream = @Key AND parked_at IS NULL", new { publisher.Item(tenant, Withdrawal(siteId, 1, Deleted), default).Stream!.Key }) > 0;

    /// <summary>Says what the site's connection now allows; nothing where that is what was said before: who saves a site for another reason confirms no limit.</summary>
    internal async Task PublishAsync(AuditedTransaction transaction, Site? before, Site? after)
    {
        var siteId = (after ?? before)!.SiteId;
        var said = (await ListPublishedAsync(transaction, siteId)).GetValueOrDefault(siteId);
        var isWanted = (await SettingsStore.GetAsync(transaction.Tx, transaction.Actor.Tenant)).PublishConnectionLimit;
        await SendAsync(transaction, await SaveLimitAsync(transaction, siteId, after, isWanted, said) is { } item ? [item] : []);
    }

    /// <summary>Says, or withdraws, the limit of every site of the tenant, after it has decided whether they are published.</summary>
    internal async Task PublishAllAsync(AuditedTransaction transaction, bool isWanted)
    {
        var (said, items) = (await ListPublishedAsync(transaction, null), new List<OutboxItem>());
        foreach (var site in await sites.ListAsync(transaction.Tx, transaction.Actor.Tenant))
        {
            if (await SaveLimitAsync(transaction, site.SiteId, site, isWanted, said.GetValueOrDefault(site.SiteId)) is { } item)
            {
                items.Add(item);
            }
        }

        await SendAsync(transaction, items);
    }

    /// <summary>Says the limit again although it was said before, above a revision that the hub holds: a person has confirmed it.</summary>
    internal async Task RepublishAsync(AuditedTransaction transaction, Site site, long above)
    {
        var said = (await ListPublishedAsync(transaction, site.SiteId)).GetValueOrDefault(site.SiteId);
        var isWanted = (await SettingsStore.GetAsync(transaction.Tx, transaction.Actor.Tenant)).PublishConnectionLimit;
        await SendAsync(transaction, await SaveLimitAsync(transaction, site.SiteId, site, isWanted, said, above) is { } item ? [item] : []);
    }

    /// <summary>With <paramref name="again"/> it is said even where that was said before, above this revision of the hub; without it, only what is different.</summary>
    /// <returns>Null: there is nothing to say.</returns>
    private async Task<OutboxItem?> SaveLimitAsync(AuditedTransaction transaction, string siteId, Site? site, bool isWanted, StoredLimit? said, long? again = null)
    {
        var (tenant, now, revision) = (transaction.Actor.Tenant, transaction.Now, Math.Max(said?.Revision ?? 0, again ?? 0) + 1);
        var envelope = site is not null && isWanted ? ConnectionEnvelope.Create(site, Guid.CreateVersion7(now.ToDateTimeOffset()), revision, now) : null;
        var content = envelope is null ? null : JsonSerializer.Serialize(envelope.Default, ContractJson.Options);
        var isUnknown = site is not null && isWanted && content is null;
        var isSaid = again is null && string.Equals(content, said?.Content, StringComparison.Ordinal);
        if (isUnknown || isSaid)
        {
            return null;
        }

        await transaction.Tx.Connection!.ExecuteAsync(
            """
            INSERT INTO connection_limits (tenant, site_id, revision, content, updated_at) VALUES (@tenant, @siteId, @revision, @content, @now)
            ON CONFLICT (tenant, site_id) DO UPDATE SET revision = excluded.revision, content = excluded.content, updated_at = excluded.updated_at
            """,
            new { tenant, siteId, revision, content, now },
            transaction.Tx);
        return envelope is not null
            ? publisher.Item(tenant, envelope, now)
            : publisher.Item(tenant, Withdrawal(siteId, revision, site is null ? Deleted : SwitchedOff), now);
    }

    private static Withdrawal Withdrawal(string siteId, long revision, string reason) =>
        new() { SiteId = siteId, Target = new EnvelopeTarget(TargetKind.Site, siteId), Stream = ConnectionEnvelope.Stream, Revision = revision, Reason = reason };

    private async Task SendAsync(AuditedTransaction transaction, List<OutboxItem> items)
    {
        // The hub's token is one tenant's: of another tenant nothing can be published, and the site's page says so.
        if (items.Count > 0 && string.Equals(transaction.Actor.Tenant, hub.Tenant, StringComparison.Ordinal))
        {
            await outbox.AddAsync(transaction.Tx, items, transaction.Now);
            transaction.AfterCommit(outbox.Wake);
        }
    }

    /// <summary>What was said last, by site.</summary>
    private static async Task<Dictionary<string, StoredLimit>> ListPublishedAsync(AuditedTransaction transaction, string? siteId) =>
        (await transaction.Tx.Connection!.QueryAsync<StoredLimit>(
            $"SELECT site_id AS SiteId, revision AS Revision, content AS Content FROM connection_limits WHERE tenant = @Tenant{(siteId is null ? string.Empty : " AND site_id = @siteId")}",
            new { transaction.Actor.Tenant, siteId },
            transaction.Tx)).ToDictionary(said => said.SiteId, StringComparer.Ordinal);

    private sealed class StoredLimit
    {
        public string SiteId { get; set; } = string.Empty;
        public long Revision { get; set; }

        /// <summary>Null: it was withdrawn.</summary>
        public string? Content { get; set; }
    }
}
