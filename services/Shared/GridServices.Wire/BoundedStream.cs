using GridServices.Contracts;

namespace GridServices.Wire;

/// <summary>Hands bytes to a reader, and refuses once it asks for more than it may have: what was in view by then was judged already.</summary>
internal sealed class BoundedStream(ReadOnlyMemory<byte> bytes, int limit) : Stream
{
    private int _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        if (_position >= limit && bytes.Length > limit)
        {
            throw new WireFormatException(ErrorClass.LimitSize, "/", $"more than {limit} bytes; send less at once");
        }

        var count = Math.Min(buffer.Length, Math.Min(bytes.Length, limit) - _position);
        bytes.Span.Slice(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
