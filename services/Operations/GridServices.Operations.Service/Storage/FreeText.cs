using System.Text.Json.Nodes;
using Dapper;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Service.Storage;

/// <summary>What people wrote in their own words about a site or to its contacts: it may be about persons, and goes with them.</summary>
internal static class FreeText
{
    /// <summary>Takes the notes of a site away.</summary>
    internal static Task DeleteNotesAsync(AuditedTransaction transaction, string siteId) =>
        transaction.Tx.Connection!.ExecuteAsync("DELETE FROM site_notes WHERE tenant = @Tenant AND site_id = @siteId", new { transaction.Actor.Tenant, siteId }, transaction.Tx);

    /// <summary>Overwrites the words of messages to the contacts of a site; that there was a message, and of whom, is kept.</summary>
    /// <returns>Their ids.</returns>
    internal static async Task<IReadOnlyList<string>> EraseMessagesAsync(AuditedTransaction transaction, string siteId, string word)
    {
        var (db, tenant, erased) = (transaction.Tx.Connection!, transaction.Actor.Tenant, new List<string>());
        foreach (var (id, _, body) in await ListMessagesAsync(transaction, siteId))
        {
            var message = JsonNode.Parse(body)!.AsObject();
            if (IsFor(message, siteId))
            {
                message["text"] = word;
                await db.ExecuteAsync("UPDATE contact_messages SET body = @body WHERE tenant = @tenant AND id = @id", new { tenant, id, body = message.ToJsonString() }, transaction.Tx);
                erased.Add(id);
            }
        }

        return erased;
    }

    /// <summary>All notes of a site, the oldest first.</summary>
    internal static async Task<IReadOnlyList<ExportedNote>> NotesAsync(AuditedTransaction transaction, string siteId) =>
        [.. (await transaction.Tx.Connection!.QueryAsync<(Instant At, string Author, string Text)>(
            "SELECT at, author, text FROM site_notes WHERE tenant = @Tenant AND site_id = @siteId ORDER BY id", new { transaction.Actor.Tenant, siteId }, transaction.Tx))
            .Select(n => new ExportedNote(siteId, n.At, n.Author, n.Text))];

    /// <summary>All messages to contacts of these sites, the oldest first, each once.</summary>
    internal static async Task<IReadOnlyList<ExportedMessage>> MessagesAsync(AuditedTransaction transaction, IReadOnlyCollection<string> siteIds)
    {
        var found = new SortedDictionary<string, ExportedMessage>(StringComparer.Ordinal);
        foreach (var siteId in siteIds)
        {
            foreach (var (id, eventId, body) in await ListMessagesAsync(transaction, siteId))
            {
                var message = JsonNode.Parse(body)!.AsObject();
                if (IsFor(message, siteId))
                {
                    found[id] = new ExportedMessage(
                        eventId, InstantPattern.ExtendedIso.Parse((string)message["at"]!).Value, (string)message["by"]!, (string)message["text"]!, [.. siteIds.Where(s => IsFor(message, s))]);
                }
            }
        }

        return [.. found.Values];
    }

    private static bool IsFor(JsonObject message, string siteId) => message["siteIds"] is JsonArray sites && sites.Any(s => (string?)s == siteId);

    /// <summary>Those of the events that the site was ever in.</summary>
    private static Task<IEnumerable<(string Id, string EventId, string Body)>> ListMessagesAsync(AuditedTransaction transaction, string siteId) =>
        transaction.Tx.Connection!.QueryAsync<(string Id, string EventId, string Body)>(
            "SELECT id, event_id, body FROM contact_messages WHERE tenant = @Tenant AND event_id IN (SELECT event_id FROM event_sites WHERE event_sites.tenant = @Tenant AND site_id = @siteId) ORDER BY id",
            new { transaction.Actor.Tenant, siteId },
            transaction.Tx);
}
