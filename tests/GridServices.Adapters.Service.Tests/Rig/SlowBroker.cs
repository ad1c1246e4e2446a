using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace GridServices.Adapters.Service.Tests.Rig;

/// <summary>As much of an MQTT 3.1.1 broker as one client needs, which acknowledges when the test lets it. So many connections at first are taken and never answered.</summary>
internal sealed class SlowBroker : IAsyncDisposable
{
    private static readonly byte[] Accepted = [0x20, 2, 0, 0];
    private static readonly byte[] Alive = [0xD0, 0];
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentQueue<(string Topic, string Text)> published = new();
    private readonly CancellationTokenSource over = new();
    private readonly Task serving;
    private TaskCompletionSource acknowledges = Done();
    private int mute;

    public SlowBroker(int mute = 0)
    {
        this.mute = mute;
        listener.Start();
        serving = ServeAsync(over.Token);
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>All that was published, in order.</summary>
    public IReadOnlyList<(string Topic, string Text)> Published => [.. published];

    /// <summary>The client said farewell: its last will is void.</summary>
    public bool IsParted { get; private set; }

    /// <summary>A line of the client has ended.</summary>
    public bool IsLeft { get; private set; }

    /// <summary>So many connections were taken.</summary>
    public int Connections { get; private set; }

    public void HoldBack() => acknowledges = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Acknowledge() => acknowledges.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await over.CancelAsync();
        await serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        listener.Dispose();
        over.Dispose();
    }

    private static TaskCompletionSource Done()
    {
        var done = new TaskCompletionSource();
        done.SetResult();
        return done;
    }

    private async Task ServeAsync(CancellationToken ct)
    {
        List<Task> lines = [];
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync(ct);
                Connections++;
                lines.Add(LineAsync(client, mute-- > 0, ct));
            }
        }
        finally
        {
            await Task.WhenAll(lines).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LineAsync(TcpClient client, bool isMute, CancellationToken ct)
    {
        using var open = client;
        var line = client.GetStream();
        try
        {
            while (!IsParted)
            {
                var packet = await ReadAsync(line, ct);
                if (!isMute)
                {
                    await AnswerAsync(line, packet, ct);
                }
            }
        }
        catch (IOException)
        {
            // The client dropped its line.
        }

        IsLeft = true;
    }

    private async Task AnswerAsync(NetworkStream line, (int Kind, byte[] Body) packet, CancellationToken ct)
    {
        const int Connect = 1, Publish = 3, Ping = 12, Disconnect = 14;
        switch (packet.Kind)
        {
            case Connect:
                await line.WriteAsync(Accepted, ct);
                break;
            case Publish:
                var length = BinaryPrimitives.ReadUInt16BigEndian(packet.Body);
                published.Enqueue((Encoding.UTF8.GetString(packet.Body, 2, length), Encoding.UTF8.GetString(packet.Body[(4 + length)..])));
                _ = AcknowledgeAsync(line, packet.Body[2 + length], packet.Body[3 + length], ct);
                break;
            case Ping:
                await line.WriteAsync(Alive, ct);
                break;
            case Disconnect:
                IsParted = true;
                break;
        }
    }

    private async Task AcknowledgeAsync(NetworkStream line, byte high, byte low, CancellationToken ct)
    {
        await acknowledges.Task.WaitAsync(ct);
        await line.WriteAsync(new byte[] { 0x40, 2, high, low }, ct);
    }

    private static async Task<(int Kind, byte[] Body)> ReadAsync(NetworkStream line, CancellationToken ct)
    {
        var one = new byte[1];
        await line.ReadExactlyAsync(one, ct);
        var kind = one[0] >> 4;
        var (length, shift) = (0, 0);
        do
        {
            await line.ReadExactlyAsync(one, ct);
            length |= (one[0] & 0x7F) << shift;
            shift += 7;
        }
        while ((one[0] & 0x80) != 0);
        var body = new byte[length];
        await line.ReadExactlyAsync(body, ct);
        return (kind, body);
    }
}
