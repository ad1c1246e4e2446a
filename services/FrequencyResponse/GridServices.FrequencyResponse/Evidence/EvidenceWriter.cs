using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using GridServices.FrequencyResponse.Measurement;

namespace GridServices.FrequencyResponse.Evidence;

/// <summary>Writes one segment of the hash-chained log. Turns cost no allocation; one thread.</summary>
/// <remarks>
/// <code>
/// segment  = head record, records…
/// record   = 4 length of body | 1 kind | 3 zero | body | 32 hash
/// hash     = SHA-256(hash of the record before | length | kind | zeros | body); of the head the hash before is PreviousHash
/// </code>
/// Numbers little-endian. A record that is changed, left out, added or moved breaks the chain at that record. The writer appends to
/// whatever the shell keeps; a record that was cut off by a crash is told apart from one that was changed.
/// </remarks>
public sealed class EvidenceWriter
{
    internal const int FrameSize = 8 + EvidenceBodies.HashSize;

    /// <summary>Most bytes that <see cref="WriteTurn"/> writes.</summary>
    public const int MaxTurnBytes = (2 * FrameSize) + EvidenceBodies.TurnSize + (EvidenceBodies.ServiceSize * ControllerConfig.MaxServices) + 128 + EvidenceBodies.OrdersSize;

    private readonly SegmentHead _head;

    // hash of the record before | the record being written: contiguous, so that one call hashes both
    private byte[] _scratch = new byte[EvidenceBodies.HashSize + MaxTurnBytes];
    private SiteConditions _conditions;
    private bool _conditionsWritten;

    public EvidenceWriter(SegmentHead head)
    {
        ArgumentNullException.ThrowIfNull(head);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Encoding.UTF8.GetByteCount(head.Pool), 128, nameof(head));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(head.Services, ControllerConfig.MaxServices, nameof(head));
        _head = head;
        Convert.FromHexString(head.PreviousHash).CopyTo(_scratch, 0);
    }

    /// <summary>Hash of the last record; the next segment's <see cref="SegmentHead.PreviousHash"/>.</summary>
    public string Hash => Convert.ToHexStringLower(_scratch.AsSpan(0, EvidenceBodies.HashSize));

    /// <summary>The head; the first record of the segment.</summary>
    public int WriteHead(Span<byte> into)
    {
        var body = new LittleEndianWriter(Body(256));
        EvidenceBodies.Head(ref body, _head);
        return Seal(EvidenceKind.Head, body.Length, into);
    }

    /// <summary>A turn of the controller, and before it the conditions when they differ from those of the turn before.</summary>
    /// <param name="into">At least <see cref="MaxTurnBytes"/>.</param>
    /// <param name="conditions">With which the step was taken.</param>
    /// <param name="sample">As given to the step.</param>
    /// <param name="nowNanos">As given to the step.</param>
    /// <param name="wallUnixNanos">As given to the step.</param>
    /// <param name="output">What it decided.</param>
    public int WriteTurn(
        Span<byte> into, in SiteConditions conditions, in FrequencySample? sample, long nowNanos, long wallUnixNanos, in ControllerOutput output)
    {
        var written = 0;
        if (!_conditionsWritten || conditions != _conditions)
        {
            (_conditions, _conditionsWritten) = (conditions, true);
            var site = new LittleEndianWriter(Body(MaxTurnBytes - FrameSize));
            EvidenceBodies.Conditions(ref site, in conditions);
            written = Seal(EvidenceKind.Conditions, site.Length, into);
        }

        var turn = new LittleEndianWriter(Body(MaxTurnBytes - FrameSize));
        EvidenceBodies.WriteMoment(ref turn, in sample, nowNanos, wallUnixNanos);
        EvidenceBodies.Decision(ref turn, in output, _head.Services);
        return written + Seal(EvidenceKind.Turn, turn.Length, into[written..]);
    }

    /// <summary>The controller's memory before the next turn; at the begin of a segment it makes the segment replayable on its own.</summary>
    public int WriteState(Span<byte> into, in ControllerState state) =>
        Write(EvidenceKind.State, MemoryMarshal.AsBytes(new ReadOnlySpan<ControllerState>(in state)), into);

    /// <summary>Settings (JSON), a set-point datagram, or nothing (End).</summary>
    public int Write(EvidenceKind kind, ReadOnlySpan<byte> body, Span<byte> into)
    {
        body.CopyTo(Body(body.Length));
        return Seal(kind, body.Length, into);
    }

    /// <summary>A remark for people.</summary>
    public int WriteNote(Span<byte> into, string note) => Write(EvidenceKind.Note, Encoding.UTF8.GetBytes(note), into);

    /// <summary>So many turns were not recorded.</summary>
    public int WriteLost(Span<byte> into, long turns)
    {
        BinaryPrimitives.WriteInt64LittleEndian(Body(8), turns);
        return Seal(EvidenceKind.Lost, 8, into);
    }

    /// <summary>Bytes that a record with such a body takes.</summary>
    public static int GetSize(int bodyLength) => FrameSize + bodyLength;

    /// <summary>Bytes of a state record.</summary>
    public static int StateBytes { get; } = GetSize(System.Runtime.CompilerServices.Unsafe.SizeOf<ControllerState>());

    private Span<byte> Body(int most)
    {
        var needed = EvidenceBodies.HashSize + 8 + most;
        if (needed > _scratch.Length)
        {
            Array.Resize(ref _scratch, needed);
        }

        return _scratch.AsSpan(EvidenceBodies.HashSize + 8);
    }

    private int Seal(EvidenceKind kind, int length, Span<byte> into)
    {
        var record = _scratch.AsSpan(EvidenceBodies.HashSize, 8 + length);
        BinaryPrimitives.WriteInt32LittleEndian(record, length);
        BinaryPrimitives.WriteUInt32LittleEndian(record[4..], (byte)kind);
        record.CopyTo(into);
        Span<byte> hash = stackalloc byte[EvidenceBodies.HashSize];
        SHA256.HashData(_scratch.AsSpan(0, EvidenceBodies.HashSize + record.Length), hash);
        hash.CopyTo(into[record.Length..]);
        hash.CopyTo(_scratch);
        return record.Length + EvidenceBodies.HashSize;
    }
}
