using System.Text;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Testing;

namespace GridServices.EnvelopeHub.Tests;

/// <summary>One event as a client of the standard understands it.</summary>
internal sealed record SseEvent(string Name, string Data, string LastEventId)
{
    public long Sequence => long.Parse(LastEventId[(LastEventId.LastIndexOf('.') + 1)..]);

    public T Read<T>() => JsonSerializer.Deserialize<T>(Data, ContractJson.Options)!;
}

/// <summary>A small client of Server-Sent Events, by the letter of the standard.</summary>
internal sealed class SseReader : IAsyncDisposable
{
    private readonly HttpClient _client;
    private readonly HttpResponseMessage _answer;
    private readonly StreamReader _lines;
    private string _id = string.Empty;

    private SseReader(HttpClient client, HttpResponseMessage answer, StreamReader lines)
    {
        _client = client;
        _answer = answer;
        _lines = lines;
    }

    /// <summary>What a reconnect would send as Last-Event-ID.</summary>
    public string LastEventId => _id;

    public static async Task<SseReader> OpenAsync(HttpClient client, string path, string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (lastEventId is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        }

        var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode} {(answer.IsSuccessStatusCode ? "" : await answer.Content.ReadAsStringAsync())}");
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        return new SseReader(client, answer, new StreamReader(await answer.Content.ReadAsStreamAsync(), Encoding.UTF8));
    }

    /// <summary>The next event, or null at the end of the stream.</summary>
    public async Task<SseEvent?> NextAsync(TimeSpan? patience = null)
    {
        using var until = new CancellationTokenSource(patience ?? Until.Ceiling);
        var (name, data) = ("message", (string?)null);
        while (await _lines.ReadLineAsync(until.Token) is { } line)
        {
            if (line.Length == 0)
            {
                if (data is not null)
                {
                    return new SseEvent(name, data, _id);
                }

                name = "message";
                continue;
            }

            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var (field, value) = colon < 0 ? (line, string.Empty) : (line[..colon], line[(colon + 1)..].TrimStart(' '));
            switch (field)
            {
                case "id":
                    _id = value;
                    break;
                case "event":
                    name = value;
                    break;
                case "data":
                    data = data is null ? value : data + "\n" + value;
                    break;
            }
        }

        return null;
    }

    /// <summary>The next event of this name; others are skipped.</summary>
    public async Task<SseEvent> NextAsync(string name)
    {
        while (await NextAsync() is { } next)
        {
            if (next.Name == name)
            {
                return next;
            }
        }

        throw new EndOfStreamException($"The stream ended before an event '{name}'.");
    }

    public ValueTask DisposeAsync()
    {
        _lines.Dispose();
        _answer.Dispose();
        _client.Dispose();
        return ValueTask.CompletedTask;
    }
}
