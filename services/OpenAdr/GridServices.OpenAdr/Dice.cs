using System.Buffers.Binary;
using NodaTime;

namespace GridServices.OpenAdr;

/// <summary>All chance of one step, from the seed alone (SplitMix64): the same seed draws the same.</summary>
internal sealed class Dice(ulong seed)
{
    private ulong state = seed;

    /// <summary>A whole number in [0, max], each equally likely; 0 when max ≤ 0.</summary>
    public long Whole(long max) => max <= 0 ? 0 : (long)(Draw() % ((ulong)max + 1));

    /// <summary>A fraction in [0, 1).</summary>
    public double Fraction() => (Draw() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A fresh seed for numbers drawn apart from the others.</summary>
    public ulong Draw()
    {
        unchecked
        {
            state += 0x9E3779B97F4A7C15UL;
            return Mix(state);
        }
    }

    /// <summary>A UUIDv7 of <paramref name="at"/> whose random bits follow from the seed and the number.</summary>
    public static Guid Uuid7(Instant at, ulong seed, int number)
    {
        Span<byte> bytes = stackalloc byte[16];
        unchecked
        {
            BinaryPrimitives.WriteUInt64BigEndian(bytes, Mix(seed ^ Mix((ulong)number + 1)));
            BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Mix(seed + ((ulong)number * 0x9E3779B97F4A7C15UL)));
        }

        Span<byte> time = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(time, at.ToUnixTimeMilliseconds());
        time[2..].CopyTo(bytes);
        bytes[6] = (byte)(0x70 | (bytes[6] & 0x0F));
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3F));
        return new Guid(bytes, bigEndian: true);
    }

    private static ulong Mix(ulong z)
    {
        unchecked
        {
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
            return z ^ (z >> 31);
        }
    }
}
