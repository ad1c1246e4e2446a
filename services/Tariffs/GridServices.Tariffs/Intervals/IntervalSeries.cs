using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using GridServices.Contracts.Json;
using NodaTime;

namespace GridServices.Tariffs.Intervals;

/// <summary>What an interval's number is.</summary>
public enum IntervalUnit
{
    /// <summary>Mean power of the interval.</summary>
    Kw,

    /// <summary>Energy of the interval.</summary>
    Kwh,
}

/// <summary>Intervals [<see cref="From"/>, <see cref="From"/> + <see cref="Count"/>) of a series, by index.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct IndexRange(int From, int Count);

/// <summary>
/// Equal consecutive intervals with exact values: whole numbers in units of 10^-<see cref="Scale"/> kW or kWh.
/// Positive = import. Interval i covers [Start + i x Step, Start + (i+1) x Step). Immutable.
/// </summary>
public sealed class IntervalSeries
{
    private readonly long[] values;
    private string? hash;

    private IntervalSeries(Instant start, int stepSeconds, IntervalUnit unit, int scale, long[] values, bool exact)
    {
        Start = start;
        StepSeconds = stepSeconds;
        Unit = unit;
        Scale = scale;
        this.values = values;
        IsExact = exact;
        foreach (var value in values)
        {
            MaxAbs = Math.Max(MaxAbs, Math.Abs(value));
            HasNegative |= value < 0;
        }
    }

    public Instant Start { get; }

    /// <summary>Whole seconds of one interval.</summary>
    public int StepSeconds { get; }

    public IntervalUnit Unit { get; }

    /// <summary>Decimal digits of the stored whole numbers.</summary>
    public int Scale { get; }

    public int Count => values.Length;

    public Instant End => Start + Duration.FromSeconds((long)StepSeconds * Count);

    public ReadOnlySpan<long> Values => values;

    /// <summary>False when a value had more digits than the scale holds and was rounded; a bill says so.</summary>
    public bool IsExact { get; }

    public bool HasNegative { get; }

    /// <summary>Intervals without a reading: they hold 0 and make a bill provisional.</summary>
    public ImmutableArray<IndexRange> Missing { get; init; } = [];

    /// <summary>Intervals whose value was estimated, by the sender or by the declared gap policy.</summary>
    public ImmutableArray<IndexRange> Estimated { get; init; } = [];

    /// <summary>SHA-256 over start, step, unit, scale, values and marks; hexadecimal. Calculated once, when first asked for.</summary>
    public string Hash => hash ??= Calculate();

    internal long MaxAbs { get; }

    /// <summary>From decimals; the scale is the smallest that keeps every digit, as far as 18 digits reach.</summary>
    /// <exception cref="ArgumentException">A step that is not above 0, or a value beyond 10^17.</exception>
    public static IntervalSeries Create(Instant start, Duration step, IntervalUnit unit, ReadOnlySpan<decimal> decimals)
    {
        var (scale, most) = (0, 0m);
        foreach (var value in decimals)
        {
            scale = Math.Max(scale, ExactDecimal.GetScale(value));
            most = Math.Max(most, Math.Abs(value));
        }

        var fits = scale;
        while (fits > 0 && (fits > 18 || most >= ExactDecimal.Power(18 - fits)))
        {
            fits--;
        }

        if (most >= ExactDecimal.Power(18 - fits))
        {
            throw new ArgumentException($"an interval of {most} is beyond any meter; check the unit", nameof(decimals));
        }

        var factor = ExactDecimal.Power(fits);
        var units = new long[decimals.Length];
        for (var i = 0; i < units.Length; i++)
        {
            units[i] = (long)decimal.Round(decimals[i] * factor, 0, MidpointRounding.ToEven);
        }

        return new IntervalSeries(start, Seconds(step), unit, fits, units, exact: fits == scale);
    }

    /// <summary>From whole numbers in units of 10^-<paramref name="scale"/>; takes the array over.</summary>
    public static IntervalSeries FromUnits(Instant start, Duration step, IntervalUnit unit, int scale, long[] units, bool exact = true) =>
        scale is >= 0 and <= 18
            ? new IntervalSeries(start, Seconds(step), unit, scale, units, exact)
            : throw new ArgumentOutOfRangeException(nameof(scale), scale, "the scale is 0 to 18");

    /// <summary>The same intervals with marks for missing and estimated ones.</summary>
    public IntervalSeries Marked(ImmutableArray<IndexRange> missing, ImmutableArray<IndexRange> estimated) =>
        new(Start, StepSeconds, Unit, Scale, values, IsExact) { Missing = missing, Estimated = estimated };

