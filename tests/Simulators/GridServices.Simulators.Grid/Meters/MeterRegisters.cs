namespace GridServices.Simulators.Grid.Meters;

/// <summary>The registers of a meter that speaks Modbus: SunSpec models 203 (integers) and 213 (floats), and plain registers.</summary>
/// <remarks>
/// <code>
/// 40000  SunS | 1 (common, 66) | 203 (meter, 105) | 213 (float meter, 124) | end
///   100  frequency in mHz, uint16        101  voltage in 0.1 V, uint16        102..103  frequency, binary32, low word first
/// </code>
/// </remarks>
public sealed class MeterRegisters
{
    public const int Base = 40_000;
    private const int Common = Base + 2;

    /// <summary>Where model 203 begins.</summary>
    public const int Integers = Common + 68;
    private const int Floats = Integers + 107;
    private const int End = Floats + 126;
    private readonly Lock _gate = new();
    private readonly ushort[] _registers = new ushort[65_536];

    public MeterRegisters()
    {
        Write(Base, 0x5375, 0x6E53, 1, 66);
        Write(Integers, 203, 105);
        Write(Floats, 213, 124);
        Write(End, 0xFFFF, 0);
        Clear();
    }

    /// <summary>A value arrived.</summary>
    /// <param name="hz">Frequency.</param>
    /// <param name="volts">Phase to neutral.</param>
    /// <param name="factor">Power of ten by which model 203 scales its frequency.</param>
    public void Set(double hz, double volts, short factor = -2)
    {
        lock (_gate)
        {
            Write(Integers + 16, (ushort)Math.Round(hz * Math.Pow(10, -factor)), unchecked((ushort)factor));
            Write(Integers + 8, (ushort)Math.Round(volts * 10));
            Write(Integers + 15, unchecked((ushort)-1));
            Single(Floats + 26, (float)hz);
            Single(Floats + 12, (float)volts);
            Write(100, (ushort)Math.Round(hz * 1000), (ushort)Math.Round(volts * 10));
            var bits = BitConverter.SingleToUInt32Bits((float)hz);
            Write(102, (ushort)(bits & 0xFFFF), (ushort)(bits >> 16));
        }
    }

    /// <summary>It has no value: what SunSpec writes for that.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            Write(Integers + 16, 0x8000, unchecked((ushort)-2));
            Single(Floats + 26, float.NaN);
            Write(100, 0, 0, 0, 0);
        }
    }

    public void Read(int address, Span<ushort> into)
    {
        lock (_gate)
        {
            _registers.AsSpan(address, into.Length).CopyTo(into);
        }
    }

    private void Single(int address, float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        Write(address, (ushort)(bits >> 16), (ushort)(bits & 0xFFFF));
    }

    private void Write(int address, params ReadOnlySpan<ushort> values) => values.CopyTo(_registers.AsSpan(address));
}
