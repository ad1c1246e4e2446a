using Dapper;
using GridServices.Contracts;
using GridServices.Operations.Notifications;

namespace GridServices.Operations.Service.Storage;

/// <summary>Messages that wait to be sent.</summary>
internal static class WaitingMessages
{
    /// <summary>Takes back what waits to be sent about a subject.</summary>
    internal static Task WithdrawAsync(AuditedTransaction transaction, string subject, Trigger trigger) => transaction.Tx.Connection!.ExecuteAsync(
        "DELETE FROM notifications WHERE tenant = @Tenant AND subject = @subject AND message_key LIKE @start AND state = 'queued'",
        new { transaction.Actor.Tenant, subject, start = $"{EnumNames<Trigger>.GetName(trigger)}|%" },
        transaction.Tx);

    /// <summary>Before a contact is deleted: what it was told stays the customer's.</summary>
    internal static Task KeepAtCustomerAsync(AuditedTransaction transaction, string contactId, string customerId) => transaction.Tx.Connection!.ExecuteAsync(
        "UPDATE notifications SET customer_id = @customerId WHERE tenant = @Tenant AND recipient_id = @contactId", new { transaction.Actor.Tenant, contactId, customerId }, transaction.Tx);
}
