using Dapper;
using GridServices.Contracts;
using GridServices.Operations.Notifications;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Notify;

/// <summary>What was told to the contacts of one customer, those that are deleted by now too, for its right to have it and to have it erased.</summary>
internal static class ContactDeliveries
{
    private const string OfCustomer =
        "tenant = @Tenant AND (customer_id = @customerId OR recipient_id IN (SELECT contacts.id FROM contacts WHERE contacts.tenant = @Tenant AND contacts.customer_id = @customerId))";

    /// <summary>The oldest first; those older than deliveries are kept are gone.</summary>
    internal static async Task<IReadOnlyList<ExportedDelivery>> ListAsync(AuditedTransaction transaction, string customerId) =>
        [.. (await transaction.Tx.Connection!.QueryAsync<Row>(
            $"""
            SELECT id AS Id, recipient_id AS RecipientId, channel AS Channel, state AS State, created_at AS CreatedAt, sent_at AS SentAt, ack_at AS AckAt, body AS Body
            FROM notifications WHERE {OfCustomer} ORDER BY id
            """,
            new { transaction.Actor.Tenant, customerId },
            transaction.Tx)).Select(r => r.Export())];

    /// <summary>
    /// Takes the words away, and what a mail server said of an address; that a contact was told, when, and what it acknowledged stays as proof. What waits is
    /// not sent any more. Gateways behind webhooks are handed nothing of it again.
    /// </summary>
    /// <returns>How many stay.</returns>
    internal static async Task<int> EraseAsync(AuditedTransaction transaction, string customerId, string word)
    {
        var rows = (await transaction.Tx.Connection!.QueryAsync<Row>(
            $"SELECT id AS Id, body AS Body FROM notifications WHERE {OfCustomer}", new { transaction.Actor.Tenant, customerId }, transaction.Tx)).AsList();
        foreach (var row in rows)
        {
            await EraseAsync(transaction, row, word);
        }

        return rows.Count;
    }

    /// <summary>Takes the words of what a person wrote away wherever it was told; who has not been told yet is not told of it any more.</summary>
    internal static async Task EraseMessageAsync(AuditedTransaction transaction, string messageId, string word)
    {
        var start = EnumNames<Trigger>.GetName(Trigger.ContactMessage);
        var rows = (await transaction.Tx.Connection!.QueryAsync<Row>(
            "SELECT id AS Id, body AS Body FROM notifications WHERE tenant = @Tenant AND message_key LIKE @key",
            new { transaction.Actor.Tenant, key = $"{start}|%|m.{messageId}|%" }, transaction.Tx)).AsList();
        foreach (var row in rows)
        {
            await EraseAsync(transaction, row, word);
        }

        await EraseHandedOnAsync(transaction, $"{start}|%|m.{messageId}", word);
    }

    private static async Task EraseAsync(AuditedTransaction transaction, Row row, string word)
    {
        await transaction.Tx.Connection!.ExecuteAsync(
            """
            UPDATE notifications SET body = @body, state = CASE WHEN state = 'queued' THEN 'failed' ELSE state END, next_at = NULL,
                   problem = CASE WHEN problem IS NULL AND state <> 'queued' THEN NULL ELSE @word END
            WHERE tenant = @Tenant AND id = @Id
            """,
            new { transaction.Actor.Tenant, row.Id, word, body = StoredJson.Write(row.Message with { Parts = [.. row.Message.Parts.Select(p => p with { Arguments = [] })] }) },
            transaction.Tx);
        await EraseHandedOnAsync(transaction, $"message|{row.Id}", word);
    }

    private static Task<int> EraseHandedOnAsync(AuditedTransaction transaction, string occasion, string word) => transaction.Tx.Connection!.ExecuteAsync(
        """
        UPDATE webhook_deliveries SET body = @body, state = CASE WHEN state = 'queued' THEN 'failed' ELSE state END, next_at = NULL, problem = @word
        WHERE tenant = @Tenant AND occasion LIKE @occasion
        """,
        new { transaction.Actor.Tenant, occasion, word, body = StoredJson.Write(new { text = word }) },
        transaction.Tx);

    private sealed class Row
    {
        public string Id { get; set; } = string.Empty;
        public string RecipientId { get; set; } = string.Empty;
        public string Channel { get; set; } = string.Empty;
        public string State { get; set; } = string.Empty;
        public Instant CreatedAt { get; set; }
        public Instant? SentAt { get; set; }
        public Instant? AckAt { get; set; }
        public string Body { get; set; } = string.Empty;

        internal MessageDue Message => StoredJson.Read<MessageDue>(Body);

        internal ExportedDelivery Export() => new(Id, RecipientId, Channel, State, CreatedAt, SentAt, AckAt, NoticeText.FormatSubject(Message), NoticeText.FormatBody(Message, null).TrimEnd());
    }
}