    /// <summary>Where interval <paramref name="index"/> starts.</summary>
    public Instant GetStart(int index) => Start + Duration.FromSeconds((long)StepSeconds * index);

    /// <summary>The value as given: kW or kWh.</summary>
    public decimal this[int index] => ExactDecimal.FromUnits(values[index], Scale);

    /// <summary>kWh of a sum of stored units.</summary>
    public decimal Kwh(Int128 units)
    {
        var value = ExactDecimal.FromUnits(units, Scale);
        if (Unit == IntervalUnit.Kwh)
        {
            return value;
        }

        var divisor = Gcd(StepSeconds, 3600);
        return value * (StepSeconds / divisor) / (3600 / divisor);
    }

    /// <summary>Mean kW over <paramref name="intervals"/> intervals whose stored units sum to <paramref name="units"/>.</summary>
    public decimal Kw(Int128 units, int intervals)
    {
        var value = ExactDecimal.FromUnits(units, Scale);
        if (Unit == IntervalUnit.Kw)
        {
            return intervals == 1 ? value : value / intervals;
        }

        var seconds = (long)StepSeconds * intervals;
        var divisor = Gcd(seconds, 3600);
        return value * (3600 / divisor) / (seconds / divisor);
    }

    /// <summary>This series plus another on the same intervals and in the same unit.</summary>
    public IntervalSeries Plus(IntervalSeries other, int sign = 1)
    {
        if (other.Start != Start || other.StepSeconds != StepSeconds || other.Unit != Unit || other.Count != Count)
        {
            throw new ArgumentException("the two series do not have the same intervals and unit; resample one of them first", nameof(other));
        }

        var sum = new decimal[Count];
        for (var i = 0; i < sum.Length; i++)
        {
            sum[i] = this[i] + sign * other[i];
        }

        return Create(Start, Duration.FromSeconds(StepSeconds), Unit, sum).Marked([.. Missing, .. other.Missing], [.. Estimated, .. other.Estimated]);
    }

    /// <summary>Intervals <paramref name="parts"/> times as short, each at the mean kW of the one that it is part of; whole intervals keep their exact kWh.</summary>
    internal IntervalSeries Refined(int parts)
    {
        var power = Unit == IntervalUnit.Kw ? this : AsPower();
        var units = new long[Count * parts];
        for (var i = 0; i < Count; i++)
        {
            Array.Fill(units, power.values[i], i * parts, parts);
        }

        return new IntervalSeries(Start, StepSeconds / parts, IntervalUnit.Kw, power.Scale, units, IsExact)
        {
            Missing = [.. Missing.Select(r => new IndexRange(r.From * parts, r.Count * parts))],
            Estimated = [.. Estimated.Select(r => new IndexRange(r.From * parts, r.Count * parts))],
        };
    }

    private IntervalSeries AsPower()
    {
        var kw = new decimal[Count];
        for (var i = 0; i < kw.Length; i++)
        {
            kw[i] = Kw(values[i], 1);
        }

        return Create(Start, Duration.FromSeconds(StepSeconds), IntervalUnit.Kw, kw);
    }

    internal static long Gcd(long a, long b) => b == 0 ? a : Gcd(b, a % b);

    private static int Seconds(Duration step)
    {
        var seconds = (long)step.TotalSeconds;
        return seconds is > 0 and <= 86_400 && Duration.FromSeconds(seconds) == step
            ? (int)seconds
            : throw new ArgumentException($"an interval of {step} is not usable; intervals are whole seconds up to a day", nameof(step));
    }

    private string Calculate()
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> head = stackalloc byte[20];
        BinaryPrimitives.WriteInt64LittleEndian(head, Start.ToUnixTimeTicks());
        BinaryPrimitives.WriteInt32LittleEndian(head[8..], StepSeconds);
        BinaryPrimitives.WriteInt32LittleEndian(head[12..], (int)Unit);
        BinaryPrimitives.WriteInt32LittleEndian(head[16..], Scale);
        sha.AppendData(head);
        sha.AppendData(MemoryMarshal.AsBytes(values.AsSpan()));
        sha.AppendData(MemoryMarshal.AsBytes(Missing.AsSpan()));
        sha.AppendData([0xFF]);
        sha.AppendData(MemoryMarshal.AsBytes(Estimated.AsSpan()));
        return Convert.ToHexStringLower(sha.GetHashAndReset());
    }
}
