using System.Text.Json.Nodes;
using Dapper;

namespace GridServices.Operations.Service.Storage;

/// <summary>What people wrote in their own words about a site or to its contacts: it may be about persons, and goes with them.</summary>
internal static class FreeText
{
    /// <summary>Takes the notes of a site away.</summary>
    internal static Task DeleteNotesAsync(AuditedTransaction transaction, string siteId) =>
        transaction.Tx.Connection!.ExecuteAsync("DELETE FROM site_notes WHERE tenant = @Tenant AND site_id = @siteId", new { transaction.Actor.Tenant, siteId }, transaction.Tx);

    /// <summary>Overwrites the words of messages to the contacts of a site; that there was a message, and of whom, is kept.</summary>
    internal static async Task EraseMessagesAsync(AuditedTransaction transaction, string siteId, string word)
    {
        var (db, tenant) = (transaction.Tx.Connection!, transaction.Actor.Tenant);
        var rows = await db.QueryAsync<(string Id, string Body)>(
            "SELECT id, body FROM contact_messages WHERE tenant = @tenant AND event_id IN (SELECT event_id FROM event_sites WHERE event_sites.tenant = @tenant AND site_id = @siteId)",
            new { tenant, siteId },
            transaction.Tx);
        foreach (var (id, body) in rows)
        {
            var message = JsonNode.Parse(body)!.AsObject();
            if (message["siteIds"] is JsonArray sites && sites.Any(s => (string?)s == siteId))
            {
                message["text"] = word;
                await db.ExecuteAsync("UPDATE contact_messages SET body = @body WHERE tenant = @tenant AND id = @id", new { tenant, id, body = message.ToJsonString() }, transaction.Tx);
            }
        }
    }
}
