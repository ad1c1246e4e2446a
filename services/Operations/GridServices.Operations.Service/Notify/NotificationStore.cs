using System.Text.Json;
using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Storage;
using GridServices.Operations.Notifications;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Notify;

/// <summary>A line of the delivery log.</summary>
public sealed record NotificationItem
{
    public string Id { get; init; } = string.Empty;

    /// <summary>What was told: trigger, subject and occasion, recipient, channel.</summary>
    public string Key { get; init; } = string.Empty;

    public string RecipientId { get; init; } = string.Empty;

    /// <summary>email, sms, voice, push or webhook.</summary>
    public string Channel { get; init; } = string.Empty;

    /// <summary>What it is about, such as an event's source.</summary>
    public string Subject { get; init; } = string.Empty;

    /// <summary>queued, sent or failed.</summary>
    public string State { get; init; } = string.Empty;

    public long Tries { get; init; }
    public Instant CreatedAt { get; init; }
    public Instant? SentAt { get; init; }
    public Instant? AckAt { get; init; }
    public string? Problem { get; init; }
}

/// <summary>A message that waits to be sent.</summary>
internal sealed record QueuedMessage
{
    public string Id { get; init; } = string.Empty;
    public string RecipientId { get; init; } = string.Empty;
    public string Channel { get; init; } = string.Empty;
    public string Subject { get; init; } = string.Empty;
    public long Tries { get; init; }
    public string Body { get; init; } = string.Empty;

    internal MessageDue Message => StoredJson.Read<MessageDue>(Body);
}

/// <summary>Messages on disk: queued in one commit with what they cover, so that nothing is told twice.</summary>
internal sealed class NotificationStore(Store store)
{
    private const string Columns =
        "SELECT id AS Id, message_key AS Key, recipient_id AS RecipientId, channel AS Channel, subject AS Subject, state AS State, tries AS Tries, created_at AS CreatedAt, sent_at AS SentAt, ack_at AS AckAt, problem AS Problem FROM notifications";

    internal Task<IReadOnlyList<NotificationItem>> ListAsync(string tenant, string? before, int most, CancellationToken ct) =>
        ListAsync(string.Empty, new DynamicParameters(new { tenant, before, most = (long)most }), ct);

    /// <summary>Those that went to contacts of these sites.</summary>
    internal Task<IReadOnlyList<NotificationItem>> ListBySitesAsync(string tenant, IReadOnlySet<string> sites, string? before, int most, CancellationToken ct)
    {
        var parameters = new DynamicParameters(new { tenant, before, most = (long)most });
        var names = sites.Select((site, i) =>
        {
            parameters.Add($"s{i}", site);
            return $"@s{i}";
        }).ToList();
        return names.Count == 0
            ? Task.FromResult<IReadOnlyList<NotificationItem>>([])
            : ListAsync($"AND recipient_id IN (SELECT id FROM contacts WHERE contacts.tenant = @tenant AND site_id IN ({string.Join(", ", names)}))", parameters, ct);
    }

    /// <summary>Those about a subject, the newest first; an event's is its source.</summary>
    internal Task<IReadOnlyList<NotificationItem>> ListBySubjectAsync(string tenant, string subject, int most, CancellationToken ct) =>
        ListAsync("AND subject = @subject", new DynamicParameters(new { tenant, subject, before = (string?)null, most = (long)most }), ct);

    /// <summary>How many were told of a subject, and how many of them acknowledged.</summary>
    internal Task<(long Told, long Acknowledged)> CountsAsync(string tenant, string subject, CancellationToken ct) => store.ReadAsync(
        db => db.QuerySingleAsync<(long, long)>(
            "SELECT COUNT(DISTINCT recipient_id), COUNT(DISTINCT CASE WHEN ack_at IS NULL THEN NULL ELSE recipient_id END) FROM notifications WHERE tenant = @tenant AND subject = @subject AND state = 'sent'", new { tenant, subject }),
        ct);

    private Task<IReadOnlyList<NotificationItem>> ListAsync(string condition, DynamicParameters parameters, CancellationToken ct) => store.ReadAsync<IReadOnlyList<NotificationItem>>(
        async db => [.. await db.QueryAsync<NotificationItem>($"{Columns} WHERE tenant = @tenant AND (@before IS NULL OR id < @before) {condition} ORDER BY id DESC LIMIT @most", parameters)], ct);

