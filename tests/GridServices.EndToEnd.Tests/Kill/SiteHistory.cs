using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using GridServices.Contracts;
using GridServices.Testing;

namespace GridServices.EndToEnd.Tests.Kill;

/// <summary>All envelopes that the hub ever showed to a subscriber of the site, in order, over any number of reconnects.</summary>
internal sealed class SiteHistory : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly Task _reading;
    private string? _cursor;

    public SiteHistory(Uri hub, string token, string siteId)
    {
        var http = new HttpClient(TestConnections.Create()) { BaseAddress = hub, Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        _reading = ReadAsync(http, siteId);
    }

    public ConcurrentQueue<(string Cursor, Envelope Envelope)> Envelopes { get; } = new();

    public ConcurrentQueue<string> Withdrawn { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _reading;
        _end.Dispose();
    }

    private async Task ReadAsync(HttpClient http, string siteId)
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(http, siteId);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
            {
                // The hub was killed; it comes back.
            }

            await Task.Delay(50).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        http.Dispose();
    }

    private async Task FollowAsync(HttpClient http, string siteId)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/sites/{siteId}/stream");
        request.Headers.TryAddWithoutValidation("Last-Event-ID", _cursor);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _end.Token);
        response.EnsureSuccessStatusCode();
        await using var stream = await response.Content.ReadAsStreamAsync(_end.Token);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(_end.Token))
        {
            _cursor = item.EventId ?? _cursor;
            if (item.EventType == "envelope")
            {
                Take(item);
            }
        }
    }

    private void Take(SseItem<string> item)
    {
        var read = EnvelopeReader.ReadPublication(System.Text.Encoding.UTF8.GetBytes(item.Data)).Items[0];
        if (read.Value is EnvelopePublished published)
        {
            Envelopes.Enqueue((item.EventId!, published.Envelope));
        }
        else if (EnvelopeReader.ReadEnvelope(System.Text.Encoding.UTF8.GetBytes(item.Data)).Value is { } bare)
        {
            Envelopes.Enqueue((item.EventId!, bare));
        }
        else
        {
            Withdrawn.Enqueue(item.Data);
        }
    }
}
