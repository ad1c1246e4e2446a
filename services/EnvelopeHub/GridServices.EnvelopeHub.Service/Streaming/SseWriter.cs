using System.IO.Pipelines;
using GridServices.Hosting;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace GridServices.EnvelopeHub.Service.Streaming;

/// <summary>An endless answer of Server-Sent Events, written straight into the connection's pipe.</summary>
internal sealed class SseWriter(HttpContext http, TimeSpan drainTimeout, TimeProvider time)
{
    // Enough for one packet train; then let the socket take it.
    private const int FlushAfter = 32 * 1024;
    private static readonly byte[] Retry = "retry: 2000\n\n"u8.ToArray();
    private readonly PipeWriter _pipe = http.Response.BodyWriter;
    private int _unflushed;

    /// <summary>The socket took nothing for the whole drain timeout; the connection is cut.</summary>
    public bool IsStuck { get; private set; }

    public bool IsFull => _unflushed >= FlushAfter;

    public void Begin()
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

        Write(Retry);
    }

    public void Write(ReadOnlyMemory<byte> bytes)
    {
        var place = _pipe.GetSpan(bytes.Length);
        bytes.Span.CopyTo(place);
        _pipe.Advance(bytes.Length);
        _unflushed += bytes.Length;
    }

    /// <returns>False when the connection is gone.</returns>
    public async ValueTask<bool> FlushAsync()
    {
        if (_unflushed == 0)
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
}
