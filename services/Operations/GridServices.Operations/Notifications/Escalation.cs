using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations;

/// <summary>Where nobody of a customer acknowledges in time, its backup contacts are told; a customer without a primary contact has nobody to wait for.</summary>
internal static class Escalation
{
    public static IEnumerable<Notice> Of(Notice notice, IReadOnlyCollection<Recipient> recipients, IReadOnlyCollection<SentMessage> log, NotificationSettings settings, Instant now)
    {
        foreach (var customer in notice.Audience.Customers)
        {
            Recipient[] own = [.. recipients.Where(r => r.CustomerId == customer)];
            var asked = own.Where(notice.Audience.Includes).Select(r => r.Id).ToHashSet(StringComparer.Ordinal);
            // Where quiet hours hold it back, the time runs from when it was due.
            var from = FirstSent(notice, asked, log) ?? notice.At;
            if (!IsAcknowledged(notice, from, own, log) && (asked.Count == 0 || from + settings.AcknowledgeWithin <= now))
            {
                yield return notice with
                {
                    Trigger = Trigger.NoAcknowledgement,
                    NeedsAcknowledgement = false,
                    Audience = notice.Audience with { Contacts = [ContactRole.EventBackup], Staff = [], Customers = [customer] },
                };
            }
        }
    }

    private static Instant? FirstSent(Notice notice, HashSet<string> asked, IReadOnlyCollection<SentMessage> log) =>
        log.Where(s => s.Subject == notice.Subject && asked.Contains(s.RecipientId) && s.SentAt >= notice.At && s.Key.Contains($"|{notice.Occasion}|", StringComparison.Ordinal))
            .Select(s => (Instant?)s.SentAt).Min();

    /// <summary>Any acknowledgement of the event once this was said covers it, whichever message carried the link; one from before does not.</summary>
    private static bool IsAcknowledged(Notice notice, Instant from, Recipient[] own, IReadOnlyCollection<SentMessage> log) =>
        log.Any(s => s.Subject == notice.Subject && s.AcknowledgedAt >= from && own.Any(r => r.Id == s.RecipientId));
}
