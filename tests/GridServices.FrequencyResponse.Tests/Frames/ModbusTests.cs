using FsCheck;
using FsCheck.Fluent;
using GridServices.FrequencyResponse.Frames;

namespace GridServices.FrequencyResponse.Tests.Frames;

public sealed class ModbusTests
{
    [Theory]
    [InlineData(ModbusFunction.ReadHolding, "03006B0003", "0306022B00000064")]
    [InlineData(ModbusFunction.ReadInput, "04006B0003", "0406022B00000064")]
    public void Registers_are_read_as_the_protocol_specification_shows(ModbusFunction function, string request, string answer)
    {
        var pdu = new byte[ModbusPdu.MaxSize];
        Assert.Equal(request, Convert.ToHexString(pdu.AsSpan(0, ModbusPdu.WriteRead(pdu, function, 0x6B, 3))));
        Assert.Equal(ModbusException.None, ModbusPdu.ReadRequest(pdu.AsSpan(0, 5), out var read));
        Assert.Equal(new ModbusRequest(function, 0x6B, 3), read);
        Assert.Equal(answer, Convert.ToHexString(pdu.AsSpan(0, ModbusPdu.WriteRegisters(pdu, function, [0x022B, 0, 0x64]))));
        var registers = new ushort[3];
        Assert.Equal(ModbusException.None, ModbusPdu.ReadRegisters(Convert.FromHexString(answer), function, registers));
        Assert.Equal([0x022B, 0, 0x64], registers);
    }

    [Fact]
    public void Registers_are_written_as_the_protocol_specification_shows()
    {
        var pdu = new byte[ModbusPdu.MaxSize];
        Assert.Equal("0600010003", Convert.ToHexString(pdu.AsSpan(0, ModbusPdu.WriteSingle(pdu, 1, 3))));
        Assert.Equal(ModbusException.None, ModbusPdu.ReadWritten(pdu.AsSpan(0, 5), ModbusFunction.WriteSingle, 1));
        Assert.Equal(ModbusException.DeviceFailure, ModbusPdu.ReadWritten(pdu.AsSpan(0, 5), ModbusFunction.WriteSingle, 2));
        var length = ModbusPdu.WriteMultiple(pdu, 1, [10, 0x0102]);
        Assert.Equal("100001000204000A0102", Convert.ToHexString(pdu.AsSpan(0, length)));
        Assert.Equal(ModbusException.None, ModbusPdu.ReadRequest(pdu.AsSpan(0, length), out var request));
        Assert.Equal(new ModbusRequest(ModbusFunction.WriteMultiple, 1, 2), request);
        Assert.Equal(0x0102, ModbusPdu.ValueAt(pdu, 1));
        var answer = new byte[5];
        ModbusPdu.WriteWritten(answer, pdu);
        Assert.Equal(ModbusException.None, ModbusPdu.ReadWritten(answer, ModbusFunction.WriteMultiple, 1));
    }

    [Fact]
    public void Exception_of_the_device_is_passed_on()
    {
        var pdu = new byte[2];
        ModbusPdu.WriteException(pdu, 3, ModbusException.IllegalAddress);
        Assert.Equal(ModbusException.IllegalAddress, ModbusPdu.ReadRegisters(pdu, ModbusFunction.ReadHolding, new ushort[2]));
        Assert.Equal(ModbusException.DeviceFailure, ModbusPdu.ReadRegisters(pdu, ModbusFunction.ReadInput, new ushort[2]));
    }

    [Theory]
    [InlineData("2B0E0100", ModbusException.IllegalFunction)]
    [InlineData("0300000000", ModbusException.IllegalValue)]
    [InlineData("030000007E", ModbusException.IllegalValue)]
    [InlineData("03FFFF0002", ModbusException.IllegalAddress)]
    [InlineData("0300", ModbusException.IllegalValue)]
    [InlineData("100001000203000A01", ModbusException.IllegalValue)]
    [InlineData("", ModbusException.IllegalFunction)]
    public void Request_that_makes_no_sense_gets_its_exception(string pdu, ModbusException exception) =>
        Assert.Equal(exception, ModbusPdu.ReadRequest(Convert.FromHexString(pdu), out _));

    [Fact]
    public void Head_carries_transaction_unit_and_length()
    {
        var bytes = new byte[Mbap.MaxMessage];
        Assert.Equal(12, new Mbap(0x1234, 9, 5).Write(bytes));
        Assert.Equal("12340000000609", Convert.ToHexString(bytes.AsSpan(0, 7)));
        Assert.Equal(FrameFault.None, Mbap.TryRead(bytes, out var head));
        Assert.Equal(new Mbap(0x1234, 9, 5), head);
        Assert.Equal(FrameFault.Short, Mbap.TryRead(bytes.AsSpan(0, 6), out _));
        Assert.Equal(FrameFault.Length, Mbap.TryRead(Convert.FromHexString("12340000FFFF09"), out _));
        Assert.Equal(FrameFault.NotOurs, Mbap.TryRead(Convert.FromHexString("12340001000609"), out _));
    }

