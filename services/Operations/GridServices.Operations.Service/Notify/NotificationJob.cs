using System.Data.Common;
using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Hosting.Storage;
using GridServices.Operations.Notifications;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Notify;

/// <summary>One round: what is to be told is queued once, and what is queued is sent.</summary>
internal sealed partial class NotificationJob(
    ServiceTokens tokens, NoticeReader reader, NotificationStore store, WebhookStore webhooks, WebhookSender sender, Mailer mailer, Acknowledgements acknowledgements, SignatureStore signatures, RecipientNames names,
    PolledNotices polled, SettingsStore settings, NotifyOptions options, OperationsStore operations, ChangeFeed feed, IClock clock, ILogger<NotificationJob> logger)
    : IRecurringJob, IDisposable
{
    internal const string Name = "notify";
    private const int AtOnce = 500;
    private const int MostLogged = 10_000;
    private static readonly Duration LogBack = Duration.FromDays(90);

    // A round that somebody asked for may meet one by the plan, and both would send what is queued.
    private readonly SemaphoreSlim _one = new(1);
    private readonly HashSet<string> _logged = new(StringComparer.Ordinal);

    /// <summary>Round after round while something waits that only lacked time: between two, what is new is looked at.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        bool hasMore;
        do
        {
            hasMore = await RoundAsync(ct);
        }
        while (hasMore);
    }

    private async Task<bool> RoundAsync(CancellationToken ct)
    {
        var (hasMore, faults) = (false, new List<Exception>());
        await _one.WaitAsync(ct);
        try
        {
            foreach (var tenant in tokens.Tenants)
            {
                try
                {
                    hasMore |= await TurnAsync(tenant, ct);
                }
                catch (Exception fault) when (fault is not OutOfMemoryException && !ct.IsCancellationRequested)
                {
                    // One tenant's fault keeps nothing from the others.
                    faults.Add(fault);
                }
            }
        }
        finally
        {
            _one.Release();
        }

        return faults.Count == 0 ? hasMore : throw new AggregateException(faults);
    }

    /// <returns>Whether something waits that only lacked time.</returns>
    /// <exception cref="AggregateException">Something could not be read or sent; all else was.</exception>
    private async Task<bool> TurnAsync(string tenant, CancellationToken ct)
    {
        // What people asked for waits for no service that is away.
        var (hasMore, faults) = (false, new RunFaults(ct));
        var isWritten = false;
        await faults.IsolateAsync("messages", async () => (hasMore, isWritten) = (await SendAsync(tenant, faults, ct), true));
        await faults.IsolateAsync("other services' lists", () => polled.PollAsync(tenant, ct));
        await faults.IsolateAsync("what is to be told", () => PlanAsync(tenant, faults, ct));
        if (isWritten)
        {
            // Else what was sent may not be written down: it would be sent once more at once.
            await faults.IsolateAsync("messages", async () => hasMore |= await SendAsync(tenant, faults, ct));
        }

        await faults.IsolateAsync("webhooks", async () => hasMore |= await sender.SendDueAsync(tenant, faults, ct));
        LogOnce(tenant, faults);
        faults.ThrowIfAny();
        return hasMore;
    }

    /// <summary>The run's own reason has room for the first of them only, and they fail at each run until they are put right.</summary>
    private void LogOnce(string tenant, RunFaults faults)
    {
        if (_logged.Count > MostLogged)
        {
            _logged.Clear();
        }

        foreach (var fault in faults.All.Where(f => _logged.Add($"{tenant} {f.Message}")))
        {
            LogFailed(logger, tenant, SafeText.Line(fault.Message));
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task PlanAsync(string tenant, RunFaults faults, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        var all = await reader.ReadAsync(tenant, faults, ct);
        var due = NotificationPlan.Due(all.Notices, all.Recipients, await store.LogAsync(tenant, now - LogBack, (id, fault) => faults.Note($"message {id}", fault), ct), new NotificationSettings { AcknowledgeWithin = Duration.FromMinutes((await settings.GetAsync(tenant, ct)).AcknowledgeMinutes) }, now);
        var hooks = (await webhooks.ListReadableAsync(tenant, (id, fault) => faults.Note($"webhook {id}", fault), ct)).Where(w => w.Enabled).ToList();
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

    /// <returns>Whether something waits that only lacked time.</returns>
    private Task<bool> SendAsync(string tenant, RunFaults faults, CancellationToken ct) => new SendingTurn(TimeProvider.System, SendingTurn.Usual).AllAsync(
        () => store.DueAsync(tenant, clock.GetCurrentInstant(), AtOnce, ct),
        async waiting =>
        {
            var sent = 0;
            await using var mail = mailer.Open();
            foreach (var message in waiting)
            {
                sent += await SendAsync(tenant, message, mail, faults, ct) ? 1 : 0;
            }

            return sent;
        },
        ct);

    private async Task<bool> SendAsync(string tenant, QueuedMessage message, MailLine mail, RunFaults faults, CancellationToken ct)
    {
        var problem = await TrySendAsync(tenant, message, mail, faults, ct);

        // What has been sent is written down also where the service stops: it would be sent twice.
        await (problem is null ? store.SentAsync(tenant, message.Id, clock.GetCurrentInstant(), CancellationToken.None) : store.FailedAsync(tenant, message, problem, clock.GetCurrentInstant(), CancellationToken.None));
        feed.Publish([new EntityChange(tenant, "notification", message.Id, problem is null ? "sent" : "failed", null)]);
        return problem is null;
    }

    /// <summary>One that can't be read is tried again by the ladder, as one that was not taken: it keeps nobody else's from going out.</summary>
    private async Task<string?> TrySendAsync(string tenant, QueuedMessage message, MailLine mail, RunFaults faults, CancellationToken ct)
    {
        try
        {
            var isMail = message.Channel == EnumNames<Channel>.GetName(Channel.Email);
            var problem = isMail ? await MailAsync(tenant, message, mail, ct) : await ForwardAsync(tenant, message, ct);
            return problem is null ? null : SafeText.Line(problem);
        }
        catch (Exception fault) when (fault is not (OutOfMemoryException or StoreUnavailableException or DbException) && !ct.IsCancellationRequested)
        {
            faults.Note($"message {message.Id}", fault);
            return $"it can't be sent as it is: {SafeText.Line(fault.Message)}";
        }
    }

    private async Task<string?> MailAsync(string tenant, QueuedMessage message, MailLine mail, CancellationToken ct)
    {
        if (await names.MailAddressAsync(tenant, message.RecipientId, ct) is not { } address)
        {
            return "the recipient is gone, or has no mail address any more";
        }

        var link = await LinkAsync(tenant, message, ct);
        return link is null && NoticeText.IsToSign(message.Message)
            ? await signatures.IsAnsweredAsync(tenant, message.Message.Parts[0].Occasion, ct) ? null : "the signature is asked for no more"
            : await mail.SendAsync(message.Id, address, NoticeText.FormatSubject(message.Message), NoticeText.FormatBody(message.Message, link), ct);
    }

    /// <summary>SMS, voice and push go to the gateway behind a webhook, which asks us for the recipient's number: none is kept with the message.</summary>
    internal async Task<string?> ForwardAsync(string tenant, QueuedMessage message, CancellationToken ct)
    {
        var due = message.Message;
        var hooks = (await webhooks.ListAsync(tenant, ct)).Where(w => w.Enabled && (w.Triggers.Count == 0 || due.Parts.Any(p => w.Triggers.Contains(p.Trigger)))).ToList();
        if (hooks.Count == 0)
        {
            return $"no webhook is told of this: {message.Channel} is sent by the gateway behind one";
        }

        var body = StoredJson.Write(new HandedOn(message.Id, message.RecipientId, message.Channel, due.Language, NoticeText.FormatSubject(due), NoticeText.FormatBody(due, await LinkAsync(tenant, message, ct))));
        return await operations.WriteAsync(
            Actor.Job(tenant, Name),
            async transaction =>
            {
                // Erased since it was read, its words are handed to nobody.
                if (!await NotificationStore.IsQueuedAsync(transaction, message.Id))
                {
                    return "it is to be sent no more";
                }

                foreach (var hook in hooks)
                {
                    await WebhookStore.QueueAsync(transaction, hook.Id, $"message|{message.Id}", body);
                }

                return null;
            },
            ct);
    }

    private async Task<string?> LinkAsync(string tenant, QueuedMessage message, CancellationToken ct)
    {
        var path = message.Message switch
        {
            { WantsAcknowledgement: true } => $"ack/{await acknowledgements.IssueAsync(tenant, message.RecipientId, message.Subject, ct)}",
            var due when NoticeText.IsToSign(due) => await signatures.SendAsync(tenant, due.Parts[0].Occasion, ct) is { } token ? $"sign/{token}" : null,
            _ => null,
        };
        return path is null ? null : $"{options.PublicUrl.TrimEnd('/')}/{path}";
    }

    [LoggerMessage(EventIds.NoticePartFailed, LogLevel.Error, "Not told to people of tenant {Tenant}, and tried again each minute: {Fault}")]
    private static partial void LogFailed(ILogger logger, string tenant, string fault);

    private sealed record HandedOn(string MessageId, string RecipientId, string Channel, string Language, string Subject, string Text);
}
