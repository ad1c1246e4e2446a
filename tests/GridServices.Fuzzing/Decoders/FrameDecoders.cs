using System.Buffers.Binary;
using System.Text;
using GridServices.FrequencyResponse.Frames;
using GridServices.Ieee2030Dot5.ServiceDiscovery;

namespace GridServices.Fuzzing.Decoders;

/// <summary>Frames of meters and devices: UDP, Modbus, C37.118, DNS.</summary>
internal static class FrameDecoders
{
    private const int ConfigurationSize = 74;

    public static IReadOnlyList<Decoder> List { get; } =
    [
        new("udp-sample", InputForm.Bytes, () => [Sample(false), Sample(true)], UdpSample) { Seal = SealUdp },
        new("udp-setpoint", InputForm.Bytes, () => [Setpoints(0), Setpoints(3)], UdpSetpoint) { Seal = SealUdp },
        new("modbus", InputForm.Bytes, () => [Read(), WriteMany(), [0, 1, 0, 0, 0, 3, 1, 0x83, 2]], Modbus),
        new("c37-118", InputForm.Bytes, () => [Configuration(), Data(), [.. Configuration(), .. Data(), .. Data()]], C37) { Seal = SealC37 },
        new("dns", InputForm.Bytes, () => [DnsAnswer()], bytes => DnsReader.Read(bytes, out _) is not null),
    ];

    private static byte[] Sample(bool bigEndian)
    {
        var bytes = new byte[UdpSampleFrame.Size];
        new UdpSampleFrame(1, 7, 49.98, 0.01f, 1.02f, 1_800_000_000_000_000_000, default).Write(bytes, bigEndian);
        return bytes;
    }

    private static bool UdpSample(byte[] bytes)
    {
        if (UdpSampleFrame.TryRead(bytes, out var frame) != FrameFault.None)
        {
            return false;
        }

        var written = new byte[UdpSampleFrame.Size];
        frame.Write(written);
        return UdpSampleFrame.TryRead(written, out var again) == FrameFault.None && again.Equals(frame) ? true : throw new RoundTripException(frame.ToString());
    }

    private static byte[] Setpoints(int count)
    {
        var bytes = new byte[UdpSetpointFrame.GetSize(count)];
        new UdpSetpointFrame(1, default, 1_000, 5, 1_800_000_000_000_000_000, count).Write(
            bytes, [.. Enumerable.Range(1, count).Select(i => (uint)i)], [.. Enumerable.Range(1, count).Select(i => i * -1_000)]);
        return bytes;
    }

    private static bool UdpSetpoint(byte[] bytes)
    {
        if (UdpSetpointFrame.TryRead(bytes, out var frame) != FrameFault.None)
        {
            return false;
        }

        for (uint asset = 0; asset < 5; asset++)
        {
            UdpSetpointFrame.TrySetpoint(bytes, asset, out _);
        }

        return frame.Count >= 0;
    }

    private static byte[] SealUdp(byte[] bytes)
    {
        var copy = (byte[])bytes.Clone();
        if (copy.Length > 4)
        {
            var crc = Checksums.Crc32(copy.AsSpan()[..^4]);
            if (copy[0] == 0x47)
            {
                BinaryPrimitives.WriteUInt32BigEndian(copy.AsSpan()[^4..], crc);
            }
            else
            {
                BinaryPrimitives.WriteUInt32LittleEndian(copy.AsSpan()[^4..], crc);
            }
        }

        return copy;
    }

    private static byte[] Read()
    {
        var bytes = new byte[Mbap.MaxMessage];
        var size = ModbusPdu.WriteRead(bytes.AsSpan(Mbap.Size), ModbusFunction.ReadHolding, 40_000, 10);
        return bytes[..new Mbap(1, 1, size).Write(bytes)];
    }

