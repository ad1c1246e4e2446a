using Dapper;
using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Storage;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Notify;

/// <summary>What a person wrote to the contacts of an event's sites.</summary>
/// <param name="Id">Its id.</param>
/// <param name="At">When.</param>
/// <param name="By">Who.</param>
/// <param name="Text">The words.</param>
/// <param name="SiteIds">Whose contacts are meant.</param>
internal sealed record ContactMessage(string Id, Instant At, string By, string Text, IReadOnlyList<string> SiteIds);

/// <summary>Messages to the contacts of events: kept first, then sent by the same rounds as notices, in each contact's channels and outside of quiet hours.</summary>
internal sealed class ContactMessages(Store store, JobTrigger jobs)
{
    internal const int LongestText = 1_000;
    private static readonly Duration After = Duration.FromHours(24);

    /// <exception cref="ProblemException">409: the event was over for a day or more.</exception>
    /// <exception cref="FormException">The text is missing or too long.</exception>
    internal async Task SendAsync(AuditedTransaction transaction, HeldEvent held, IReadOnlyList<string> siteIds, string text)
    {
        new FormCheck().Text("/text", text, LongestText).ThrowIfAny();
        if (held.Event.Over + After <= transaction.Now)
        {
            throw new ProblemException(ErrorClass.Conflict, "The event has been over for a day; its contacts are no longer told anything of it.");
        }

        var message = new ContactMessage(transaction.NewId(), transaction.Now, transaction.Actor.Name, text, siteIds);
        await transaction.Tx.Connection!.ExecuteAsync(
            "INSERT INTO contact_messages (tenant, id, event_id, at, body) VALUES (@Tenant, @Id, @eventId, @At, @body)",
            new { transaction.Actor.Tenant, message.Id, eventId = held.Id, message.At, body = StoredJson.Write(message) },
            transaction.Tx);
        await transaction.AuditAsync("event", held.Id, "messageSent", null, StoredJson.Write(new { message.Id, sites = siteIds.Count }));
        transaction.AfterCommit(() => jobs.Run(NotificationJob.Name));
    }

    /// <summary>Those that were written after an instant, with their event's id: they are told a day long, also where the event was over before.</summary>
    internal Task<ILookup<string, ContactMessage>> SinceAsync(string tenant, Instant since, CancellationToken ct) => store.ReadAsync(
        async db => (await db.QueryAsync<(string EventId, string Body)>(
            "SELECT event_id, body FROM contact_messages WHERE tenant = @tenant AND at > @since ORDER BY id", new { tenant, since = since.ToUnixTimeTicks() }))
            .ToLookup(m => m.EventId, m => StoredJson.Read<ContactMessage>(m.Body), StringComparer.Ordinal),
        ct);

    internal Task<IReadOnlyList<ContactMessage>> ListByEventAsync(string tenant, string eventId, CancellationToken ct) => store.ReadAsync<IReadOnlyList<ContactMessage>>(
        async db => [.. (await db.QueryAsync<string>("SELECT body FROM contact_messages WHERE tenant = @tenant AND event_id = @eventId ORDER BY id", new { tenant, eventId })).Select(StoredJson.Read<ContactMessage>)], ct);
}
