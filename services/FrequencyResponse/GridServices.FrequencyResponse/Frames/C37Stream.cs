using System.Buffers.Binary;

namespace GridServices.FrequencyResponse.Frames;

/// <summary>Cuts a TCP byte stream into C37.118.2 frames. Holds at most one frame; finds the next sync after damage.</summary>
/// <remarks>Allocates its buffer once. Use: <see cref="Add"/> what arrived, then <see cref="TryNext"/> until it gives false; then add the rest.</remarks>
public sealed class C37Stream(int maxFrame = 4096)
{
    private readonly byte[] _buffer = new byte[Math.Clamp(maxFrame, C37Frames.HeadSize + 2, C37Frames.MaxSize)];
    private int _length;
    private int _consumed;

    /// <summary>Bytes that belonged to no frame.</summary>
    public long Skipped { get; private set; }

    /// <summary>Takes what fits and tells how much that was; call again with the rest after <see cref="TryNext"/>.</summary>
    public int Add(ReadOnlySpan<byte> bytes)
    {
        Compact();
        var taken = Math.Min(bytes.Length, _buffer.Length - _length);
        bytes[..taken].CopyTo(_buffer.AsSpan(_length));
        _length += taken;
        return taken;
    }

    /// <summary>The next whole frame with a sound checksum; it is valid until the next call.</summary>
    public bool TryNext(out ReadOnlySpan<byte> frame)
    {
        Compact();
        while (_length >= C37Frames.HeadSize + 2)
        {
            var size = BinaryPrimitives.ReadUInt16BigEndian(_buffer.AsSpan(2));
            var possible = _buffer[0] == 0xAA && (_buffer[1] & 0x80) == 0 && size >= C37Frames.HeadSize + 2 && size <= _buffer.Length;
            if (possible && size > _length)
            {
                break;
            }

            if (possible && C37Frames.Check(_buffer.AsSpan(0, size), out _) == FrameFault.None)
            {
                _consumed = size;
                frame = _buffer.AsSpan(0, size);
                return true;
            }

            SkipToSync();
        }

        frame = default;
        return false;
    }

    private void SkipToSync()
    {
        var next = _buffer.AsSpan(1, _length - 1).IndexOf((byte)0xAA);
        var skip = next < 0 ? _length : next + 1;
        Skipped += skip;
        _consumed = skip;
        Compact();
    }

    private void Compact()
    {
        if (_consumed > 0)
        {
            _buffer.AsSpan(_consumed, _length - _consumed).CopyTo(_buffer);
            _length -= _consumed;
            _consumed = 0;
        }
    }
}
