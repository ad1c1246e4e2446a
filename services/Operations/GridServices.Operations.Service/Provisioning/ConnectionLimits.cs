using System.Text.Json;
using Dapper;
using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Provisioning;

/// <summary>
/// Publishes what a site's connection may carry as a standing envelope of the safety tier, so that a limit holds before any utility speaks. It goes through
/// the outbox in the transaction that changes the site; the hub's own history is met by the outbox's restatement. No utility ever corrects it: where the hub
/// holds another limit than a store that may have been put back, the hub's stays until a person confirms the site.
/// </summary>
internal sealed class ConnectionLimits(Outbox outbox, PublisherName publisher, HubLink hub, OperationsStore operations)
{
    private const string Withdrawn = "the connection of the site is no longer known here";
    private const string Unconfirmed = "connection.unconfirmed";

    /// <summary>What the connection may carry, with the action to confirm it where the hub holds another limit.</summary>
    internal async Task<ConnectionLimit> OfAsync(Site site, CancellationToken ct)
    {
        var limit = ConnectionLimit.Compute(site.Connection);
        var stream = Item(site.Tenant, site.SiteId, null, 1, site.Updated.At).Stream!;
        return await operations.Store.ReadAsync(db => Outbox.IsWaitingAsync(db, stream), ct)
            ? limit with
            {
                Actions = [.. limit.Actions, new RequiredAction
                {
                    Code = Unconfirmed,
                    Owner = ActionOwner.Us,
                    Pointer = "/connection",
                    Text = "the hub holds another limit of this connection, stated later than what is stored here, and that stays in force: the store of this service may have been put back; check the connection and save the site",
                    Blocks = false,
                }],
            }
            : limit;
    }

    /// <summary>Says what the site's connection now allows; nothing where that is what was said before, unless a person confirms it.</summary>
    internal async Task PublishAsync(AuditedTransaction transaction, Site? before, Site? after)
    {
        var siteId = (after ?? before)!.SiteId;
        var held = await transaction.Tx.Connection!.QuerySingleOrDefaultAsync<LimitRow>(
            "SELECT revision AS Revision, content AS Content FROM connection_limits WHERE tenant = @Tenant AND site_id = @siteId", new { transaction.Actor.Tenant, siteId }, transaction.Tx);
        var revision = (held?.Revision ?? 0) + 1;
        var isWanted = after is not null && (await SettingsStore.OfAsync(transaction.Tx, transaction.Actor.Tenant)).PublishConnectionLimit;
        var envelope = isWanted ? ConnectionEnvelope.Create(after!, Guid.CreateVersion7(transaction.Now.ToDateTimeOffset()), revision, transaction.Now) : null;
        var content = envelope is null ? null : JsonSerializer.Serialize(envelope.Default, ContractJson.Options);
        var item = Item(transaction.Actor.Tenant, siteId, envelope, revision, transaction.Now);
        if (string.Equals(content, held?.Content, StringComparison.Ordinal) && !await Outbox.IsWaitingAsync(transaction.Tx.Connection!, item.Stream!, transaction.Tx))
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
        await SendAsync(transaction, item);
    }

    private async Task SendAsync(AuditedTransaction transaction, OutboxItem item)
    {
        // The hub's token is one tenant's: of another tenant nothing can be published, and the site's page says so.
        if (!string.Equals(transaction.Actor.Tenant, hub.Tenant, StringComparison.Ordinal))
        {
            return;
        }

        await outbox.AddAsync(transaction.Tx, [item], transaction.Now);
        transaction.AfterCommit(outbox.Wake);
    }

    /// <summary>The envelope, or where there is none, that there is none.</summary>
    private OutboxItem Item(string tenant, string siteId, Envelope? envelope, long revision, Instant now) => envelope is not null
        ? publisher.Item(tenant, envelope, now)
        : publisher.Item(
            tenant, new Withdrawal { SiteId = siteId, Target = new EnvelopeTarget(TargetKind.Site, siteId), Stream = ConnectionEnvelope.Stream, Revision = revision, Reason = Withdrawn }, now);

    private sealed class LimitRow
    {
        public long Revision { get; set; }
        public string? Content { get; set; }
    }
}
