using GridServices.Operations.Registry;
using NodaTime;

namespace GridServices.Operations.Notifications;

/// <summary>Where nobody of a customer acknowledges in time, its backup contacts are told; a customer without a primary contact has nobody to wait for.</summary>
internal sealed class Escalation(IReadOnlyCollection<Recipient> recipients, IReadOnlyCollection<SentMessage> log, NotificationSettings settings, Instant now)
{
    private readonly ILookup<string, Recipient> _ofCustomer = recipients.Where(r => r.CustomerId is not null).ToLookup(r => r.CustomerId!, StringComparer.Ordinal);
    private readonly ILookup<(string Subject, string Recipient), SentMessage> _sent = log.ToLookup(s => (s.Subject, s.RecipientId));

    public IEnumerable<Notice> Escalate(Notice notice, AudienceIndex index)
    {
        foreach (var customer in notice.Audience.Customers)
        {
            Recipient[] asked = [.. _ofCustomer[customer].Where(r => index.Includes(notice, r))];

            // Where quiet hours hold it back, the time runs from when it was due.
            var from = FirstSent(notice, asked) ?? notice.At;
            if ((asked.Length == 0 || from + settings.AcknowledgeWithin <= now) && !IsAcknowledged(notice, from, customer))
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

    private Instant? FirstSent(Notice notice, Recipient[] asked) =>
        asked.SelectMany(r => _sent[(notice.Subject, r.Id)]).Where(s => s.SentAt >= notice.At && s.Key.Contains($"|{notice.Occasion}|", StringComparison.Ordinal)).Select(s => (Instant?)s.SentAt).Min();

    /// <summary>Any acknowledgement of the event once this was said covers it, whichever message carried the link; one from before does not.</summary>
    private bool IsAcknowledged(Notice notice, Instant from, string customer) =>
        _ofCustomer[customer].SelectMany(r => _sent[(notice.Subject, r.Id)]).Any(s => s.AcknowledgedAt >= from);
}
