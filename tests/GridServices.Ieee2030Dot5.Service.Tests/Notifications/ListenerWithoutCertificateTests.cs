using System.Collections.Concurrent;
using System.Net.Security;
using System.Net.Sockets;
using GridServices.UtilityClients.Listening;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace GridServices.Ieee2030Dot5.Service.Tests.Notifications;

/// <summary>A listener whose certificate is gone or has expired while it stands, as of OpenADR's push too.</summary>
public sealed class ListenerWithoutCertificateTests
{
    [Fact]
    public async Task Whoever_connects_is_refused_and_told_of_once()
    {
        using var logs = new Logs();
        var status = new ListenerStatus("off");
        await using (var listener = new Bare(status, logs))
        {
            await listener.StartAsync(TestContext.Current.CancellationToken);
            for (var i = 0; i < 3; i++)
            {
                using var tcp = new TcpClient();
                await tcp.ConnectAsync(status.Address!, TestContext.Current.CancellationToken);
                await using var line = new SslStream(tcp.GetStream());
                await Assert.ThrowsAnyAsync<Exception>(() => line.AuthenticateAsClientAsync("localhost"));
            }

            await listener.StopAsync(TestContext.Current.CancellationToken);
        }

        Assert.Null(status.Refused);
        Assert.Equal("Error ALARM The bare listener refuses whoever connects: it has expired", Assert.Single(logs.Lines));
    }

    [Fact]
    public async Task It_starts_without_a_certificate_that_serves_and_status_says_so_until_there_is_one()
    {
        using var logs = new Logs();
        var status = new ListenerStatus("off");
        await using var listener = new Bare(status, logs) { Problem = "it is not there" };
        await listener.StartAsync(TestContext.Current.CancellationToken);
        Assert.NotNull(status.Address);
        Assert.Equal("it is not there", status.Problem);
        Assert.Equal("it is not there", await ListenerProbe.ProblemAsync(status, TestContext.Current.CancellationToken));
        Assert.Equal("Error ALARM The bare listener refuses whoever connects: it is not there", Assert.Single(logs.Lines));
        listener.Problem = null;
        Assert.Null(status.Problem);
        Assert.Null(await ListenerProbe.ProblemAsync(status, TestContext.Current.CancellationToken));
        await listener.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal("the bare listener has ended", status.Problem);
    }

    private sealed class Bare(ListenerStatus status, ILoggerFactory logs) : MutualTlsListener("bare listener", "127.0.0.1:0", 10, status, logs)
    {
        public string? Problem { get; set; }

        protected override string? CertificateProblem() => Problem;

        protected override SslServerAuthenticationOptions Handshake(TlsHandshakeCallbackContext handshake) => throw new CertificateFileException("it has expired");

        protected override Task HandleAsync(HttpContext http) => Task.CompletedTask;
    }

    /// <summary>Keeps warnings and worse.</summary>
    private sealed class Logs : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                Lines.Enqueue($"{logLevel} {formatter(state, exception)}");
            }
        }
    }
}
