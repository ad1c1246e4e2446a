using System.Net.Http.Headers;
using System.Text;
using NodaTime;

namespace GridServices.Operations.Service.Notify;

/// <summary>Sends signed deliveries; what is not taken is tried again from a minute to a day, and can be sent again by a person.</summary>
internal sealed class WebhookSender(WebhookStore store, IClock clock) : IDisposable
{
    private const int AtOnce = 200;
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(5) }) { Timeout = TimeSpan.FromSeconds(15) };

    internal async Task SendDueAsync(string tenant, CancellationToken ct)
    {
        var hooks = (await store.AllAsync(tenant, ct)).ToDictionary(w => w.Id, StringComparer.Ordinal);
        while (await SendSomeAsync(tenant, hooks, ct) > 0)
        {
            // While something gets through, whatever waits is sent in the same round.
        }
    }

    /// <returns>How many were taken.</returns>
    private async Task<int> SendSomeAsync(string tenant, Dictionary<string, Webhook> hooks, CancellationToken ct)
    {
        var sent = 0;
        foreach (var delivery in await store.DueAsync(tenant, clock.GetCurrentInstant(), AtOnce, ct))
        {
            var problem = hooks.TryGetValue(delivery.WebhookId, out var hook) && hook.Enabled ? await SendAsync(tenant, hook, delivery, ct) : "the webhook is gone or switched off";
            var now = clock.GetCurrentInstant();
            var next = problem is null ? null : RetryLadder.Next((int)delivery.Tries + 1, now);
            await store.NoteAsync(
                tenant, delivery with { State = problem is null ? "sent" : next is null ? "failed" : "queued", Tries = delivery.Tries + 1, SentAt = problem is null ? now : delivery.SentAt, NextAt = next, Problem = problem }, ct);
            sent += problem is null ? 1 : 0;
        }

        return sent;
    }

    public void Dispose() => _http.Dispose();

    private async Task<string?> SendAsync(string tenant, Webhook hook, WebhookDelivery delivery, CancellationToken ct)
    {
        var body = Encoding.UTF8.GetBytes(await store.BodyAsync(tenant, delivery.Id, ct));
        using var request = new HttpRequestMessage(HttpMethod.Post, hook.Url) { Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } } };
        request.Headers.TryAddWithoutValidation("GridServices-Delivery", delivery.Id);
        if (await store.SecretAsync(tenant, hook.Id, ct) is { } secret)
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
