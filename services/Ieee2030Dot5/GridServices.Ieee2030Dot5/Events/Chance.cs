using System.Buffers.Binary;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>All chance, from the seed and a name alone: the same seed draws the same for a name, in whatever order names come.</summary>
internal static class Chance
{
    /// <summary>A whole number between 0 and <paramref name="bound"/>, both included, each equally likely; the bound may be negative.</summary>
    public static long Between(long bound, ulong seed, string name, int use)
    {
        var drawn = (long)(Of(seed, name, use) % ((ulong)Math.Abs(bound) + 1));
        return bound < 0 ? -drawn : drawn;
    }

    /// <summary>A UUIDv7 of <paramref name="at"/> whose random bits follow from the seed and the name.</summary>
    public static Guid Uuid7(Instant at, ulong seed, string name)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, Of(seed, name, 1));
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Of(seed, name, 2));
        Span<byte> time = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(time, at.ToUnixTimeMilliseconds());
        time[2..].CopyTo(bytes);
        bytes[6] = (byte)(0x70 | (bytes[6] & 0x0F));
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3F));
        return new Guid(bytes, bigEndian: true);
    }

    private static ulong Of(ulong seed, string name, int use)
    {
        unchecked
        {
            var hash = 14695981039346656037UL;
            foreach (var c in name)
            {
                hash = (hash ^ char.ToUpperInvariant(c)) * 1099511628211UL;
            }

            return Mix(Mix(seed + 0x9E3779B97F4A7C15UL) ^ Mix(hash + (ulong)use));
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
