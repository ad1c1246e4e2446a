using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Serialization;

namespace GridServices.Ieee2030Dot5.Messages;

/// <summary>Active power in watts as a 16-bit value times a power of ten. The sign is the element's own; limits are judged by the event engine.</summary>
/// <param name="Value">-32,768 to 32,767.</param>
/// <param name="Multiplier">Power of ten, -12 to 12.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ActivePower(long Value, int Multiplier)
{
    /// <summary>Watts, exact.</summary>
    [JsonIgnore]
    public decimal Watts => PowerOfTen.Scale(Value, Multiplier);

    /// <summary>The most exact form of a power that fits; digits beyond are cut towards zero.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Too large for the wire.</exception>
    public static ActivePower FromWatts(decimal watts)
    {
        var (value, multiplier) = PowerOfTen.Fit(watts, short.MaxValue);
        return new(value, multiplier);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Watts} W");
}

/// <summary>Any other quantity that stands as a value and a power of ten; the unit is the element's (VA, var, V, A, Wh, Ah, S).</summary>
/// <param name="Value">As the element's type has it: 16 bits, signed or not, or 48 bits for energy.</param>
/// <param name="Multiplier">Power of ten, -12 to 12.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Quantity(long Value, int Multiplier)
{
    /// <summary>In the element's unit, exact.</summary>
    [JsonIgnore]
    public decimal Amount => PowerOfTen.Scale(Value, Multiplier);

    /// <summary>The most exact form that fits into 15 bits, which every quantity has; digits beyond are cut towards zero.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Too large for the wire.</exception>
    public static Quantity From(decimal amount)
    {
        var (value, multiplier) = PowerOfTen.Fit(amount, short.MaxValue);
        return new(value, multiplier);
    }

    public override string ToString() => Amount.ToString(CultureInfo.InvariantCulture);
}

/// <summary>cos φ as displacement × 10^multiplier.</summary>
/// <param name="Displacement">Not negative.</param>
/// <param name="Multiplier">Power of ten.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct PowerFactor(int Displacement, int Multiplier);

/// <summary>A power factor to hold.</summary>
/// <param name="Displacement">Not negative.</param>
/// <param name="Excitation">True = under-excited (the DER absorbs reactive power), false = over-excited (it supplies it).</param>
/// <param name="Multiplier">Power of ten.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct PowerFactorWithExcitation(int Displacement, bool Excitation, int Multiplier);

/// <summary>Reactive power to hold, as a signed percentage of what <paramref name="RefType"/> names.</summary>
/// <param name="RefType">DERUnitRefType: 1 of setMaxW, 2 of setMaxVar, 3 of statVarAvail.</param>
/// <param name="Value">Hundredths of a per cent, -10,000 to 10,000; positive = injected.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct FixedVar(int RefType, int Value);

/// <summary>Droop parameters of frequency-watt operation, as sent: dead bands in mHz, slopes in thousandths of per-unit frequency, response in hundredths of a second.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct FreqDroop(long DeadbandOver, long DeadbandUnder, long SlopeOver, long SlopeUnder, long OpenLoopTms);

/// <summary>A half-open interval [start, start + duration) in server time.</summary>
/// <param name="Start">Unix seconds.</param>
/// <param name="DurationSeconds">0 to 4,294,967,295.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct DateTimeInterval(long Start, long DurationSeconds)
{
    /// <summary>Unix seconds of the end, exclusive; never past the year 9999, the reader sees to that.</summary>
    [JsonIgnore]
    public long End => Start + DurationSeconds;
}

/// <summary>Powers of ten without rounding.</summary>
internal static class PowerOfTen
{
    /// <summary>Wider ones are refused at reading: no site has a terawatt, none measures a picowatt.</summary>
    public const int Limit = 12;

    public static decimal Scale(long value, int multiplier)
    {
        decimal factor = 1;
        for (var i = 0; i < Math.Abs(multiplier); i++)
        {
            factor *= 10;
        }

        return multiplier < 0 ? value / factor : value * factor;
    }

    /// <summary>Value and multiplier with |value| at most <paramref name="max"/>; multiplier 0 where that is exact.</summary>
    public static (long Value, int Multiplier) Fit(decimal amount, long max)
    {
        var multiplier = 0;
        for (; Math.Abs(amount) > max && multiplier < Limit; multiplier++)
        {
            amount /= 10;
        }

        for (; multiplier is > -3 and <= 0 && amount != decimal.Truncate(amount) && Math.Abs(amount * 10) <= max; multiplier--)
        {
            amount *= 10;
        }

        return Math.Abs(amount) > max
            ? throw new ArgumentOutOfRangeException(nameof(amount), amount, "the power is too large for the wire")
            : ((long)decimal.Truncate(amount), multiplier);
    }
}
