using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Notify;

/// <summary>One round: what is to be told is queued once, and what is queued is sent.</summary>
internal sealed class NotificationJob(
    ServiceTokens tokens, NoticeReader reader, NotificationStore store, WebhookStore webhooks, WebhookSender sender, Mailer mailer, Acknowledgements acknowledgements, ContactStore contacts,
    NotifyOptions options, OperationsStore operations, IClock clock)
    : IRecurringJob
{
    private const int AtOnce = 500;
    private static readonly Duration LogBack = Duration.FromDays(90);

    public async Task RunAsync(CancellationToken ct)
    {
        foreach (var tenant in tokens.Tenants)
        {
            await PlanAsync(tenant, ct);
            await SendAsync(tenant, ct);
            await sender.SendDueAsync(tenant, ct);
        }
    }

    private async Task PlanAsync(string tenant, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        var all = await reader.OfAsync(tenant, ct);
        var due = NotificationPlan.Due(all.Notices, all.Recipients, await store.LogAsync(tenant, now - LogBack, ct), new NotificationSettings(), now);
        var hooks = (await webhooks.AllAsync(tenant, ct)).Where(w => w.Enabled).ToList();
        var told = all.Notices.Where(n => n.At <= now && !(n.Expires <= now)).ToList();
        if (due.Count == 0 && (hooks.Count == 0 || told.Count == 0))
        {
            return;
        }

        await operations.WriteAsync(
            Actor.Job(tenant, "notify"),
            async transaction =>
            {
                foreach (var message in due)
                {
                    await NotificationStore.QueueAsync(transaction, message);
                }

                foreach (var (hook, notice) in hooks.SelectMany(h => told.Where(n => h.Triggers.Count == 0 || h.Triggers.Contains(n.Trigger)).Select(n => (h, n))))
                {
                    await WebhookStore.QueueAsync(transaction, hook.Id, $"{EnumNames<Trigger>.GetName(notice.Trigger)}|{notice.Subject}|{notice.Occasion}", StoredJson.Write(notice));
                }
            },
            ct);
    }

    private async Task SendAsync(string tenant, CancellationToken ct)
    {
        foreach (var message in await store.DueAsync(tenant, clock.GetCurrentInstant(), AtOnce, ct))
        {
            var problem = message.Channel == EnumNames<Channel>.GetName(Channel.Email)
                ? await MailAsync(tenant, message, ct)
                : $"{message.Channel} is sent by webhooks; this contact's message is in their deliveries";
            await (problem is null ? store.SentAsync(tenant, message.Id, clock.GetCurrentInstant(), ct) : store.FailedAsync(tenant, message, problem, clock.GetCurrentInstant(), ct));
        }
    }

    private async Task<string?> MailAsync(string tenant, QueuedMessage message, CancellationToken ct)
    {
        if (await contacts.OneAsync(tenant, message.RecipientId, ct) is not { } contact)
        {
            return "the contact is gone";
        }

        var due = message.Message;
        var link = due.WantsAcknowledgement ? $"{options.PublicUrl.TrimEnd('/')}/ack/{await acknowledgements.IssueAsync(tenant, contact.Id, message.Subject, ct)}" : null;
        return await mailer.SendAsync(contact.Email, NoticeText.SubjectOf(due), NoticeText.BodyOf(due, link), ct);
    }
}
