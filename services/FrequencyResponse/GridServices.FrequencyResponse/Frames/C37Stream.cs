using System.Buffers.Binary;

namespace GridServices.FrequencyResponse.Frames;

/// <summary>Cuts a TCP byte stream into C37.118.2 frames. Holds at most one frame; finds the next sync after damage.</summary>
/// <remarks>Allocates its buffer once. Use: <see cref="Add"/> what arrived, then <see cref="TryNext"/> until it gives false; then add the rest.</remarks>
public sealed class C37Stream(int maxFrame = 4096)
{
    private readonly byte[] _buffer = new byte[Math.Clamp(maxFrame, C37Frames.HeadSize + 2, C37Frames.MaxSize)];
    private int _length;
    private int _consumed;
    private int _dataSize;

    /// <summary>Bytes that belonged to no frame.</summary>
    public long Skipped { get; private set; }

    /// <summary>Frames that were damaged: a sync with a size or a checksum that can't be.</summary>
    public long Damaged { get; private set; }

    /// <summary>Bytes of a frame that is not whole yet.</summary>
    public int Waiting => _length - _consumed;

    /// <summary>The configuration frame fixes the size of data frames; any other size is damage, and is not waited for.</summary>
    public void Expect(C37Configuration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        _dataSize = configuration.DataFrameSize;
    }

    /// <summary>What was to be a frame has not come whole in time: looks for the next sync behind its first byte.</summary>
    public void Resync()
    {
        Compact();
        if (_length > 0)
        {
            Damaged++;
            SkipToSync();
        }
    }

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
            var synced = _buffer[0] == 0xAA && (_buffer[1] & 0x80) == 0;
            var possible = synced && ((_buffer[1] & 0x0F) is 1 or 2) && size >= C37Frames.HeadSize + 2 && size <= Largest((C37Kind)(_buffer[1] >> 4));
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

            Damaged += synced ? 1 : 0;
            SkipToSync();
        }

        frame = default;
        return false;
    }

    private int Largest(C37Kind kind) => kind == C37Kind.Data && _dataSize > 0 ? Math.Min(_dataSize, _buffer.Length) : _buffer.Length;

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