    [Fact]
    public void Random_bytes_never_throw() => Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), Gen.Elements<byte>(3, 4, 6, 16, 0x83).ToArbitrary(), (bytes, function) =>
    {
        byte[] pdu = [function, .. bytes];
        var fault = ModbusPdu.ReadRequest(pdu, out var request);
        for (var i = 0; fault == ModbusException.None && request.Function is ModbusFunction.WriteSingle or ModbusFunction.WriteMultiple && i < request.Count; i++)
        {
            _ = ModbusPdu.ValueAt(pdu, i);
        }

        _ = ModbusPdu.ReadRegisters(pdu, ModbusFunction.ReadHolding, new ushort[bytes.Length / 2]);
        _ = ModbusPdu.ReadWritten(pdu, ModbusFunction.WriteSingle, 0);
        _ = Mbap.TryRead(pdu, out var head);
        return head.PduLength <= ModbusPdu.MaxSize;
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(103, 5002, -2, 50.02, 0.01)]
    [InlineData(103, 50023, -3, 50.023, 0.001)]
    [InlineData(203, 4970, -2, 49.7, 0.01)]
    public void Scaled_model_gives_frequency_and_its_step(ushort model, ushort raw, short factor, double hz, double step)
    {
        var map = SunSpecFrequency.Find(model, 40_070)!.Frequency;
        Assert.Equal((ushort)40_086, map.Address);
        Assert.Equal((ushort)40_087, map.ScaleFactorAddress);
        Assert.Equal(hz, map.Decode([raw], factor));
        Assert.Equal(step, map.Resolution(factor), 1e-12);
    }

    [Fact]
    public void Wide_models_are_read()
    {
        var der = SunSpecFrequency.Find(701, 40_070)!;
        Assert.Equal((ushort)40_087, der.Frequency.Address);
        Assert.Equal((ushort)40_185, der.Frequency.ScaleFactorAddress);
        Assert.Equal(49.987, der.Frequency.Decode([0, 49_987], -3));
        var bits = BitConverter.SingleToUInt32Bits(49.95f);
        var meter = SunSpecFrequency.Find(213, 40_070)!.Frequency;
        Assert.Equal((ushort)40_096, meter.Address);
        Assert.Equal((double)49.95f, meter.Decode([(ushort)(bits >> 16), (ushort)(bits & 0xFFFF)]));
        Assert.Equal((double)49.95f, (meter with { LowWordFirst = true }).Decode([(ushort)(bits & 0xFFFF), (ushort)(bits >> 16)]));
    }

    [Fact]
    public void What_a_device_does_not_have_is_no_number()
    {
        Assert.True(double.IsNaN(SunSpecFrequency.Find(103, 0)!.Frequency.Decode([0xFFFF], -2)));
        Assert.True(double.IsNaN(SunSpecFrequency.Find(203, 0)!.Frequency.Decode([0x8000], -2)));
        Assert.True(double.IsNaN(SunSpecFrequency.Find(203, 0)!.Frequency.Decode([5000], short.MinValue)));
        Assert.True(double.IsNaN(SunSpecFrequency.Find(701, 0)!.Frequency.Decode([0xFFFF, 0xFFFF], -2)));
        Assert.True(double.IsNaN(SunSpecFrequency.Find(213, 0)!.Frequency.Decode([0x7FC0, 0])));
        Assert.True(double.IsNaN(SunSpecFrequency.Find(213, 0)!.Frequency.Decode([0x4248])));
        Assert.Null(SunSpecFrequency.Find(1, 0));
        Assert.Null(SunSpecFrequency.Find(701, 65_500));
    }

    [Fact]
    public void Plain_map_scales_and_signs()
    {
        var map = new RegisterMap { Address = 0x88, Kind = RegisterKind.Int32, Scale = 0.0001, LowWordFirst = true };
        Assert.Equal(49.9876, map.Decode([499_876 & 0xFFFF, 499_876 >> 16]), 1e-9);
        Assert.Equal(-0.0001, map.Decode([0xFFFF, 0xFFFF]), 1e-12);

        // A trigger of 49.7 Hz is met by a meter that says 49700 mHz.
        var milli = new RegisterMap { Address = 0, Kind = RegisterKind.UInt16, Scale = 0.001 };
        for (ushort raw = 48_000; raw < 52_000; raw++)
        {
            Assert.Equal(double.Parse($"{raw / 1000}.{raw % 1000:000}", System.Globalization.CultureInfo.InvariantCulture), milli.Decode([raw]));
        }
    }
}
