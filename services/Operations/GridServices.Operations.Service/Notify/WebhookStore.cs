using Dapper;
using GridServices.Hosting.Storage;
using GridServices.Operations.Notifications;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Protection;
using GridServices.Operations.Service.Storage;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Service.Notify;

/// <summary>An address that is told what happens, signed.</summary>
public sealed record Webhook : Entity
{
    public required string Url { get; init; }

    /// <summary>What it is told; empty = everything.</summary>
    public ValueList<Trigger> Triggers { get; init; } = [];

    public bool Enabled { get; init; } = true;
}

/// <summary>A delivery to a webhook.</summary>
public sealed record WebhookDelivery
{
    public string Id { get; init; } = string.Empty;
    public string WebhookId { get; init; } = string.Empty;
    public string Occasion { get; init; } = string.Empty;

    /// <summary>queued, sent or failed.</summary>
    public string State { get; init; } = string.Empty;

    public long Tries { get; init; }
    public Instant CreatedAt { get; init; }
    public Instant? SentAt { get; init; }
    public Instant? NextAt { get; init; }
    public string? Problem { get; init; }
}

/// <summary>Webhooks and what is, or was, delivered to them.</summary>
internal sealed class WebhookStore(Store store, ColumnProtector protector) : EntityStore<Webhook>("webhooks", store, protector)
{
    private const string DeliveryColumns =
        "SELECT id AS Id, webhook_id AS WebhookId, occasion AS Occasion, state AS State, tries AS Tries, created_at AS CreatedAt, sent_at AS SentAt, next_at AS NextAt, problem AS Problem FROM webhook_deliveries";

    internal override string Kind => "webhook";

    protected override IReadOnlyList<Column<Webhook>> Columns { get; } = [new("url", w => w.Url, null)];

    protected override string? SitesSql => null;

    internal Task<IReadOnlyList<Webhook>> ListAsync(string tenant, CancellationToken ct) => WhereAsync(tenant, "1 = 1 ORDER BY id", null, ct);

    /// <summary>The same without those whose row can't be read, whose ids are told.</summary>
    internal Task<IReadOnlyList<Webhook>> ListReadableAsync(string tenant, Action<string, Exception> unread, CancellationToken ct) =>
        WhereReadableAsync(tenant, "1 = 1 ORDER BY id", null, unread, ct);

    /// <summary>Keeps the secret that deliveries are signed with; it is shown once and never again.</summary>
    internal Task SetSecretAsync(AuditedTransaction transaction, string id, string secret) => transaction.Tx.Connection!.ExecuteAsync(
        "UPDATE webhooks SET secret_sealed = @secret WHERE tenant = @Tenant AND id = @id", new { secret = Protector.Seal(secret, GetPlace(transaction.Actor.Tenant, id)), transaction.Actor.Tenant, id }, transaction.Tx);

    internal async Task<string?> SecretAsync(string tenant, string id, CancellationToken ct) => Protector.Open(
        await Store.ReadAsync(db => db.QuerySingleOrDefaultAsync<string>("SELECT secret_sealed FROM webhooks WHERE tenant = @tenant AND id = @id", new { tenant, id }), ct), GetPlace(tenant, id));

    internal static Task QueueAsync(AuditedTransaction transaction, string webhookId, string occasion, string body) => transaction.Tx.Connection!.ExecuteAsync(
        """
        INSERT INTO webhook_deliveries (tenant, id, webhook_id, occasion, body, state, tries, next_at, created_at) VALUES (@Tenant, @id, @webhookId, @occasion, @body, 'queued', 0, @Now, @Now)
        ON CONFLICT (tenant, webhook_id, occasion) DO NOTHING
        """,
        new { transaction.Actor.Tenant, id = transaction.NewId(), webhookId, occasion, body, transaction.Now },
        transaction.Tx);

    internal Task<IReadOnlyList<WebhookDelivery>> DeliveriesAsync(string tenant, string webhookId, int most, CancellationToken ct) => Store.ReadAsync<IReadOnlyList<WebhookDelivery>>(
        async db => [.. await db.QueryAsync<WebhookDelivery>($"{DeliveryColumns} WHERE tenant = @tenant AND webhook_id = @webhookId ORDER BY id DESC LIMIT @most", new { tenant, webhookId, most = (long)most })], ct);

    /// <summary>Webhooks for which a delivery is due, also such as are gone.</summary>
    internal Task<IReadOnlyList<string>> WithDueAsync(string tenant, Instant now, CancellationToken ct) => Store.ReadAsync<IReadOnlyList<string>>(
        async db => [.. await db.QueryAsync<string>("SELECT DISTINCT webhook_id FROM webhook_deliveries WHERE tenant = @tenant AND state = 'queued' AND next_at <= @now ORDER BY webhook_id", new { tenant, now })], ct);

    internal Task<IReadOnlyList<WebhookDelivery>> DueAsync(string tenant, string webhookId, Instant now, int most, CancellationToken ct) => Store.ReadAsync<IReadOnlyList<WebhookDelivery>>(
        async db => [.. await db.QueryAsync<WebhookDelivery>(
            $"{DeliveryColumns} WHERE tenant = @tenant AND webhook_id = @webhookId AND state = 'queued' AND next_at <= @now ORDER BY next_at LIMIT @most", new { tenant, webhookId, now, most = (long)most })],
        ct);

    internal Task<string> BodyAsync(string tenant, string id, CancellationToken ct) =>
        Store.ReadAsync(db => db.QuerySingleAsync<string>("SELECT body FROM webhook_deliveries WHERE tenant = @tenant AND id = @id", new { tenant, id }), ct);

    internal Task NoteAsync(string tenant, WebhookDelivery delivery, CancellationToken ct) => Store.WriteAsync(
        tx => tx.Connection!.ExecuteAsync(
            "UPDATE webhook_deliveries SET state = @State, tries = @Tries, next_at = @next, sent_at = @sent, problem = @Problem WHERE tenant = @tenant AND id = @Id",
            new { delivery.State, delivery.Tries, next = delivery.NextAt?.ToUnixTimeTicks(), sent = delivery.SentAt?.ToUnixTimeTicks(), delivery.Problem, tenant, delivery.Id },
            tx),
        ct);

    /// <summary>Has a delivery sent once more.</summary>
    internal static async Task<int> ReplayAsync(AuditedTransaction transaction, string webhookId, string id)
    {
        var found = await transaction.Tx.Connection!.ExecuteAsync(
            "UPDATE webhook_deliveries SET state = 'queued', tries = 0, next_at = @Now WHERE tenant = @Tenant AND id = @id AND webhook_id = @webhookId", new { transaction.Now, transaction.Actor.Tenant, id, webhookId }, transaction.Tx);
        if (found == 1)
        {
            await transaction.AuditAsync("webhook", webhookId, "replayed", null, null, id);
        }

        return found;
    }

    private static ColumnPlace GetPlace(string tenant, string id) => new("webhooks", tenant, id, "secret_sealed");
}
