using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using GridServices.Contracts;

namespace GridServices.Simulators.SiteController;

/// <summary>Answers every request with the site's state as JSON. A socket and no more, so that the controller stays small.</summary>
public sealed class StatusPage : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly TcpListener listener;
    private readonly CancellationTokenSource stop = new();
    private readonly Func<SiteStatus> status;
    private readonly Task serving;

    private StatusPage(TcpListener listener, Func<SiteStatus> status)
    {
        (this.listener, this.status) = (listener, status);
        serving = ServeAsync();
    }

    public IPEndPoint Address => (IPEndPoint)listener.LocalEndpoint;

    /// <exception cref="SocketException">The port is taken.</exception>
    public static StatusPage Start(IPEndPoint at, Func<SiteStatus> status)
    {
        var socket = new TcpListener(at);
        socket.Start();
        return new StatusPage(socket, status);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Dispose();
        await serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    private async Task ServeAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            using var client = await listener.AcceptTcpClientAsync(stop.Token);
            try
            {
                await AnswerAsync(client);
            }
            catch (Exception gone) when (gone is IOException or SocketException or OperationCanceledException && !stop.IsCancellationRequested)
            {
                // The asker left.
            }
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        limit.CancelAfter(Patience);
        var stream = client.GetStream();
        await ReadHeadAsync(stream, limit.Token);
        var body = JsonSerializer.SerializeToUtf8Bytes(status(), ContractJson.Options);
        var head = Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n");
        await stream.WriteAsync(head, limit.Token);
        await stream.WriteAsync(body, limit.Token);
    }

    // Up to the empty line, at most 8 KiB: what is asked makes no difference.
    private static async Task ReadHeadAsync(NetworkStream stream, CancellationToken ct)
    {
        var buffer = new byte[8192];
        var filled = 0;
        while (filled < buffer.Length && buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8) < 0)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(filled), ct);
            if (read == 0)
            {
                return;
            }

            filled += read;
        }
    }
}
