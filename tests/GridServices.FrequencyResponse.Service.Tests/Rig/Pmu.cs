using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using GridServices.FrequencyResponse.Frames;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Tests.Rig;

/// <summary>A PMU with one voltage phasor and binary32 frequency, over TCP: answers the configuration, streams at 50 Hz once it is told to.</summary>
internal sealed class Pmu : IAsyncDisposable
{
    private const ushort Id = 7;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    public Pmu()
    {
        _listener.Start();
        _serving = Task.Run(ServeAsync);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public double Hz { get; set; } = 50;

    /// <summary>STAT word; bits 15..14 say whether the data may be used.</summary>
    public ushort Stat { get; set; }

    public float Volts { get; set; } = 230;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _serving;
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                await TalkAsync(client.GetStream());
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or IOException)
            {
                // The next one may come.
            }
        }
    }

    private async Task TalkAsync(NetworkStream line)
    {
        var command = new byte[18];
        var streaming = false;
        while (true)
        {
            while (line.DataAvailable || !streaming)
            {
                await line.ReadExactlyAsync(command, _stop.Token);
                switch ((C37Command)BinaryPrimitives.ReadUInt16BigEndian(command.AsSpan(14)))
                {
                    case C37Command.SendConfiguration2:
                        await line.WriteAsync(Configuration(), _stop.Token);
                        break;
                    case C37Command.StartData:
                        streaming = true;
                        break;
                    default:
                        streaming = false;
                        break;
                }
            }

            await line.WriteAsync(Data(), _stop.Token);
            await Task.Delay(20, _stop.Token);
        }
    }

    internal static byte[] Configuration()
    {
        using var body = new MemoryStream();
        void U16(int value) => body.Write([(byte)(value >> 8), (byte)(value & 0xFF)]);
        void U32(int value)
        {
            U16(value >> 16);
            U16(value & 0xFFFF);
        }

        U32(1_000_000);
        U16(1);
        body.Write(Encoding.ASCII.GetBytes("TEST STATION".PadRight(16)));
        U16(Id);
        U16(0b1011); // polar, phasors and frequency binary32
        U16(1);
        U16(0);
        U16(0);
        body.Write(Encoding.ASCII.GetBytes("VA".PadRight(16)));
        U32(0);
        U16(1); // 50 Hz
        U16(0);
        U16(50);
        return Frame(0x31, body.ToArray());
    }

    private byte[] Data() => Data(Hz, Stat, Volts);

    internal static byte[] Data(double hz, ushort stat = 0, float volts = 230)
    {
        var body = new byte[18];
        BinaryPrimitives.WriteUInt16BigEndian(body, stat);
        BinaryPrimitives.WriteSingleBigEndian(body.AsSpan(2), volts);
        BinaryPrimitives.WriteSingleBigEndian(body.AsSpan(10), (float)hz);
        BinaryPrimitives.WriteSingleBigEndian(body.AsSpan(14), 0);
        return Frame(0x01, body);
    }

    private static byte[] Frame(byte kind, byte[] body)
    {
        var frame = new byte[14 + body.Length + 2];
        var ticks = SystemClock.Instance.GetCurrentInstant().ToUnixTimeTicks();
        (frame[0], frame[1]) = (0xAA, kind);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)frame.Length);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(4), Id);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(6), (uint)(ticks / NodaConstants.TicksPerSecond));
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(10), (uint)(ticks % NodaConstants.TicksPerSecond / 10));
        body.CopyTo(frame, 14);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(frame.Length - 2), Checksums.CrcCcitt(frame.AsSpan(0, frame.Length - 2)));
        return frame;
    }
}
