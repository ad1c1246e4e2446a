using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.ServerSentEvents;
using System.Text;
using GridServices.Contracts;
using GridServices.Testing;

namespace GridServices.Faults.Tests;

/// <summary>
/// A controller at each site: follows the stream from its cursor over every death of the hub, and asks for the limit all the time. Its log is the judge:
/// it knows what the hub had acknowledged when it asked.
/// </summary>
internal sealed class SiteWitness : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly HttpClient _hub;
    private readonly SiteLoad _load;
    private readonly ConcurrentQueue<long>[] _revisions;
    private readonly string?[] _cursors;
    private readonly Task _watching;
    private long _wrongTicks;
    private long _answers;

    public SiteWitness(HttpClient hub, SiteLoad load)
    {
        (_hub, _load) = (hub, load);
        _revisions = [.. Enumerable.Range(0, load.Sites).Select(_ => new ConcurrentQueue<long>())];
        _cursors = new string?[load.Sites];
        _watching = Task.WhenAll([.. Enumerable.Range(0, load.Sites).Select(FollowOnAsync), AskOnAsync()]);
    }

    /// <summary>Limits that were told looser than what the hub had acknowledged, without a notice that something may be missing.</summary>
    public ConcurrentQueue<string> Wrong { get; } = new();

    /// <summary>How long wrong limits were told.</summary>
    public TimeSpan WrongFor => TimeSpan.FromTicks(Interlocked.Read(ref _wrongTicks));

    /// <summary>Limits that were told at all.</summary>
    public long Answers => Interlocked.Read(ref _answers);

    /// <summary>All revisions that came by stream, in the order in which they came.</summary>
    public IReadOnlyList<long> Revisions(int site) => [.. _revisions[site]];

    /// <summary>The newest of them; 0: none.</summary>
    public long Last(int site) => _revisions[site].LastOrDefault();

    /// <summary>Until every site's stream has given a cursor. A stream without one begins with what holds by then: what was published before is told to nobody.</summary>
    public Task FollowingAsync() => Until.HoldsAsync(
        () => Enumerable.Range(0, _load.Sites).All(site => Volatile.Read(ref _cursors[site]) is not null),
        () => Task.FromResult("A site's stream has begun with no cursor."));

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _watching;
        _hub.Dispose();
        _end.Dispose();
    }

    private async Task FollowOnAsync(int site)
    {
        while (!_end.IsCancellationRequested)
        {
            await TryAsync(() => FollowAsync(site));
            await Task.Delay(50).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task FollowAsync(int site)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/sites/{SiteLoad.Name(site)}/stream");
        request.Headers.TryAddWithoutValidation("Last-Event-ID", _cursors[site]);
        using var answer = await _hub.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _end.Token);
        answer.EnsureSuccessStatusCode();
        await using var stream = await answer.Content.ReadAsStreamAsync(_end.Token);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(_end.Token))
        {
            if (item.EventType == "envelope" && EnvelopeReader.ReadPublication(Encoding.UTF8.GetBytes(item.Data)).Items[0].Value is EnvelopePublished published)
            {
                _revisions[site].Enqueue(published.Envelope.Revision);
            }

            if (item.EventId is { } id)
            {
                Volatile.Write(ref _cursors[site], id);
            }
        }
    }

    private async Task AskOnAsync()
    {
        var last = Stopwatch.GetTimestamp();
        while (!_end.IsCancellationRequested)
        {
            for (var site = 0; site < _load.Sites && !_end.IsCancellationRequested; site++)
            {
                var (asked, at) = (site, Stopwatch.GetTimestamp());
                var before = Wrong.Count;
                await TryAsync(() => AskAsync(asked));
                Interlocked.Add(ref _wrongTicks, Wrong.Count > before ? Stopwatch.GetElapsedTime(last, Stopwatch.GetTimestamp()).Ticks : 0);
                last = at;
            }

            await Task.Delay(10).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task AskAsync(int site)
    {
        // Read first: what is acknowledged after that may or may not be told.
        var acknowledged = _load.Acknowledged(site);
        using var answer = await _hub.GetAsync(new Uri($"/v1/sites/{SiteLoad.Name(site)}/effective/now/importLimitW", UriKind.Relative), _end.Token);
        if (answer.StatusCode != HttpStatusCode.OK || answer.Headers.Contains("X-Incomplete") || acknowledged == 0)
        {
            return;
        }

        Interlocked.Increment(ref _answers);
        var text = await answer.Content.ReadAsStringAsync(_end.Token);
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var watts) || watts > SiteLoad.Watts(acknowledged))
        {
            Wrong.Enqueue($"{SiteLoad.Name(site)}: '{text}' was told, {SiteLoad.Watts(acknowledged)} had been acknowledged");
        }
    }

    private static async Task TryAsync(Func<Task> look)
    {
        try
        {
            await look();
        }
        catch (Exception away) when (away is HttpRequestException or IOException or OperationCanceledException)
        {
            return; // the hub is down; it comes back
        }
    }
}
