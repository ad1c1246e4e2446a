using System.Net.Sockets;
using GridServices.FrequencyResponse.Frames;

namespace GridServices.FrequencyResponse.Service.Sources;

/// <summary>A Modbus TCP connection: one request at a time, blocking, nothing allocated once it stands.</summary>
internal sealed class ModbusClient : IDisposable
{
    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[Mbap.MaxMessage];
    private readonly byte _unit;
    private ushort _transaction;

    private ModbusClient(Socket socket, byte unit) => (_socket, _unit) = (socket, unit);

    /// <exception cref="SocketException">Nobody there in time.</exception>
    public static ModbusClient Connect(string host, int port, byte unit, int timeoutMs) =>
        new(TcpConnector.Connect(host, port, timeoutMs), unit);

    /// <returns>None, or what the device says.</returns>
    /// <exception cref="SocketException">No answer in time, or an answer that is none: the line is to be closed, what comes later is not ours to guess.</exception>
    public ModbusException Read(ModbusFunction function, ushort address, Span<ushort> registers)
    {
        _transaction = unchecked((ushort)(_transaction + 1));
        var pdu = ModbusPdu.WriteRead(_buffer.AsSpan(Mbap.Size), function, address, (ushort)registers.Length);
        Send(_buffer.AsSpan(0, new Mbap(_transaction, _unit, pdu).Write(_buffer)));
        return ModbusPdu.ReadRegisters(Answer(), function, registers);
    }

    public void Dispose() => _socket.Dispose();

    private void Send(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[_socket.Send(bytes, SocketFlags.None)..];
        }
    }

    private ReadOnlySpan<byte> Answer()
    {
        Fill(0, Mbap.Size);
        if (Mbap.TryRead(_buffer, out var head) != FrameFault.None)
        {
            throw new SocketException((int)SocketError.ProtocolNotSupported);
        }

        Fill(Mbap.Size, head.PduLength);
        return head.Transaction == _transaction && head.Unit == _unit
            ? _buffer.AsSpan(Mbap.Size, head.PduLength)
            : throw new SocketException((int)SocketError.ProtocolNotSupported);
    }

    private void Fill(int at, int count)
    {
        while (count > 0)
        {
            var read = _socket.Receive(_buffer.AsSpan(at, count), SocketFlags.None);
            if (read == 0)
            {
                throw new SocketException((int)SocketError.ConnectionReset);
            }

            at += read;
            count -= read;
        }
    }
}
