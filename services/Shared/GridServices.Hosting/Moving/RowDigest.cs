using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace GridServices.Hosting.Moving;

/// <summary>Number of rows, and a hash over all of them that does not depend on their order: the sum of the rows' SHA-256 in four lanes of 64 bits.</summary>
internal sealed class RowDigest
{
    private readonly ArrayBufferWriter<byte> _row = new();
    private readonly ulong[] _sums = new ulong[4];

    /// <summary>Rows that were added.</summary>
    internal long Rows { get; private set; }

    /// <summary>The hash, lower-case hex.</summary>
    internal string Hash => string.Concat(_sums.Select(sum => sum.ToString("x16", System.Globalization.CultureInfo.InvariantCulture)));

    /// <param name="values">long, string, byte[] or null, in the order of the columns.</param>
    internal void Add(ReadOnlySpan<object?> values)
    {
        _row.ResetWrittenCount();
        foreach (var value in values)
        {
            Write(value);
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(_row.WrittenSpan, hash);
        for (var lane = 0; lane < _sums.Length; lane++)
        {
            _sums[lane] = unchecked(_sums[lane] + BinaryPrimitives.ReadUInt64LittleEndian(hash[(lane * sizeof(ulong))..]));
        }

        Rows++;
    }

    // Kind and length come first, so that no two rows are written alike.
    private void Write(object? value)
    {
        switch (value)
        {
            case null:
                Head(0, 0);
                break;
            case long number:
                Head(1, number);
                break;
            case string text:
                Head(2, Encoding.UTF8.GetByteCount(text));
                Encoding.UTF8.GetBytes(text, _row);
                break;
            case byte[] bytes:
                Head(3, bytes.Length);
                _row.Write(bytes);
                break;
            default:
                throw new ArgumentException($"A {value.GetType().Name} is no value of a store.", nameof(value));
        }
    }

    private void Head(byte kind, long number)
    {
        var head = _row.GetSpan(1 + sizeof(long));
        head[0] = kind;
        BinaryPrimitives.WriteInt64LittleEndian(head[1..], number);
        _row.Advance(1 + sizeof(long));
    }
}
