using System.IO.Pipelines;
using System.Text;
using GridServices.Hosting.Web;
using GridServices.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using NodaTime;

namespace GridServices.Hosting.Tests.Web;

/// <summary>Every form of Server-Sent Events that a service writes, byte for byte, and what becomes of readers that do not read.</summary>
public sealed class SseWriterTests
{
    [Fact]
    public async Task Events_comments_and_the_pause_of_browsers_are_written_as_readers_know_them()
    {
        var (http, body) = Request();
        var writer = Writer(http);
        writer.Begin(SseWriter.UsualRetry);
        writer.Event("hello");
        writer.Event("heartbeat", "{}"u8.ToArray());
        writer.Event("setpoints", """{"watts":1}"""u8.ToArray(), "3.7");
        writer.Comment("alive");
        writer.Write("event: gone\ndata: {}\n\n"u8.ToArray());
        Assert.True(await writer.FlushAsync());
        Assert.Equal(
            "retry: 2000\n\nevent: hello\ndata:\n\nevent: heartbeat\ndata: {}\n\nevent: setpoints\nid: 3.7\ndata: {\"watts\":1}\n\n: alive\n\nevent: gone\ndata: {}\n\n",
            Encoding.UTF8.GetString(body.ToArray()));
    }

    [Fact]
    public void No_cache_or_proxy_keeps_a_stream_and_without_a_wish_nothing_is_said_about_the_pause()
    {
        var (http, body) = Request();
        Writer(http).Begin();
        Assert.Equal(("text/event-stream", "no-cache, no-store", "no"), (http.Response.ContentType, http.Response.Headers.CacheControl.ToString(), http.Response.Headers["X-Accel-Buffering"].ToString()));
        Assert.Empty(body.ToArray());
    }

    [Fact]
    public async Task Nothing_is_flushed_where_nothing_was_written_and_much_makes_it_full()
    {
        var (http, _) = Request();
        var writer = Writer(http);
        Assert.True(await writer.FlushAsync());
        writer.Write(new byte[32 * 1024 - 1]);
        Assert.False(writer.IsFull);
        writer.Write(new byte[1]);
        Assert.True(writer.IsFull);
        Assert.True(await writer.FlushAsync());
        Assert.False(writer.IsFull);
    }

    [Fact]
    public async Task A_reader_that_takes_nothing_is_cut_after_the_drain_timeout_and_not_before()
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 1));
        var http = new DefaultHttpContext();
        var life = new Life();
        http.Features.Set<IHttpRequestLifetimeFeature>(life);
        http.Features.Set<IHttpResponseBodyFeature>(new PipeBody(pipe.Writer));
        var time = new ManualTimeProvider();
        var writer = new SseWriter(http, TimeSpan.FromSeconds(30), time);
        writer.Event("hello");
        var flush = writer.FlushAsync().AsTask();
        time.Advance(Duration.FromSeconds(29));
        Assert.False(flush.IsCompleted);
        time.Advance(Duration.FromSeconds(2));
        Assert.False(await flush);
        Assert.True(writer.IsStuck);
        Assert.True(life.IsAborted);
    }

    [Fact]
    public async Task The_headers_go_out_with_the_first_flush_although_nothing_was_written()
    {
        var pipe = new Pipe();
        var http = new DefaultHttpContext();
        var body = new PipeBody(pipe.Writer);
        http.Features.Set<IHttpResponseBodyFeature>(body);
        var writer = Writer(http);
        writer.Begin();
        Assert.True(await writer.FlushAsync());
        Assert.True(body.IsFlushed);
    }

    private static SseWriter Writer(HttpContext http) => new(http, SseWriter.UsualDrainTimeout, TimeProvider.System);

    private static (DefaultHttpContext Http, MemoryStream Body) Request()
    {
        var body = new MemoryStream();
        var http = new DefaultHttpContext();
        http.Response.Body = body;
        return (http, body);
    }

    private sealed class Life : IHttpRequestLifetimeFeature
    {
        public bool IsAborted { get; private set; }

        public CancellationToken RequestAborted { get; set; }

        public void Abort() => IsAborted = true;
    }

    private sealed class PipeBody(PipeWriter writer) : IHttpResponseBodyFeature
    {
        private readonly Noting noting = new(writer);

        public bool IsFlushed => noting.IsFlushed;

        public Stream Stream => noting.AsStream();

        public PipeWriter Writer => noting;

        public Task CompleteAsync() => Task.CompletedTask;

        public void DisableBuffering()
        {
        }

        public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;
    }

    private sealed class Noting(PipeWriter inner) : PipeWriter
    {
        public bool IsFlushed { get; private set; }

        public override void Advance(int bytes) => inner.Advance(bytes);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            IsFlushed = true;
            return inner.FlushAsync(cancellationToken);
        }

        public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);
    }
}
