using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using GridServices.FrequencyResponse.Frames;

namespace GridServices.FrequencyResponse.Service.Tests.Rig;

/// <summary>The PMU of <see cref="Pmu"/> over UDP: a datagram a frame, and before each frame what a bad line makes of one.</summary>
internal sealed class UdpPmu : IAsyncDisposable
{
    private readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    public UdpPmu() => _serving = Task.Run(ServeAsync);

    public int Port => ((IPEndPoint)_socket.Client.LocalEndPoint!).Port;

    public double Hz { get; set; } = 50;

    /// <summary>Datagrams that are sent before each good frame.</summary>
    public IReadOnlyList<byte[]> Damage { get; set; } = [];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _socket.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        IPEndPoint? streamTo = null;
        try
        {
            while (true)
            {
                while (_socket.Available > 0 || streamTo is null)
                {
                    var asked = await _socket.ReceiveAsync(_stop.Token);
                    var command = (C37Command)BinaryPrimitives.ReadUInt16BigEndian(asked.Buffer.AsSpan(14));
                    streamTo = command == C37Command.StartData ? asked.RemoteEndPoint : null;
                    if (command == C37Command.SendConfiguration2)
                    {
                        await SendAsync(Pmu.Configuration(), asked.RemoteEndPoint);
                    }
                }

                await SendAsync(Pmu.Data(Hz), streamTo);
                await Task.Delay(20, _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    private async Task SendAsync(byte[] frame, IPEndPoint to)
    {
        foreach (var datagram in Damage.Append(frame))
        {
            await _socket.SendAsync(datagram, to, _stop.Token);
        }
    }
}
