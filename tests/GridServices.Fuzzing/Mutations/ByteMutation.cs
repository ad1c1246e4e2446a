using System.Buffers.Binary;
using System.Text;

namespace GridServices.Fuzzing.Mutations;

/// <summary>Changes bytes as bytes: flips, cuts, repeats, integers at their edges, other encodings.</summary>
internal static class ByteMutation
{
    private const int MostBytes = 256 * 1024;
    private static readonly ulong[] Integers = [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, ulong.MaxValue, 0x7FF0_0000_0000_0000, 0x7FF8_0000_0000_0000];

    public static byte[] Apply(byte[] bytes, RandomSource random)
    {
        if (bytes.Length == 0)
        {
            return [random.Byte()];
        }

        var at = random.Below(bytes.Length);
        return random.Below(11) switch
        {
            0 => bytes[..at],
            1 => bytes[at..],
            2 or 3 => With(bytes, copy => copy[at] = random.Byte()),
            4 => With(bytes, copy => copy[at] ^= (byte)(1 << random.Below(8))),
            5 => [.. bytes[..at], random.Byte(), .. bytes[at..]],
            6 => [.. bytes[..at], .. bytes[(at + 1)..]],
            7 => Repeated(bytes, at, random),
            8 => With(bytes, copy => Put(copy, at, random)),
            9 => bytes.Length * 4 < MostBytes ? Encoded(bytes, random) : bytes,
            _ => [.. bytes, .. bytes[..at]],
        };
    }

    private static byte[] With(byte[] bytes, Action<byte[]> change)
    {
        var copy = (byte[])bytes.Clone();
        change(copy);
        return copy;
    }

    private static byte[] Repeated(byte[] bytes, int at, RandomSource random)
    {
        var piece = bytes[at..Math.Min(bytes.Length, at + 1 + random.Below(64))];
        var times = Math.Min(random.Pick([2, 20, 500]), Math.Max(1, (MostBytes - bytes.Length) / piece.Length));
        return [.. bytes[..at], .. Enumerable.Repeat(piece, times).SelectMany(p => p), .. bytes[at..]];
    }

    private static void Put(byte[] copy, int at, RandomSource random)
    {
        Span<byte> whole = stackalloc byte[8];
        var value = random.Pick(Integers);
        if (random.Once(2))
        {
            BinaryPrimitives.WriteUInt64LittleEndian(whole, value);
        }
        else
        {
            BinaryPrimitives.WriteUInt64BigEndian(whole, value);
        }

        var size = Math.Min(random.Pick([1, 2, 4, 8]), copy.Length - at);
        (BitConverter.IsLittleEndian ? whole[..size] : whole[^size..]).CopyTo(copy.AsSpan(at));
    }

    private static byte[] Encoded(byte[] bytes, RandomSource random)
    {
        var text = Encoding.UTF8.GetString(bytes);
        return random.Below(5) switch
        {
            0 => [.. Encoding.UTF8.Preamble, .. bytes],
            1 => [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(text)],
            2 => [.. Encoding.BigEndianUnicode.Preamble, .. Encoding.BigEndianUnicode.GetBytes(text)],
            3 => Encoding.Latin1.GetBytes(text),
            _ => Encoding.UTF32.GetBytes(text),
        };
    }
}
