using System.Net;
using System.Net.Sockets;
using GridServices.FrequencyResponse.Frames;
using GridServices.Simulators.Grid.Meters;

namespace GridServices.Simulators.Grid;

/// <summary>Runs the world in real time: sends samples, receives set-points, serves registers, tells what happens.</summary>
public sealed class GridRun : BackgroundService
{
    private readonly GridOptions _options;
    private readonly GridWorld _world;
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly Socket _receiver;
    private readonly ModbusServer _modbus;
    private readonly C37Server? _c37;
    private bool _disposed;

    public GridRun(GridOptions options, GridWorld world, TimeProvider time)
    {
        (_options, _world, _time, _start) = (options, world, time, time.GetTimestamp());
        _receiver = new Socket(options.Setpoints.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        _receiver.Bind(options.Setpoints);
        _modbus = new ModbusServer(options.Modbus, world.Registers);
        _c37 = options.C37 is { } at ? new C37Server(at, options, time) : null;
    }

    /// <summary>Seconds of the simulation.</summary>
    public double Seconds => _time.GetElapsedTime(_start).TotalSeconds * _options.Speed;

    public int? C37Port => _c37?.EndPoint.Port;

    public int ModbusPort => _modbus.EndPoint.Port;

    public int SetpointPort => ((IPEndPoint)_receiver.LocalEndPoint!).Port;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.WhenAll(SendAsync(stoppingToken), ReceiveAsync(stoppingToken)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public override void Dispose()
    {
        // Held as itself and as a hosted service: the container disposes of it twice.
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _receiver.Dispose();
        Task.WhenAll(_modbus.DisposeAsync().AsTask(), _c37?.DisposeAsync().AsTask() ?? Task.CompletedTask).GetAwaiter().GetResult();
        base.Dispose();
    }

    private async Task SendAsync(CancellationToken stop)
    {
        var lines = new EventReporter(_options.NominalHz, WriteLine);
        var senders = _options.Samples.Select(to => (To: to, Socket: new Socket(to.AddressFamily, SocketType.Dgram, ProtocolType.Udp))).ToList();
        var bytes = new byte[UdpSampleFrame.Size];
        WriteLine($"{_world.TraceName}; samples to {string.Join(", ", _options.Samples)}, Modbus on {ModbusPort}, set-points on {SetpointPort}.");
        try
        {
            using var timer = new PeriodicTimer(TimeSpan.FromSeconds(_options.PeriodSeconds), _time);
            while (await timer.WaitForNextTickAsync(stop))
            {
                var now = _time.GetUtcNow() - DateTimeOffset.UnixEpoch;
                if (_world.Tick(Seconds, now.Ticks * 100) is { } frame)
                {
                    frame.Write(bytes);
                    _c37?.Publish(frame);
                    foreach (var (to, socket) in senders)
                    {
                        await Deliver(socket, bytes, to, stop);
                    }

                    lines.Report(_world.Moment.Hz, silent: false, _world.Battery.PowerW, _world.Chargers.PowerW - _world.Chargers.DefaultW);
                }
                else
                {
                    lines.Report(_world.Moment.Hz, silent: true, _world.Battery.PowerW, _world.Chargers.PowerW - _world.Chargers.DefaultW);
                }
            }
        }
        finally
        {
            senders.ForEach(s => s.Socket.Dispose());
        }
    }

    private static async Task Deliver(Socket socket, byte[] bytes, IPEndPoint to, CancellationToken stop)
    {
        try
        {
            await socket.SendToAsync(bytes, to, stop);
        }
        catch (SocketException)
        {
            // Nobody listens there yet: the next sample comes anyway, as from a real meter.
            return;
        }
    }

    private async Task ReceiveAsync(CancellationToken stop)
    {
        var bytes = new byte[UdpSetpointFrame.MaxSize + 1];
        var anyone = new IPEndPoint(_receiver.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var received = await _receiver.ReceiveFromAsync(bytes, anyone, stop);
                _world.Command(Seconds, bytes.AsSpan(0, received.ReceivedBytes));
            }
            catch (SocketException)
            {
                continue;
            }
        }
    }

    private void WriteLine(string line)
    {
        if (!_options.Quiet)
        {
            // Whoever collects our lines stamps them itself.
            Console.WriteLine(Console.IsOutputRedirected ? line : $"{_time.GetUtcNow():HH:mm:ss} grid  {line}");
        }
    }
}
