namespace GridServices.FrequencyResponse.Frames;

/// <summary>How a number lies in registers.</summary>
public enum RegisterKind
{
    UInt16, Int16, UInt32, Int32, Float32,
}

/// <summary>A number in the registers of a meter, and the scale that belongs to it.</summary>
public sealed record RegisterMap
{
    /// <summary>First register, counted from 0 as on the wire.</summary>
    public required ushort Address { get; init; }
    public required RegisterKind Kind { get; init; }
    public ModbusFunction Function { get; init; } = ModbusFunction.ReadHolding;

    /// <summary>Value = raw × scale, where no register holds the scale.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Register with a power of ten as int16 (SunSpec scale factor); it stands in place of <see cref="Scale"/>.</summary>
    public ushort? ScaleFactorAddress { get; init; }

    /// <summary>True: the low word first.</summary>
    public bool LowWordFirst { get; init; }

    /// <summary>True: the SunSpec values for "not implemented" are no numbers.</summary>
    public bool SunSpecAbsent { get; init; }

    /// <summary>Registers that it takes.</summary>
    public int Count => Kind is RegisterKind.UInt16 or RegisterKind.Int16 ? 1 : 2;

    /// <summary>Smallest step of the value, Hz or V; a binary32 near 50 has steps of about 4 µHz.</summary>
    /// <param name="scaleFactor">Content of the scale factor register, where there is one.</param>
    public double Resolution(short scaleFactor = 0) => Kind == RegisterKind.Float32 ? 4e-6 * Math.Abs(GetScale(scaleFactor)) : Math.Abs(GetScale(scaleFactor));

    /// <summary>The value; NaN where the device has none. The first of <paramref name="registers"/> is that at <see cref="Address"/>.</summary>
    public double Decode(ReadOnlySpan<ushort> registers, short scaleFactor = 0)
    {
        if (registers.Length < Count || (ScaleFactorAddress is not null && scaleFactor is < -10 or > 10))
        {
            return double.NaN;
        }

        var raw = Raw(registers);
        if (double.IsNaN(raw))
        {
            return double.NaN;
        }

        // A power of ten below one divides: 4970 with a factor of -2 is the double 49.7, by a product it would not be.
        return ScaleFactorAddress is null ? Scaled(raw) : scaleFactor < 0 ? raw / Math.Pow(10, -scaleFactor) : raw * Math.Pow(10, scaleFactor);
    }

    /// <summary>A scale that is one part of a whole number divides for the same reason.</summary>
    private double Scaled(double raw)
    {
        var parts = Math.Round(1 / Scale);
        return Math.Abs(Scale) < 1 && Math.Abs((Scale * parts) - 1) < 1e-12 ? raw / parts : raw * Scale;
    }

    private double GetScale(short scaleFactor) => ScaleFactorAddress is null ? Scale : Math.Pow(10, scaleFactor);

    private double Raw(ReadOnlySpan<ushort> registers)
    {
        if (Count == 1)
        {
            return (Kind, registers[0]) switch
            {
                (RegisterKind.UInt16, ushort.MaxValue) or (RegisterKind.Int16, 0x8000) when SunSpecAbsent => double.NaN,
                (RegisterKind.UInt16, var value) => value,
                (_, var value) => unchecked((short)value),
            };
        }

        var (high, low) = LowWordFirst ? (registers[1], registers[0]) : (registers[0], registers[1]);
        var word = ((uint)high << 16) | low;
        return Kind switch
        {
            RegisterKind.Float32 => BitConverter.UInt32BitsToSingle(word),
            RegisterKind.UInt32 => SunSpecAbsent && word == uint.MaxValue ? double.NaN : word,
            _ => SunSpecAbsent && word == 0x8000_0000 ? double.NaN : unchecked((int)word),
        };
    }
}
