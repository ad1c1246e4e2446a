using System.Net;
using GridServices.Hosting.Tests.Sample;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace GridServices.Hosting.Tests.Auth;

/// <summary>Wrong tokens are told, counted and slowed; a good one from the same address passes.</summary>
public sealed class RefusedTokensTests
{
    [Fact]
    public async Task A_flood_of_wrong_tokens_is_slowed_told_once_and_does_not_shut_out_a_neighbour()
    {
        var time = new ManualTimeProvider();
        var log = new LogLines();
        await using var service = await ServiceApp.StartAsync(args => SampleApp.Build(args, builder =>
        {
            builder.Services.AddSingleton<TimeProvider>(time);
            builder.Logging.AddProvider(log);
        }));
        var answers = new List<HttpStatusCode>();
        using (var guesser = service.Client("guessed"))
        {
            for (var i = 0; i < 100; i++)
            {
                using var answer = await guesser.GetAsync("/v1/whoami");
                answers.Add(answer.StatusCode);
            }

            Assert.Equal(20, answers.Count(status => status == HttpStatusCode.Unauthorized));
            Assert.Equal(80, answers.Count(status => status == HttpStatusCode.TooManyRequests));
            Assert.Single(log.Lines, line => line.Contains("a token that is not known here", StringComparison.Ordinal));

            using (var neighbour = service.Client(service.Tokens.Controller))
            {
                Assert.Equal("controller", await neighbour.GetStringAsync("/v1/whoami"));
            }

            time.Advance(Duration.FromMinutes(1));
            using var later = await guesser.GetAsync("/v1/whoami");
            Assert.Equal(HttpStatusCode.Unauthorized, later.StatusCode);
        }

        Assert.Contains(log.Lines, line => line.Contains("(100 times since", StringComparison.Ordinal));
    }

    private sealed class LogLines : ILoggerProvider, ILogger
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<string> _lines = new();

        public IEnumerable<string> Lines => _lines;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, Microsoft.Extensions.Logging.EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
