using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using GridServices.Hosting.Auth;
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
        var counted = 0L;
        using var listener = Listen(service.App.Services.GetRequiredService<RefusedTokens>().Meter, n => Interlocked.Add(ref counted, n));
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

            // Counted, however many were slowed.
            Assert.Equal(100, Interlocked.Read(ref counted));
            using (var elsewhere = From(IPAddress.Parse("127.0.0.2"), service))
            {
                using var refused = await elsewhere.GetAsync("/v1/whoami");
                Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            }

            Assert.Single(log.Lines, line => line.Contains("127.0.0.2", StringComparison.Ordinal) && line.Contains("a token that is not known here", StringComparison.Ordinal));
            Assert.Single(log.Lines, line => line.Contains("127.0.0.1", StringComparison.Ordinal) && line.Contains("a token that is not known here", StringComparison.Ordinal));

            time.Advance(Duration.FromMinutes(1));
            using var later = await guesser.GetAsync("/v1/whoami");
            Assert.Equal(HttpStatusCode.Unauthorized, later.StatusCode);
        }

        Assert.Contains(log.Lines, line => line.Contains("(100 times since", StringComparison.Ordinal));
    }

    private static MeterListener Listen(Meter meter, Action<long> counted)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (ReferenceEquals(instrument.Meter, meter))
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, n, _, _) => counted(n));
        listener.Start();
        return listener;
    }

    /// <summary>A guesser at another address of this machine.</summary>
    private static HttpClient From(IPAddress address, ServiceApp service)
    {
        var client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (to, ct) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(address, 0));
                await socket.ConnectAsync(IPAddress.Loopback, to.DnsEndPoint.Port, ct);
                return new NetworkStream(socket, ownsSocket: true);
            },
        })
        { BaseAddress = service.Address };
        client.DefaultRequestHeaders.Authorization = new("Bearer", "another-guess");
        return client;
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
