using System.Data.Common;
using System.Net.Http.Headers;
using System.Text;
using GridServices.Client.Access;
using GridServices.Contracts;
using GridServices.Hosting.Outbound;
using GridServices.Hosting.Storage;
using GridServices.Operations.Notifications;
using GridServices.Operations.Service.Clients;
using NodaTime;

namespace GridServices.Operations.Service.Notify;

/// <summary>Sends signed deliveries, to addresses that webhooks may reach; what is not taken is tried again from a minute to a day, and can be sent again by a person.</summary>
internal sealed class WebhookSender(WebhookStore store, WebhookOptions options, IClock clock) : IDisposable
{
    private const int AtOnce = 200;
    private const int HooksAtOnce = 8;
    private readonly HttpClient _http = new(new ConnectionFaultHandler(new GuardedConnections(options.Rules).CreateHandler(TimeSpan.FromSeconds(5)))) { Timeout = TimeSpan.FromSeconds(15) };

    /// <summary>Each webhook has lines of its own: one that does not answer keeps nothing from the others.</summary>
    /// <returns>Whether something waits that only lacked time.</returns>
    /// <param name="tenant">Whose.</param>
    /// <param name="faults">Gets what can't be read; it keeps nothing from the others.</param>
    /// <param name="ct">Gives up.</param>
    internal async Task<bool> SendDueAsync(string tenant, RunFaults faults, CancellationToken ct)
    {
        var unread = new HashSet<string>(StringComparer.Ordinal);
        var hooks = (await store.ListReadableAsync(tenant, Unread, ct)).ToDictionary(w => w.Id, StringComparer.Ordinal);
        var (turn, hasMore) = (new SendingTurn(TimeProvider.System, SendingTurn.Usual), 0);
        await Parallel.ForEachAsync(
            (await store.WithDueAsync(tenant, clock.GetCurrentInstant(), ct)).Where(id => !unread.Contains(id)),
            new ParallelOptions { MaxDegreeOfParallelism = HooksAtOnce, CancellationToken = ct },
            async (id, _) =>
            {
                // Not the loop's own token: a fault at one webhook cuts off no other's delivery.
                await faults.IsolateAsync($"webhook {id}", async () =>
                {
                    if (await SendDueAsync(tenant, id, hooks.GetValueOrDefault(id), turn, faults, ct))
                    {
                        Volatile.Write(ref hasMore, 1);
                    }
                });
            });
        return hasMore != 0;

        // Where it goes to is not known: what is due to it waits until the row is whole again.
        void Unread(string id, Exception fault)
        {
            unread.Add(id);
            faults.Note($"webhook {id}", fault);
        }
    }

    private Task<bool> SendDueAsync(string tenant, string hookId, Webhook? webhook, SendingTurn turn, RunFaults faults, CancellationToken ct) => turn.AllAsync(
        () => store.DueAsync(tenant, hookId, clock.GetCurrentInstant(), AtOnce, ct),
        async waiting =>
        {
            var sent = 0;
            foreach (var delivery in waiting)
            {
                sent += await DeliverAsync(tenant, webhook, delivery, faults, ct) ? 1 : 0;
            }

            return sent;
        },
        ct);

    private async Task<bool> DeliverAsync(string tenant, Webhook? webhook, WebhookDelivery delivery, RunFaults faults, CancellationToken ct)
    {
        var problem = webhook is { Enabled: true } ? await TrySendAsync(tenant, webhook, delivery, faults, ct) : "the webhook is gone or switched off";
        var now = clock.GetCurrentInstant();
        var next = problem is null ? null : RetrySchedule.Next((int)delivery.Tries + 1, now);
        await store.NoteAsync(
            tenant,
            delivery with { State = problem is null ? "sent" : next is null ? "failed" : "queued", Tries = delivery.Tries + 1, SentAt = problem is null ? now : delivery.SentAt, NextAt = next, Problem = problem },
            CancellationToken.None);
        return problem is null;
    }

    public void Dispose() => _http.Dispose();

    /// <summary>One whose secret or words can't be read goes nowhere, never unsigned; the ladder tries it again.</summary>
    private async Task<string?> TrySendAsync(string tenant, Webhook webhook, WebhookDelivery delivery, RunFaults faults, CancellationToken ct)
    {
        try
        {
            return await SendAsync(tenant, webhook, delivery, ct) is { } problem ? SafeText.Line(problem) : null;
        }
        catch (Exception fault) when (fault is not (OutOfMemoryException or StoreUnavailableException or DbException) && !ct.IsCancellationRequested)
        {
            faults.Note($"delivery {delivery.Id} to webhook {webhook.Id}", fault);
            return $"it can't be sent as it is: {SafeText.Line(fault.Message)}";
        }
    }

    private async Task<string?> SendAsync(string tenant, Webhook webhook, WebhookDelivery delivery, CancellationToken ct)
    {
        var body = Encoding.UTF8.GetBytes(await store.BodyAsync(tenant, delivery.Id, ct));
        using var request = new HttpRequestMessage(HttpMethod.Post, webhook.Url) { Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } } };
        request.Headers.TryAddWithoutValidation("GridServices-Delivery", delivery.Id);
        if (await store.SecretAsync(tenant, webhook.Id, ct) is { } secret)
        {
            request.Headers.TryAddWithoutValidation(WebhookSignature.Header, WebhookSignature.Sign([Encoding.UTF8.GetBytes(secret)], clock.GetCurrentInstant(), body));
        }

        try
        {
            using var answer = await _http.SendAsync(request, ct);
            return answer.IsSuccessStatusCode ? null : $"answered {(int)answer.StatusCode}";
        }
        catch (Exception fault) when (fault is HttpRequestException || (fault is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return fault is OperationCanceledException ? "no answer in time" : fault.Message;
        }
    }
}
