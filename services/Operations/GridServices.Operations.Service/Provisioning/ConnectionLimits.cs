using System.Text.Json;
using Dapper;
using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Provisioning;

/// <summary>
/// Publishes what a site's connection may carry as a standing envelope of the safety tier, so that a limit holds before any utility speaks. It goes through
/// the outbox in the transaction that changes the site; the hub's own history is met by the outbox's restatement.
/// </summary>
internal sealed class ConnectionLimits(Outbox outbox, PublisherName publisher, HubLink hub)
{
    private const string Withdrawn = "the connection of the site is no longer known here";

    /// <summary>Says what the site's connection now allows; nothing where that is what was said before.</summary>
    internal async Task PublishAsync(AuditedTransaction transaction, Site? before, Site? after)
    {
        var siteId = (after ?? before)!.SiteId;
        var held = await transaction.Tx.Connection!.QuerySingleOrDefaultAsync<LimitRow>(
            "SELECT revision AS Revision, content AS Content FROM connection_limits WHERE tenant = @Tenant AND site_id = @siteId", new { transaction.Actor.Tenant, siteId }, transaction.Tx);
        var revision = (held?.Revision ?? 0) + 1;
        var isWanted = after is not null && (await SettingsStore.OfAsync(transaction.Tx, transaction.Actor.Tenant)).PublishConnectionLimit;
        var envelope = isWanted ? ConnectionEnvelope.Create(after!, Guid.CreateVersion7(transaction.Now.ToDateTimeOffset()), revision, transaction.Now) : null;
        var content = envelope is null ? null : JsonSerializer.Serialize(envelope.Default, ContractJson.Options);
        if (string.Equals(content, held?.Content, StringComparison.Ordinal))
        {
            return;
        }

        await transaction.Tx.Connection!.ExecuteAsync(
            """
            INSERT INTO connection_limits (tenant, site_id, revision, content, updated_at) VALUES (@Tenant, @siteId, @revision, @content, @Now)
            ON CONFLICT (tenant, site_id) DO UPDATE SET revision = excluded.revision, content = excluded.content, updated_at = excluded.updated_at
            """,
            new { transaction.Actor.Tenant, siteId, revision, content, transaction.Now },
            transaction.Tx);
        await SendAsync(transaction, siteId, envelope, revision);
    }

    private async Task SendAsync(AuditedTransaction transaction, string siteId, Envelope? envelope, long revision)
    {
        // The hub's token is one tenant's: of another tenant nothing can be published, and the site's page says so.
        if (!string.Equals(transaction.Actor.Tenant, hub.Tenant, StringComparison.Ordinal))
        {
            return;
        }

        var item = envelope is not null
            ? publisher.Item(transaction.Actor.Tenant, envelope, transaction.Now)
            : publisher.Item(
                transaction.Actor.Tenant,
                new Withdrawal { SiteId = siteId, Target = new EnvelopeTarget(TargetKind.Site, siteId), Stream = ConnectionEnvelope.Stream, Revision = revision, Reason = Withdrawn },
                transaction.Now);
        await outbox.AddAsync(transaction.Tx, [item], transaction.Now);
        transaction.AfterCommit(outbox.Wake);
    }

    private sealed class LimitRow
    {
        public long Revision { get; set; }
        public string? Content { get; set; }
    }
}
