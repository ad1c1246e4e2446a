using System.Net;
using System.Net.Sockets;
using GridServices.FrequencyResponse.Frames;

namespace GridServices.Simulators.Grid.Meters;

/// <summary>Serves a meter's registers over Modbus TCP: functions 3 and 4; writes are refused.</summary>
public sealed class ModbusServer : IAsyncDisposable
{
    private const int MostConnections = 64;
    private readonly TcpListener _listener;
    private readonly MeterRegisters _registers;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _slots = new(MostConnections);
    private readonly Task _accepting;

    public ModbusServer(IPEndPoint at, MeterRegisters registers)
    {
        _registers = registers;
        _listener = new TcpListener(at);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>True: it takes connections and says nothing, like a meter that hangs.</summary>
    public bool Mute { get; set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _slots.Dispose();
    }

    private async Task AcceptAsync()
    {
        var open = new List<Task>();
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                await _slots.WaitAsync(_stop.Token);
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
        try
        {
            client.NoDelay = true;
            var stream = client.GetStream();
            var bytes = new byte[Mbap.MaxMessage];
            while (true)
            {
                await stream.ReadExactlyAsync(bytes.AsMemory(0, Mbap.Size), _stop.Token);
                if (Mbap.TryRead(bytes, out var head) != FrameFault.None)
                {
                    return;
                }

                await stream.ReadExactlyAsync(bytes.AsMemory(Mbap.Size, head.PduLength), _stop.Token);
                if (!Mute)
                {
                    await stream.WriteAsync(bytes.AsMemory(0, Answer(head, bytes)), _stop.Token);
                }
            }
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or SocketException or ObjectDisposedException)
        {
            return;
        }
        finally
        {
            _slots.Release();
        }
    }

    private int Answer(Mbap head, byte[] bytes)
    {
        var pdu = bytes.AsSpan(Mbap.Size);
        var function = pdu[0];
        var exception = ModbusPdu.ReadRequest(pdu[..head.PduLength], out var request);
        if (exception == ModbusException.None && request.Function is not (ModbusFunction.ReadHolding or ModbusFunction.ReadInput))
        {
            exception = ModbusException.IllegalFunction;
        }

        if (exception != ModbusException.None)
        {
            return (head with { PduLength = ModbusPdu.WriteException(pdu, function, exception) }).Write(bytes);
        }

        Span<ushort> values = stackalloc ushort[request.Count];
        _registers.Read(request.Address, values);
        return (head with { PduLength = ModbusPdu.WriteRegisters(pdu, request.Function, values) }).Write(bytes);
    }
}
