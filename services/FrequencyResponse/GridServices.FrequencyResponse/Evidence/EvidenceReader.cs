using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace GridServices.FrequencyResponse.Evidence;

/// <summary>Why a log is not what was written.</summary>
/// <param name="Record">Number of the first broken record, from 0.</param>
/// <param name="Offset">Where it begins, bytes.</param>
/// <param name="Torn">True: the log ends inside this record, as a crash leaves it; everything before it is sound.</param>
/// <param name="Detail">What is wrong.</param>
public sealed record EvidenceFault(long Record, long Offset, bool Torn, string Detail);

/// <summary>A record, its place, and its body.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly ref struct EvidenceRecord
{
    public EvidenceKind Kind { get; init; }

    /// <summary>Number in the segment, from 0.</summary>
    public long Index { get; init; }
    public long Offset { get; init; }
    public ReadOnlySpan<byte> Body { get; init; }
}

/// <summary>Reads a segment record by record and checks the chain on the way. It never throws on bytes.</summary>
public ref struct EvidenceReader
{
    /// <summary>Largest body of one record.</summary>
    public const int MaxBody = 16 * 1024 * 1024;

    private readonly ReadOnlySpan<byte> _log;
    private readonly Span<byte> _hash;
    private int _at;
    private long _index;

    /// <param name="log">A whole segment.</param>
    /// <param name="previousHash">What the segment must begin with; null = whatever its head says.</param>
    public EvidenceReader(ReadOnlySpan<byte> log, string? previousHash = null)
    {
        _log = log;
        _hash = new byte[EvidenceBodies.HashSize];
        Open(previousHash);
    }

    /// <summary>The first fault; reading ends there.</summary>
    public EvidenceFault? Fault { get; private set; }

    /// <summary>The segment's head, where it could be read.</summary>
    public SegmentHead? Head { get; private set; }

    /// <summary>Hash of the last record that was read.</summary>
    public readonly string Hash => Convert.ToHexStringLower(_hash);

    /// <summary>The next record; false at the end and at a fault.</summary>
    public bool TryRead(out EvidenceRecord record)
    {
        record = default;
        if (Fault is not null || _at == _log.Length)
        {
            return false;
        }

        if (!TryFrame(out var length))
        {
            return false;
        }

        var framed = _log.Slice(_at, 8 + length);
        if (!Chain(framed, _log.Slice(_at + framed.Length, EvidenceBodies.HashSize)))
        {
            Break("its hash does not follow from the record before and its content: it was changed, moved, or something was left out before it");
            return false;
        }

        record = new EvidenceRecord { Kind = (EvidenceKind)framed[4], Index = _index, Offset = _at, Body = framed[8..] };
        _at += framed.Length + EvidenceBodies.HashSize;
        _index++;
        return true;
    }

    /// <summary>Reads the head's own words first: the chain begins with what it says of the segment before.</summary>
    private void Open(string? previousHash)
    {
        if (!TryFrame(out var length) || _log[_at + 4] != (byte)EvidenceKind.Head || EvidenceBodies.Head(_log.Slice(_at + 8, length)) is not { } head)
        {
            if (Fault is null)
            {
                Break("a segment begins with a head record of version 1");
            }

            return;
        }

        if (previousHash is not null && !string.Equals(head.PreviousHash, previousHash, StringComparison.OrdinalIgnoreCase))
        {
            Break($"it follows a segment that ended with {head.PreviousHash}, not {previousHash}: a segment is missing or out of place");
            return;
        }

        Head = head;
        Convert.FromHexString(head.PreviousHash).CopyTo(_hash);
    }

    private bool TryFrame(out int length)
    {
        length = 0;
        var rest = _log.Length - _at;
        if (rest < EvidenceWriter.FrameSize)
        {
            Fault = new EvidenceFault(_index, _at, Torn: true, $"the log ends {rest} bytes into a record");
            return false;
        }

        length = BinaryPrimitives.ReadInt32LittleEndian(_log[_at..]);
        if (length is < 0 or > MaxBody || BinaryPrimitives.ReadUInt32LittleEndian(_log[(_at + 4)..]) is 0 or > (uint)EvidenceKind.Assets)
        {
            Break("its length or kind is none that a record can have");
            return false;
        }

        if (rest < EvidenceWriter.GetSize(length))
        {
            Fault = new EvidenceFault(_index, _at, Torn: true, $"the log ends {rest} bytes into a record of {EvidenceWriter.GetSize(length)}");
            return false;
        }

        return true;
    }

    private readonly bool Chain(ReadOnlySpan<byte> record, ReadOnlySpan<byte> written)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(_hash);
        sha.AppendData(record);
        sha.GetHashAndReset(_hash);
        return _hash.SequenceEqual(written);
    }

    private void Break(string detail) => Fault = new EvidenceFault(_index, _at, Torn: false, detail);
}
