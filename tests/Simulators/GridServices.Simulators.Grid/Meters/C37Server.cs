using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using GridServices.FrequencyResponse.Frames;

namespace GridServices.Simulators.Grid.Meters;

/// <summary>A phasor measurement unit over TCP: tells its configuration when asked, streams data between the commands to start and to stop.</summary>
public sealed class C37Server : IAsyncDisposable
{
    private const int MostWaiting = 64;
    private const double NominalVolts = 230;
    private readonly TcpListener _listener;
    private readonly GridOptions _options;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly List<Channel<UdpSampleFrame>> _streams = [];
    private readonly Task _accepting;

    public C37Server(IPEndPoint at, GridOptions options, TimeProvider time)
    {
        (_options, _time) = (options, time);
        _listener = new TcpListener(at);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>A sample for whoever streams; of too many the oldest is dropped.</summary>
    public void Publish(UdpSampleFrame sample)
    {
        lock (_gate)
        {
            _streams.ForEach(s => s.Writer.TryWrite(sample));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var open = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                open.RemoveAll(t => t.IsCompleted);
                open.Add(ServeAsync(client));
            }
        }
        catch (Exception closed) when (closed is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(open);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var connection = client;
        client.NoDelay = true;
        var samples = Channel.CreateBounded<UdpSampleFrame>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropOldest });
        using var turn = new SemaphoreSlim(1);
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var sending = SendAsync(client.GetStream(), samples.Reader, turn, gone.Token);
        try
        {
            await HandleCommandsAsync(client.GetStream(), samples, turn, gone.Token);
        }
        catch (Exception lost) when (lost is IOException or OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The client has gone, or we are going.
        }
        finally
        {
            Stream(samples, on: false);
            await gone.CancelAsync();
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task HandleCommandsAsync(NetworkStream stream, Channel<UdpSampleFrame> samples, SemaphoreSlim turn, CancellationToken stop)
    {
        var command = new byte[18];
        while (true)
        {
            await stream.ReadExactlyAsync(command, stop);
            if (C37Frames.Check(command, out var kind) != FrameFault.None || kind != C37Kind.Command)
            {
                return;
            }

            switch ((C37Command)((command[14] << 8) | command[15]))
            {
                case C37Command.SendConfiguration2:
                    var now = _time.GetUtcNow() - DateTimeOffset.UnixEpoch;
                    await WriteAsync(
                        stream, C37Writer.Configuration(_options.Number, "SIM GRID", _options.NominalHz, 1 / _options.PeriodSeconds, now.Ticks * 100), turn, stop);
                    break;
                case C37Command.StartData:
                    Stream(samples, on: true);
                    break;
                case C37Command.StopData:
                    Stream(samples, on: false);
                    break;
            }
        }
    }

    private async Task SendAsync(NetworkStream stream, ChannelReader<UdpSampleFrame> samples, SemaphoreSlim turn, CancellationToken stop)
    {
        await foreach (var sample in samples.ReadAllAsync(stop))
        {
            await WriteAsync(stream, C37Writer.Data(_options.Number, sample, NominalVolts), turn, stop);
        }
    }

    private static async Task WriteAsync(NetworkStream stream, byte[] frame, SemaphoreSlim turn, CancellationToken stop)
    {
        await turn.WaitAsync(stop);
        try
        {
            await stream.WriteAsync(frame, stop);
        }
        finally
        {
            turn.Release();
        }
    }

    private void Stream(Channel<UdpSampleFrame> samples, bool on)
    {
        lock (_gate)
        {
            _streams.Remove(samples);
            if (on)
            {
                _streams.Add(samples);
            }
        }
    }
}
