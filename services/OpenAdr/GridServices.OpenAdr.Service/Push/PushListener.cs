using System.Net;
using System.Net.Sockets;
using GridServices.Hosting;
using GridServices.OpenAdr.Service.Transport;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace GridServices.OpenAdr.Service.Push;

/// <summary>A server of its own for VTNs that push: nothing of the service's API is to be had there, and its bounds are its own.</summary>
internal sealed partial class PushListener(PushOptions options, PushStatus status, PushTls tls, PushEndpoint endpoint, ILoggerFactory logs) : IHostedService, IAsyncDisposable
{
    private const int KiB = 1024;
    private static readonly TimeSpan HandshakeTime = TimeSpan.FromSeconds(10);
    private readonly ILogger _log = logs.CreateLogger<PushListener>();
    private WebApplication? _app;

    /// <exception cref="StartException">The listener's certificate or address can't be used.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Listen is not { } listen)
        {
            return;
        }

        var app = Build(IPEndPoint.Parse(listen));
        try
        {
            tls.Own();
            await app.StartAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException or CertificateFileException)
        {
            await app.DisposeAsync();
            throw new StartException($"The push listener can't start at {listen}: {e.Message}", e);
        }

        _app = app;
        var address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        status.Up(new IPEndPoint(IPAddress.Parse(address.Host.Trim('[', ']')), address.Port));
        LogUp(address.Authority);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        status.Down("the push listener has ended");
        if (_app is { } app)
        {
            await app.StopAsync(cancellationToken);
        }
    }

    public ValueTask DisposeAsync() => _app?.DisposeAsync() ?? ValueTask.CompletedTask;

    private WebApplication Build(IPEndPoint address)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "openadr-push", ContentRootPath = AppContext.BaseDirectory });
        builder.Services.AddSingleton(logs);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(server => Bound(server, address));
        var app = builder.Build();
        app.Run(endpoint.HandleAsync);
        return app;
    }

    private void Bound(KestrelServerOptions server, IPEndPoint address)
    {
        var limits = server.Limits;
        server.AddServerHeader = false;

        // Judged by Content-Length before anything is read, so that the caller gets an answer and no broken connection.
        limits.MaxRequestBodySize = null;
        limits.MaxRequestHeadersTotalSize = 16 * KiB;
        limits.MaxRequestLineSize = 4 * KiB;
        limits.MaxRequestHeaderCount = 50;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(130);
        limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
        limits.MaxConcurrentConnections = options.MaxConnections;
        limits.MaxConcurrentUpgradedConnections = 0;
        server.Listen(address, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.UseHttps(new TlsHandshakeCallbackOptions { HandshakeTimeout = HandshakeTime, OnConnection = context => ValueTask.FromResult(tls.Options(context.Connection)) });
        });
    }

    [LoggerMessage(EventId = EventIds.PushListenerUp, Level = LogLevel.Information, Message = "VTNs may push to https://{Address}/OpenADR2/Simple/2.0b")]
    private partial void LogUp(string address);
}
