using System.Net.Http.Headers;
using System.Net.Sockets;
using GridServices.Simulators.DerServer.Model;

namespace GridServices.Simulators.DerServer;

/// <summary>Sends notifications to the addresses clients gave.</summary>
internal sealed class Notifier(SimulatedUtility utility, DerServerTls? tls, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly HttpClient http = new(tls is null ? new SocketsHttpHandler() : new SocketsHttpHandler { SslOptions = tls.Client() }) { Timeout = TimeSpan.FromMinutes(1) };

    public override void Dispose()
    {
        http.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            foreach (var notification in utility.TakeNotifications())
            {
                await Send(notification, stoppingToken);
            }

            await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task Send(SimNotification n, CancellationToken ct)
    {
        try
        {
            using var content = new ByteArrayContent(n.Body);
            if (utility.Options.TypedNotifications)
            {
                content.Headers.ContentType = MediaTypeHeaderValue.Parse(utility.Options.IsCsipAus13 ? "application/sep+xml; csipaus=1.3" : "application/sep+xml");
            }

            using var reply = await http.PostAsync(new Uri(n.Uri), content, ct);
            utility.NoteNotified(n, (int)reply.StatusCode);
        }
        catch (Exception failed) when (failed is HttpRequestException or SocketException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            utility.NoteNotified(n, 0);
        }
    }
}
