using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using GridServices.Hosting;
using GridServices.UtilityClients.Tls;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GridServices.UtilityClients.Listening;

/// <summary>A server of its own for utilities that send unasked: nothing of the service's API is to be had there, and its bounds are its own.</summary>
/// <param name="name">What it is called in messages: <c>push listener</c>.</param>
/// <param name="listen">Address and port; null: there is no listener.</param>
/// <param name="maxConnections">Open connections at the most.</param>
/// <param name="status">Told how it fares.</param>
/// <param name="logs">The service's.</param>
public abstract partial class MutualTlsListener(string name, string? listen, int maxConnections, ListenerStatus status, ILoggerFactory logs) : IHostedService, IAsyncDisposable
{
    private const int KiB = 1024;
    private static readonly TimeSpan HandshakeTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(10);
    private readonly ILogger _log = logs.CreateLogger<MutualTlsListener>();
    private readonly CancellationTokenSource _ending = new();

    // One place in eight is kept free of those who only sit there.
    private readonly Handshakes _handshakes = new(maxConnections - Math.Max(1, maxConnections / 8));
    private WebApplication? _app;
    private Task _watching = Task.CompletedTask;
    private volatile string? _told;

    protected ListenerStatus Status => status;

    /// <summary>
    /// A certificate that can't be used keeps nothing else of the service down: it is told of, whoever connects is refused, and it is looked at again and again.
    /// </summary>
    /// <exception cref="StartException">The listener's address can't be used.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (listen is null)
        {
            return;
        }

        var app = Build(IPEndPoint.Parse(listen));
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            await app.DisposeAsync();
            throw new StartException($"The {name} can't start at {listen}: {e.Message}", e);
        }

        _app = app;
        var address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        status.Up(new IPEndPoint(IPAddress.Parse(address.Host.Trim('[', ']')), address.Port), CertificateProblem);
        LogUp(name, address.Authority);
        _watching = WatchAsync(_ending.Token);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        status.Down($"the {name} has ended");
        await _ending.CancelAsync();
        await _watching;
        if (_app is { } app)
        {
            await app.StopAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _watching;
        _ending.Dispose();
        if (_app is { } app)
        {
            await app.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Why the listener has no certificate to show now; null: it has one, or which one it shows depends on the caller.</summary>
    protected virtual string? CertificateProblem() => null;

    /// <summary>Called every ten seconds.</summary>
    protected virtual void Watch()
    {
    }

    /// <summary>The listener's side of a handshake.</summary>
    protected abstract SslServerAuthenticationOptions Handshake(TlsHandshakeCallbackContext handshake);

    /// <summary>Answers one request.</summary>
    protected abstract Task HandleAsync(HttpContext http);

    private WebApplication Build(IPEndPoint address)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = name.Replace(' ', '-'), ContentRootPath = AppContext.BaseDirectory });
        builder.Services.AddSingleton(logs);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(server => Bound(server, address));
        var app = builder.Build();
        app.Run(HandleAsync);
        return app;
    }

    private void Bound(KestrelServerOptions server, IPEndPoint address)
    {
        var limits = server.Limits;
        server.AddServerHeader = false;

        // Judged before anything is read, so that the caller gets an answer and no broken connection.
        limits.MaxRequestBodySize = null;
        limits.MaxRequestHeadersTotalSize = 16 * KiB;
        limits.MaxRequestLineSize = 4 * KiB;
        limits.MaxRequestHeaderCount = 50;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(130);
        limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
        limits.MaxConcurrentConnections = maxConnections;
        limits.MaxConcurrentUpgradedConnections = 0;
        server.Listen(address, endpoint =>
        {
            endpoint.Protocols = HttpProtocols.Http1;
            endpoint.Use(next => connection => HandshakeAsync(connection, next));
            endpoint.UseHttps(new TlsHandshakeCallbackOptions { HandshakeTimeout = HandshakeTime, OnConnection = context => ValueTask.FromResult(Own(context)) });
            endpoint.Use(next => connection =>
            {
                _handshakes.End((LinkedListNode<Handshakes.Begun>)connection.Items[_handshakes]!);
                return next(connection);
            });
        });
    }

    private async Task HandshakeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var begun = _handshakes.Begin((connection.RemoteEndPoint as IPEndPoint)?.Address, connection.Abort, out var isFull);
        connection.Items[_handshakes] = begun;
        if (isFull && status.Refuse("too many connections at once that did not end their handshake"))
        {
            LogCrowded(name);
        }

        try
        {
            await next(connection);
        }
        finally
        {
            _handshakes.Close(begun);
        }
    }

    private SslServerAuthenticationOptions Own(TlsHandshakeCallbackContext context)
    {
        try
        {
            return Handshake(context);
        }
        catch (CertificateFileException e)
        {
            LogProblemOnce(e.Message);
            throw new AuthenticationException(e.Message, e);
        }
    }

    private async Task WatchAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(WatchInterval);
        var wasDown = false;
        do
        {
            try
            {
                wasDown = CheckCertificate(wasDown);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // Whatever one look fails for, the next is due all the same.
                LogLookFailed(name, e);
            }
        }
        while (await NextAsync(timer, ct));
    }

    /// <returns>True where there is no certificate to show.</returns>
    private bool CheckCertificate(bool wasDown)
    {
        var problem = CertificateProblem();
        if (problem is not null)
        {
            LogProblemOnce(problem);
        }
        else if (wasDown)
        {
            _told = null;
            LogAgain(name);
        }

        Watch();
        return problem is not null;
    }

    private static async Task<bool> NextAsync(PeriodicTimer timer, CancellationToken ct)
    {
        try
        {
            return await timer.WaitForNextTickAsync(ct);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    // Once: whoever connects to a listener that has nothing to show must not fill the log.
    private void LogProblemOnce(string why)
    {
        if (_told != why)
        {
            _told = why;
            LogNothingToShow(name, why);
        }
    }

    [LoggerMessage(EventId = EventIds.MutualTlsListenerCrowded, Level = LogLevel.Warning, Message = "The {Name} has too many connections that did not end their handshake; the oldest are closed for those that come")]
    private partial void LogCrowded(string name);

    [LoggerMessage(EventId = EventIds.MutualTlsListenerUp, Level = LogLevel.Information, Message = "The {Name} takes connections at https://{Address}")]
    private partial void LogUp(string name, string address);

    [LoggerMessage(EventId = EventIds.MutualTlsListenerNothingToShow, Level = LogLevel.Error, Message = "ALARM The {Name} refuses whoever connects: {Why}")]
    private partial void LogNothingToShow(string name, string why);

    [LoggerMessage(EventId = EventIds.MutualTlsListenerShowsAgain, Level = LogLevel.Information, Message = "The {Name} has a certificate to show again")]
    private partial void LogAgain(string name);

    [LoggerMessage(EventId = EventIds.MutualTlsListenerLookFailed, Level = LogLevel.Error, Message = "A look at the certificate of the {Name} failed; the next follows in ten seconds")]
    private partial void LogLookFailed(string name, Exception fault);
}
