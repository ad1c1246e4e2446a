using System.Buffers.Binary;
using NodaTime;

namespace GridServices.Wire.Engine;

/// <summary>
/// All chance of an engine, from a seed alone (SplitMix64): the same seed draws the same. In sequence from an instance, or by name or number,
/// in whatever order those come.
/// </summary>
public sealed class SeededRandom(ulong seed)
{
    private const ulong Increment = 0x9E3779B97F4A7C15UL;
    private ulong _state = seed;

    /// <summary>A fraction in [0, 1).</summary>
    public double Fraction() => (Draw() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A whole number in [0, max], each equally likely; 0 when max ≤ 0.</summary>
    public long DrawUpTo(long max) => max <= 0 ? 0 : (long)(Draw() % ((ulong)max + 1));

    /// <summary>64 random bits; also a fresh seed for numbers drawn apart from the others.</summary>
    public ulong Draw()
    {
        unchecked
        {
            _state += Increment;
            return Mix(_state);
        }
    }

    /// <summary>A whole number between 0 and <paramref name="bound"/>, both included, each equally likely; the bound may be negative.</summary>
    public static long Between(long bound, ulong seed, string name, int use)
    {
        var drawn = (long)(Named(seed, name, use) % ((ulong)Math.Abs(bound) + 1));
        return bound < 0 ? -drawn : drawn;
    }

    /// <summary>A UUIDv7 of <paramref name="at"/> whose random bits follow from the seed and the number.</summary>
    public static Guid Uuid7(Instant at, ulong seed, int number)
    {
        unchecked
        {
            return Uuid7(at, Mix(seed ^ Mix((ulong)number + 1)), Mix(seed + ((ulong)number * Increment)));
        }
    }

    /// <summary>A UUIDv7 of <paramref name="at"/> whose random bits follow from the seed and the name.</summary>
    public static Guid Uuid7(Instant at, ulong seed, string name) => Uuid7(at, Named(seed, name, 1), Named(seed, name, 2));

    private static Guid Uuid7(Instant at, ulong high, ulong low)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, high);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], low);
        Span<byte> time = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(time, at.ToUnixTimeMilliseconds());
        time[2..].CopyTo(bytes);
        bytes[6] = (byte)(0x70 | (bytes[6] & 0x0F));
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3F));
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>Upper and lower case of a name draw the same.</summary>
    private static ulong Named(ulong seed, string name, int use)
    {
        unchecked
        {
            var hash = 14695981039346656037UL;
            foreach (var c in name)
            {
                hash = (hash ^ char.ToUpperInvariant(c)) * 1099511628211UL;
            }

            return Mix(Mix(seed + Increment) ^ Mix(hash + (ulong)use));
        }
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
