using System.Collections.Concurrent;
using System.Globalization;
using GridServices.Contracts;
using GridServices.Hosting.Hub;
using GridServices.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace GridServices.Hosting.Tests.Hub;

public sealed class UpstreamReporterTests
{
    [Theory]
    [InlineData(200, "<html>please log in</html>")]
    [InlineData(200, "")]
    [InlineData(202, "{}")]
    public async Task What_something_between_answers_for_the_hub_is_told_and_the_report_sent_again(int status, string body)
    {
        var reports = 0;
        await using var hub = await StartHubAsync(context =>
        {
            context.Response.StatusCode = Interlocked.Increment(ref reports) > 2 ? StatusCodes.Status204NoContent : status;
            return context.Response.StatusCode == StatusCodes.Status204NoContent ? Task.CompletedTask : context.Response.WriteAsync(body);
        });
        using var link = new HubLink(new HubOptions { Url = hub.Urls.First() });
        var (log, time) = (new Lines(), new ManualTimeProvider());
        using var reporter = new UpstreamReporter(link, new Heard(), new PublisherName("/test/1"), new FakeClock(time), time, log);
        await reporter.StartAsync(TestContext.Current.CancellationToken);

        // Five seconds after a failure, thirty after a success.
        await PassAsync(time, seconds: 11, () => Volatile.Read(ref reports) >= 3);
        Assert.Contains("something between may have answered", Assert.Single(log), StringComparison.Ordinal);
        Assert.Contains(status.ToString(CultureInfo.InvariantCulture), log.First(), StringComparison.Ordinal);
        await reporter.StopAsync(CancellationToken.None);
    }

    [Theory]
    [InlineData(-3_600)]
    [InlineData(3_600)]
    public async Task A_clock_that_is_set_neither_silences_the_reports_nor_hurries_them(int byS)
    {
        var reports = 0;
        await using var hub = await StartHubAsync(context =>
        {
            Interlocked.Increment(ref reports);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        });
        using var link = new HubLink(new HubOptions { Url = hub.Urls.First() });
        var time = new ManualTimeProvider();
        using var reporter = new UpstreamReporter(link, new Heard(), new PublisherName("/test/1"), new FakeClock(time), time, new Lines());
        await reporter.StartAsync(TestContext.Current.CancellationToken);
        await PassAsync(time, seconds: 0, () => Volatile.Read(ref reports) == 1);

        time.JumpTo(time.Now + Duration.FromSeconds(byS));
        await PassAsync(time, seconds: 29, () => true);
        Assert.Equal(1, Volatile.Read(ref reports));
        await PassAsync(time, seconds: 1, () => Volatile.Read(ref reports) == 2);
        await reporter.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Health_that_can_not_be_worked_out_is_said_once_ends_nothing_and_is_reported_as_soon_as_it_can()
    {
        var reports = 0;
        await using var hub = await StartHubAsync(context =>
        {
            Interlocked.Increment(ref reports);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        });
        using var link = new HubLink(new HubOptions { Url = hub.Urls.First() });
        var (log, time, heard) = (new Lines(), new ManualTimeProvider(), new Heard { IsBroken = true });
        using var reporter = new UpstreamReporter(link, heard, new PublisherName("/test/1"), new FakeClock(time), time, log);
        await reporter.StartAsync(TestContext.Current.CancellationToken);
        await Until.HoldsAsync(() => time.Waiting > 0 || reporter.ExecuteTask!.IsCompleted);
        Assert.False(reporter.ExecuteTask!.IsCompleted);
        await PassAsync(time, seconds: 3, () => true);
        Assert.Equal(0, Volatile.Read(ref reports));
        Assert.Contains("could not be worked out", Assert.Single(log), StringComparison.Ordinal);

        heard.IsBroken = false;
        await PassAsync(time, seconds: 1, () => Volatile.Read(ref reports) == 1);
        await reporter.StopAsync(CancellationToken.None);
    }

    /// <summary>Lets so many seconds pass, one look of the reporter each, and waits for what they are to bring.</summary>
    private static async Task PassAsync(ManualTimeProvider time, int seconds, Func<bool> brought)
    {
        for (var s = 0; s < seconds; s++)
        {
            await time.UntilWaitingAsync();
            time.Advance(Duration.FromSeconds(1));
        }

        await Until.HoldsAsync(brought);
        await time.UntilWaitingAsync();
    }

    private static async Task<WebApplication> StartHubAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var hub = builder.Build();
        hub.MapPost("/v1/upstream-health", answer);
        await hub.StartAsync(TestContext.Current.CancellationToken);
        return hub;
    }

    private sealed class Heard : IUpstreamHealth
    {
        private volatile bool _isBroken;

        public bool IsBroken
        {
            get => _isBroken;
            set => _isBroken = value;
        }

        public IEnumerable<UpstreamStream> Streams(Instant now) => IsBroken ? throw new InvalidOperationException("one stream's health") : [];
    }

    private sealed class Lines : ConcurrentQueue<string>, ILogger<UpstreamReporter>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, Microsoft.Extensions.Logging.EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Enqueue(formatter(state, exception));
    }
}
