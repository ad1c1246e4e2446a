using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using GridServices.Hosting;
using GridServices.UtilityClients.Tls;
using Microsoft.AspNetCore.Builder;
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
    private readonly ILogger _log = logs.CreateLogger<MutualTlsListener>();
    private WebApplication? _app;

    protected ListenerStatus Status => status;

    /// <exception cref="StartException">The listener's certificate or address can't be used.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (listen is null)
        {
            return;
        }

        var app = Build(IPEndPoint.Parse(listen));
        try
        {
            Check();
            await app.StartAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException or CertificateFileException)
        {
            await app.DisposeAsync();
            throw new StartException($"The {name} can't start at {listen}: {e.Message}", e);
        }

        _app = app;
        var address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        status.Up(new IPEndPoint(IPAddress.Parse(address.Host.Trim('[', ']')), address.Port));
        LogUp(name, address.Authority);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        status.Down($"the {name} has ended");
        if (_app is { } app)
        {
            await app.StopAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is { } app)
        {
            await app.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Before the start: is there what the listener needs?</summary>
    /// <exception cref="CertificateFileException">Its certificate can't be used.</exception>
    protected virtual void Check()
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
            endpoint.UseHttps(new TlsHandshakeCallbackOptions { HandshakeTimeout = HandshakeTime, OnConnection = context => ValueTask.FromResult(Own(context)) });
        });
    }

    // Told once: whoever connects to a listener that has nothing to show must not fill the log.
    private SslServerAuthenticationOptions Own(TlsHandshakeCallbackContext context)
    {
        try
        {
            return Handshake(context);
        }
        catch (CertificateFileException e)
        {
            if (status.Refuse(e.Message))
            {
                LogNothingToShow(name, e.Message);
            }

            throw new AuthenticationException(e.Message, e);
        }
    }

    [LoggerMessage(EventId = EventIds.MutualTlsListenerUp, Level = LogLevel.Information, Message = "The {Name} takes connections at https://{Address}")]
    private partial void LogUp(string name, string address);

    [LoggerMessage(EventId = EventIds.MutualTlsListenerNothingToShow, Level = LogLevel.Warning, Message = "The {Name} refuses whoever connects: {Why}")]
    private partial void LogNothingToShow(string name, string why);
}