    private static byte[] WriteMany()
    {
        var bytes = new byte[Mbap.MaxMessage];
        var size = ModbusPdu.WriteMultiple(bytes.AsSpan(Mbap.Size), 40_000, [1, 2, 0xFFFF]);
        return bytes[..new Mbap(1, 1, size).Write(bytes)];
    }

    private static bool Modbus(byte[] bytes)
    {
        if (Mbap.TryRead(bytes, out var head) != FrameFault.None)
        {
            return false;
        }

        var pdu = bytes.AsSpan(Mbap.Size, Math.Min(head.PduLength, bytes.Length - Mbap.Size));
        var fault = ModbusPdu.ReadRequest(pdu, out var request);
        Span<ushort> registers = stackalloc ushort[10];
        ModbusPdu.ReadRegisters(pdu, ModbusFunction.ReadHolding, registers);
        ModbusPdu.ReadWritten(pdu, ModbusFunction.WriteMultiple, 40_000);
        for (var i = 0; fault == ModbusException.None && request.Function is ModbusFunction.WriteMultiple or ModbusFunction.WriteSingle && i < request.Count; i++)
        {
            ModbusPdu.ValueAt(pdu, i);
        }

        return fault == ModbusException.None;
    }

    // One unit with one phasor, integers: sync, size, ids, times, name, format, counts, names, conversion, nominal, rate.
    private static byte[] Configuration()
    {
        var frame = new byte[ConfigurationSize];
        Head(frame, 0x31);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(14), 1_000_000);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(18), 1);
        Encoding.ASCII.GetBytes("UNIT            ").CopyTo(frame, 20);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(36), 7);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(40), 1);
        Encoding.ASCII.GetBytes("VA              ").CopyTo(frame, 46);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(62), 915_527);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(66), 1);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(70), 50);
        return SealC37(frame);
    }

    private static byte[] Data()
    {
        var frame = new byte[26];
        Head(frame, 0x01);
        return SealC37(frame);
    }

    private static void Head(byte[] frame, byte kind)
    {
        (frame[0], frame[1]) = (0xAA, kind);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)frame.Length);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(4), 7);
    }

    private static byte[] SealC37(byte[] bytes)
    {
        var copy = (byte[])bytes.Clone();
        if (copy.Length is >= C37Frames.HeadSize + 2 and <= C37Frames.MaxSize)
        {
            BinaryPrimitives.WriteUInt16BigEndian(copy.AsSpan(2), (ushort)copy.Length);
            BinaryPrimitives.WriteUInt16BigEndian(copy.AsSpan()[^2..], Checksums.CrcCcitt(copy.AsSpan()[..^2]));
        }

        return copy;
    }

    private static bool C37(byte[] bytes)
    {
        var fault = C37Frames.TryReadConfiguration(bytes, out var configuration);
        if (fault == FrameFault.None && configuration is not null)
        {
            foreach (var data in new[] { Data(), bytes, SealC37(new byte[Math.Max(16, Math.Min(configuration.DataFrameSize, C37Frames.MaxSize))]) })
            {
                C37Frames.TryReadData(data, configuration, 0, out _);
            }
        }

        Cut(bytes);
        return fault == FrameFault.None;
    }

    private static void Cut(byte[] bytes)
    {
        var stream = new C37Stream();
        var rest = bytes.AsSpan();
        for (var turns = 0; rest.Length > 0 && turns < 100_000; turns++)
        {
            rest = rest[stream.Add(rest)..];
            while (stream.TryNext(out _))
            {
                // Each frame is checked by the stream itself.
            }
        }
    }

    private static byte[] DnsAnswer()
    {
        var query = DnsQuery.Write(1, DnsName.Parse("_smartenergy._tcp.local"), DnsKind.Pointer, isMulticast: true);
        query[2] = 0x84;
        return [.. query, 0xC0, 12, 0, 12, 0, 1, 0, 0, 0, 120, 0, 4, 1, (byte)'a', 0xC0, 12];
    }
}
