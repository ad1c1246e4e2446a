using System.Net;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using GridServices.Contracts;

namespace GridServices.Client;

public sealed partial class HubClient
{
    // One opening of the stream. Ends by returning or throwing; the caller opens the next.
    private async IAsyncEnumerable<HubMessage> ReadStreamAsync(Cursor? from, Cursor? held, [EnumeratorCancellation] CancellationToken ct)
    {
        using var idle = new CancellationTokenSource(_options.IdleLimit.ToTimeSpan(), _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, idle.Token);
        if (from is null && held is { } shown)
        {
            await ShowAsync(shown, both.Token);
        }

        using var response = await OpenAsync(from, both.Token);
        await using var bounded = new BoundedStream(await response.Content.ReadAsStreamAsync(both.Token), _options.MaxBytes);
        yield return new LinkChanged(true, null, null);

        var last = from;
        var opening = true;
        var parser = SseParser.Create(bounded, static (_, data) => data.ToArray());
        await foreach (var e in parser.EnumerateAsync(both.Token))
        {
            idle.CancelAfter(_options.IdleLimit.ToTimeSpan());
            bounded.Reset();
            var message = HubEvents.Read(e.EventType, e.EventId ?? parser.LastEventId, e.Data);
            if (message is not null && Misses(message, last))
            {
                // Something between is missing: state the whole set first; what is older than it changes nothing any more.
                var set = await GetSetAsync(both.Token);
                last = set.Cursor;
                yield return set;
            }

            if (message is SetStated first && opening)
            {
                message = first with { Asked = true };
            }

            opening &= message is null;
            last = message switch { SetStated s => s.Cursor, ChangeStated c when last is null || IsLater(c.Cursor, last.Value) => c.Cursor, _ => last };
            if (message is not null)
            {
                yield return message;
            }
        }
    }

    private async Task ShowAsync(Cursor cursor, CancellationToken ct)
    {
        try
        {
            await ShowCursorAsync(cursor.ToString(), ct);
        }
        catch (HubTalkException answered) when (!answered.IsPassing)
        {
            // It was seen, whatever the hub thinks of it.
        }
    }

    private async Task<HttpResponseMessage> OpenAsync(Cursor? from, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Site}/stream");
        request.Headers.Accept.Add(new("text/event-stream"));
        if (from is { } cursor)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", cursor.ToString());
        }

        var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        if (response.StatusCode == HttpStatusCode.OK && response.Content.Headers.ContentType?.MediaType is "text/event-stream")
        {
            return response;
        }

        using (response)
        {
            await using var bounded = new BoundedStream(await response.Content.ReadAsStreamAsync(ct), _options.MaxBytes);
            using var body = new MemoryStream();
            await bounded.CopyToAsync(body, ct);
            throw response.IsSuccessStatusCode
                ? new HubTalkException($"The hub answered {response.Content.Headers.ContentType} where a stream of events was asked for.")
                : Refused(response.StatusCode, body.ToArray());
        }
    }

    // A change that does not follow the last one, or a heartbeat that knows of more than was seen.
    private static bool Misses(HubMessage message, Cursor? last) => (message, last) switch
    {
        (ChangeStated c, { } held) => !HaveSameEpoch(c.Cursor, held) || c.Cursor.Sequence > held.Sequence + 1,
        (ChangeStated, null) => true,
        (HeartbeatHeard { Heartbeat: var beat }, { } held) => Cursor.TryParse($"{beat.Epoch}.{beat.Sequence}", out var told) && (!HaveSameEpoch(told, held) || told.Sequence > held.Sequence),
        _ => false,
    };

    private static bool IsLater(Cursor cursor, Cursor held) => !HaveSameEpoch(cursor, held) || cursor.Sequence > held.Sequence;

    private static bool HaveSameEpoch(Cursor left, Cursor right) => string.Equals(left.Epoch, right.Epoch, StringComparison.Ordinal);
}
