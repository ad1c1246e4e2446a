using System.Collections.Concurrent;
using System.Globalization;
using GridServices.Contracts;
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
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var hub = builder.Build();
        hub.MapPost("/v1/upstream-health", context =>
        {
            context.Response.StatusCode = Interlocked.Increment(ref reports) > 2 ? StatusCodes.Status204NoContent : status;
            return context.Response.StatusCode == StatusCodes.Status204NoContent ? Task.CompletedTask : context.Response.WriteAsync(body);
        });
        await hub.StartAsync(TestContext.Current.CancellationToken);
        using var link = new HubLink(new HubOptions { Url = hub.Urls.First() });
        var (log, clock) = (new Lines(), new SlowClock());
        using var reporter = new UpstreamReporter(link, new Heard(), new PublisherName("/test/1"), clock, TimeProvider.System, log);
        await reporter.StartAsync(TestContext.Current.CancellationToken);

        // Five seconds after a failure, thirty after a success: by this clock, 6 s pass with each look.
        await Until.HoldsAsync(() => Volatile.Read(ref reports) >= 3);
        Assert.Contains("something between may have answered", Assert.Single(log), StringComparison.Ordinal);
        Assert.Contains(status.ToString(CultureInfo.InvariantCulture), log.First(), StringComparison.Ordinal);
        await reporter.StopAsync(CancellationToken.None);
    }

    private sealed class Heard : IUpstreamHealth
    {
        public IEnumerable<UpstreamStream> Streams(Instant now) => [];
    }

    private sealed class SlowClock : IClock
    {
        private int _looks;

        public Instant GetCurrentInstant() => Instant.FromUtc(2027, 1, 15, 18, 0) + Duration.FromSeconds(6 * Interlocked.Increment(ref _looks));
    }

    private sealed class Lines : ConcurrentQueue<string>, ILogger<UpstreamReporter>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, Microsoft.Extensions.Logging.EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Enqueue(formatter(state, exception));
    }
}