    /// <summary>What was queued or sent since an instant; a message that waits counts, or it would be queued twice.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="since">The instant.</param>
    /// <param name="unread">Told of each digest whose list can't be read: what it covers may be told once more, rather than nothing at all.</param>
    /// <param name="ct">Gives up.</param>
    internal Task<IReadOnlyList<SentMessage>> LogAsync(string tenant, Instant since, Action<string, Exception> unread, CancellationToken ct) => store.ReadAsync<IReadOnlyList<SentMessage>>(
        async db => [.. (await db.QueryAsync<LogRow>(
            "SELECT id AS Id, message_key AS Key, recipient_id AS RecipientId, subject AS Subject, covers AS Covers, COALESCE(sent_at, created_at) AS SentAt, ack_at AS AckAt FROM notifications WHERE tenant = @tenant AND created_at > @since",
            new { tenant, since })).SelectMany(r => r.Sent(unread))],
        ct);

    internal static Task QueueAsync(AuditedTransaction transaction, MessageDue due) => transaction.Tx.Connection!.ExecuteAsync(
        """
        INSERT INTO notifications (tenant, id, message_key, recipient_id, channel, subject, covers, state, tries, next_at, created_at, body)
        VALUES (@Tenant, @id, @Key, @RecipientId, @channel, @subject, @covers, 'queued', 0, @Now, @Now, @body) ON CONFLICT (tenant, message_key) DO NOTHING
        """,
        new
        {
            transaction.Actor.Tenant,
            id = transaction.NewId(),
            due.Key,
            due.RecipientId,
            channel = EnumNames<Channel>.GetName(due.Channel),
            subject = due.Parts[0].Subject,
            covers = due.Covers.Count == 0 ? null : StoredJson.Write(due.Covers),
            transaction.Now,
            body = StoredJson.Write(due),
        },
        transaction.Tx);

    /// <summary>Why a message is not sent yet; null: it is, or there is none of this key.</summary>
    internal Task<string?> FindProblemAsync(string tenant, string key, CancellationToken ct) => store.ReadAsync(
        db => db.QuerySingleOrDefaultAsync<string?>("SELECT problem FROM notifications WHERE tenant = @tenant AND message_key = @key AND state <> 'sent'", new { tenant, key }), ct);

    internal Task<IReadOnlyList<QueuedMessage>> DueAsync(string tenant, Instant now, int most, CancellationToken ct) => store.ReadAsync<IReadOnlyList<QueuedMessage>>(
        async db => [.. await db.QueryAsync<QueuedMessage>(
            "SELECT id AS Id, recipient_id AS RecipientId, channel AS Channel, subject AS Subject, tries AS Tries, body AS Body FROM notifications WHERE tenant = @tenant AND state = 'queued' AND next_at <= @now ORDER BY next_at LIMIT @most",
            new { tenant, now, most = (long)most })],
        ct);

    /// <summary>Whether it still waits to be sent, as it is in the transaction.</summary>
    internal static async Task<bool> IsQueuedAsync(AuditedTransaction transaction, string id) => await transaction.Tx.Connection!.ExecuteScalarAsync<long>(
        "SELECT COUNT(*) FROM notifications WHERE tenant = @Tenant AND id = @id AND state = 'queued'", new { transaction.Actor.Tenant, id }, transaction.Tx) > 0;

    internal Task SentAsync(string tenant, string id, Instant now, CancellationToken ct) => store.WriteAsync(
        tx => tx.Connection!.ExecuteAsync("UPDATE notifications SET state = 'sent', sent_at = @now, tries = tries + 1, problem = NULL WHERE tenant = @tenant AND id = @id", new { tenant, id, now }, tx), ct);

    /// <summary>Tried again by the ladder; failed once that ends. What was sent meanwhile stays sent: queued again, it would be sent twice.</summary>
    internal Task FailedAsync(string tenant, QueuedMessage message, string problem, Instant now, CancellationToken ct)
    {
        var next = RetrySchedule.Next((int)message.Tries + 1, now);
        return store.WriteAsync(
            tx => tx.Connection!.ExecuteAsync(
                "UPDATE notifications SET state = @state, next_at = @next, tries = tries + 1, problem = @problem WHERE tenant = @tenant AND id = @Id AND state = 'queued'",
                new { state = next is null ? "failed" : "queued", next = next?.ToUnixTimeTicks(), problem, tenant, message.Id },
                tx),
            ct);
    }

    private sealed class LogRow
    {
        public string Id { get; set; } = string.Empty;
        public string Key { get; set; } = string.Empty;
        public string RecipientId { get; set; } = string.Empty;
        public string Subject { get; set; } = string.Empty;
        public string? Covers { get; set; }
        public Instant SentAt { get; set; }
        public Instant? AckAt { get; set; }

        internal IEnumerable<SentMessage> Sent(Action<string, Exception> unread) => ReadCovers(unread).Prepend(Key).Select(key => new SentMessage(key, RecipientId, Subject, SentAt, AckAt));

        private List<string> ReadCovers(Action<string, Exception> unread)
        {
            try
            {
                return Covers is null ? [] : StoredJson.Read<List<string>>(Covers);
            }
            catch (JsonException fault)
            {
                unread(Id, fault);
                return [];
            }
        }
    }
}
