using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Testing;

namespace GridServices.EndToEnd.Tests.Recovery;

/// <summary>
/// A controller that looks at the site all the time, by stream and by number, over any number of restarts of the hub, and writes down
/// every time that it is told something looser than what is in force without being told that limits may be missing.
/// </summary>
internal sealed class SiteWatch : IAsyncDisposable
{
    private static readonly EnvelopeTarget Target = new(TargetKind.Site, PublisherApp.Site);
    private readonly CancellationTokenSource _end = new();
    private readonly HttpClient _http;
    private readonly Task _looking;
    private long _demand = long.MaxValue;
    private string? _cursor;
    private Limit? _last;

    public SiteWatch(Uri hub, string token)
    {
        _http = new HttpClient(TestConnections.Create()) { BaseAddress = hub, Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        _looking = Task.WhenAll(AgainAsync(FollowAsync, 50), AgainAsync(AskAsync, 20));
    }

    /// <summary>What it was told wrongly.</summary>
    public ConcurrentQueue<string> Loosened { get; } = new();

    /// <summary>Everything that came by stream: event, epoch, whether it says incomplete, limit.</summary>
    public ConcurrentQueue<(string Event, string Epoch, bool Incomplete, long? Limit)> Told { get; } = new();

    /// <summary>From the moment the stream has told it, no import above this may be told without a notice; null: anything may.</summary>
    public async Task DemandAsync(long? watts)
    {
        var demand = watts ?? long.MaxValue;
        await Until.HoldsAsync(() => (Volatile.Read(ref _last)?.Watts ?? long.MaxValue) <= demand, () => Task.FromResult($"{demand} W was not told by stream"));
        Volatile.Write(ref _demand, demand);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _looking;
        _http.Dispose();
        _end.Dispose();
    }

    private async Task AgainAsync(Func<Task> look, int pauseMilliseconds)
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                await look();
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
            {
                // The hub is away; it comes back.
            }

            await Task.Delay(pauseMilliseconds, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task AskAsync()
    {
        // What was asked before a demand may be answered as it was then.
        var demand = Volatile.Read(ref _demand);
        using var answer = await _http.GetAsync(new Uri($"/v1/sites/{PublisherApp.Site}/effective/now/importLimitW", UriKind.Relative), _end.Token);
        var text = await answer.Content.ReadAsStringAsync(_end.Token);
        if (answer.StatusCode == HttpStatusCode.OK)
        {
            Judge("now", answer.Headers.Contains("X-Incomplete"), text.Length == 0 ? null : long.Parse(text, CultureInfo.InvariantCulture), demand);
        }
    }

    private async Task FollowAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/sites/{PublisherApp.Site}/stream");
        request.Headers.TryAddWithoutValidation("Last-Event-ID", _cursor);
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _end.Token);
        response.EnsureSuccessStatusCode();
        await using var stream = await response.Content.ReadAsStreamAsync(_end.Token);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(_end.Token))
        {
            _cursor = item.EventId ?? _cursor;
            Take(item);
        }
    }

    private void Take(SseItem<string> item)
    {
        switch (item.EventType)
        {
            case "snapshot":
                var snapshot = Read<SiteSnapshot>(item);
                Keep(item.EventType, snapshot.Epoch, snapshot.Incomplete, FindLimit(snapshot.Effective));
                break;
            case "effective":
                var effective = Read<EffectiveTimeline>(item);
                Keep(item.EventType, effective.Epoch!, effective.Incomplete, FindLimit(effective));
                break;
            case "heartbeat":
                var beat = Read<Heartbeat>(item);
                Keep(item.EventType, beat.Epoch, beat.Incomplete, _last?.Watts);
                break;
        }
    }

    private void Keep(string name, string epoch, bool? incomplete, long? limit)
    {
        Volatile.Write(ref _last, new Limit(limit));
        Told.Enqueue((name, epoch, incomplete == true, limit));
        Judge(name, incomplete == true, limit, Volatile.Read(ref _demand));
    }

    private void Judge(string name, bool incomplete, long? limit, long demand)
    {
        if (!incomplete && (limit ?? long.MaxValue) > demand)
        {
            Loosened.Enqueue($"{name} says {limit?.ToString(CultureInfo.InvariantCulture) ?? "no limit"} with {demand} in force");
        }
    }

    private sealed record Limit(long? Watts);

    private static long? FindLimit(EffectiveTimeline timeline) => timeline.Find(Target, timeline.AsOf!.Value)?.Limits.ImportLimitW?.Value;

    private static T Read<T>(SseItem<string> item) => JsonSerializer.Deserialize<T>(item.Data, ContractJson.Options)!;
}
