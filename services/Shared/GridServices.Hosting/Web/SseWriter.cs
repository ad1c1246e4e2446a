using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using GridServices.Hosting.Auth;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace GridServices.Hosting.Web;

/// <summary>An endless answer of Server-Sent Events, written straight into the connection's pipe; nothing is sent before <see cref="FlushAsync"/>.</summary>
/// <param name="http">The request; nothing was answered yet.</param>
/// <param name="drainTimeout">How long the socket may take nothing before the connection is cut.</param>
/// <param name="time">The clock of that.</param>
public sealed class SseWriter(HttpContext http, TimeSpan drainTimeout, TimeProvider time)
{
    // Enough for one packet train; then let the socket take it.
    private const int FlushAfter = 32 * 1024;
    private readonly PipeWriter _pipe = http.Response.BodyWriter;
    private int _unflushed;

    /// <summary>Where a stream has no setting of its own.</summary>
    public static TimeSpan UsualDrainTimeout { get; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a browser waits before it connects again, where the stream goes on from its last event.</summary>
    public static TimeSpan UsualRetry { get; } = TimeSpan.FromSeconds(2);

    /// <summary>The socket took nothing for the whole drain timeout; the connection is cut.</summary>
    public bool IsStuck { get; private set; }

    /// <summary>So much waits that it should be flushed before more is written.</summary>
    public bool IsFull => _unflushed >= FlushAfter;

    /// <summary>The headers.</summary>
    /// <param name="retry">How long a browser waits before it connects again; null = as it likes.</param>
    public void Begin(TimeSpan? retry = null)
    {
        var response = http.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache, no-store";
        response.Headers["X-Accel-Buffering"] = "no";
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();

        // A stream is idle most of the time; how slow is too slow is our own rule.
        if (http.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        if (retry is { } pause)
        {
            Write(string.Create(CultureInfo.InvariantCulture, $"retry: {pause.TotalMilliseconds:0}\n\n"));
        }
    }

    /// <summary>An event that is written out already, with the empty line that ends it.</summary>
    public void Write(ReadOnlyMemory<byte> bytes)
    {
        // In one piece: a chunk's header is never within an event.
        bytes.Span.CopyTo(_pipe.GetSpan(bytes.Length));
        _pipe.Advance(bytes.Length);
        _unflushed += bytes.Length;
    }

    /// <summary>An event without data: a bare <c>data:</c> line, without which readers drop it.</summary>
    public void Event(string name) => Write($"event: {name}\ndata:\n\n");

    /// <summary>An event with one line of data.</summary>
    /// <param name="name">What kind of event.</param>
    /// <param name="data">JSON without line breaks, in UTF-8.</param>
    /// <param name="id">What a reader sends back as <c>Last-Event-ID</c>; null = none.</param>
    public void Event(string name, ReadOnlyMemory<byte> data, string? id = null)
    {
        var head = Encoding.UTF8.GetBytes(id is null ? $"event: {name}\ndata: " : $"event: {name}\nid: {id}\ndata: ");
        Write((byte[])[.. head, .. data.Span, .. "\n\n"u8]);
    }

    /// <summary>A comment line, which keeps the connection and is no event.</summary>
    public void Comment(string text) => Write($": {text}\n\n");

    /// <summary>Sends what was written; the first time the headers too, so that a reader learns at once that the stream is open.</summary>
    /// <returns>False when the connection is gone.</returns>
    public async ValueTask<bool> FlushAsync()
    {
        if (_unflushed == 0 && http.Response.HasStarted)
        {
            return true;
        }

        _unflushed = 0;
        var flush = _pipe.FlushAsync(http.RequestAborted);
        if (flush.IsCompletedSuccessfully)
        {
            return !flush.Result.IsCompleted;
        }

        try
        {
            return !(await flush.AsTask().WaitAsync(drainTimeout, time)).IsCompleted;
        }
        catch (TimeoutException)
        {
            IsStuck = true;
            http.Abort();
            return false;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>False when the token was taken out of force, or the client is gone.</summary>
    public bool MayGoOn => !http.RequestAborted.IsCancellationRequested && http.TokenStillValid();

    private void Write(string text) => Write(Encoding.UTF8.GetBytes(text));
}
