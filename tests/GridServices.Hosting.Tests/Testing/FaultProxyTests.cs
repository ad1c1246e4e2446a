using System.Diagnostics;
using GridServices.Client.Access;
using GridServices.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GridServices.Hosting.Tests.Testing;

/// <summary>The line that tests put between programs is as bad as it says.</summary>
public sealed class FaultProxyTests : IAsyncLifetime
{
    private readonly WebApplication _server;
    private FaultProxy? _line;
    private int _asked;

    public FaultProxyTests()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _server = builder.Build();
        _server.MapGet("/", (HttpContext _) =>
        {
            Interlocked.Increment(ref _asked);
            return "0123456789";
        });
    }

    private FaultProxy Line => _line!;

    private Uri Url => new($"http://127.0.0.1:{Line.Port}/");

    public async ValueTask InitializeAsync()
    {
        await _server.StartAsync();
        _line = FaultProxy.To(new Uri(_server.Urls.First()).Port);
    }

    public async ValueTask DisposeAsync()
    {
        await Line.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Without_a_fault_everything_passes_and_connections_are_kept()
    {
        using var http = new HttpClient(TestConnections.Create());
        Assert.Equal("0123456789", await http.GetStringAsync(Url, TestContext.Current.CancellationToken));
        Assert.Equal("0123456789", await http.GetStringAsync(Url, TestContext.Current.CancellationToken));
        Assert.Equal(1, Line.Accepted);
    }

    [Fact]
    public async Task A_silent_line_answers_nothing_and_what_was_asked_goes_on_when_it_is_over()
    {
        using var http = new HttpClient(TestConnections.Create());
        Line.Fault = LineFault.Silent;
        var asked = http.GetStringAsync(Url, TestContext.Current.CancellationToken);
        await Until.HoldsAsync(() => Line.Accepted == 1);
        Assert.False(asked.IsCompleted);
        Assert.Equal(0, _asked);
        Line.Fault = LineFault.None;
        Assert.Equal("0123456789", await asked);
    }

    [Fact]
    public async Task Resets_garbage_statuses_and_refusals_are_what_the_caller_sees()
    {
        using var http = new HttpClient(new ConnectionFaultHandler(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero }));
        Line.Fault = new LineFault { ResetAfter = 20 };
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync(Url, TestContext.Current.CancellationToken));
        Line.Fault = new LineFault { Instead = "\0\u0001 not HTTP at all\r\n\r\n"u8.ToArray() };
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync(Url, TestContext.Current.CancellationToken));
        Line.Fault = LineFault.Status(503);
        using (var answer = await http.GetAsync(Url, TestContext.Current.CancellationToken))
        {
            Assert.Equal(503, (int)answer.StatusCode);
        }

        Line.Fault = new LineFault { Refuses = true };
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync(Url, TestContext.Current.CancellationToken));
        Line.Fault = LineFault.None;
        Assert.Equal("0123456789", await http.GetStringAsync(Url, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_is_asked_twice_reaches_the_server_twice_and_is_answered_once()
    {
        using var http = new HttpClient(TestConnections.Create());
        Line.Fault = new LineFault { Twice = true };
        Assert.Equal("0123456789", await http.GetStringAsync(Url, TestContext.Current.CancellationToken));
        await Until.HoldsAsync(() => Volatile.Read(ref _asked) == 2);
    }

    [Fact]
    public async Task Slow_and_late_lines_take_at_least_their_time()
    {
        using var http = new HttpClient(TestConnections.Create());
        var clock = Stopwatch.StartNew();
        Line.Fault = new LineFault { Latency = TimeSpan.FromMilliseconds(200), BytesPerSecond = 500 };
        Assert.Equal("0123456789", await http.GetStringAsync(Url, TestContext.Current.CancellationToken));
        Assert.True(clock.Elapsed > TimeSpan.FromMilliseconds(300), $"took {clock.Elapsed}");
    }
}
