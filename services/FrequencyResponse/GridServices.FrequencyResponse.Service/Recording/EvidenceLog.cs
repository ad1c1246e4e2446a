using System.Buffers.Binary;
using System.Globalization;
using GridServices.FrequencyResponse.Evidence;
using GridServices.FrequencyResponse.Measurement;
using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.Hosting.Storage;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Recording;

/// <summary>
/// One pool's evidence: segments of hash-chained records, each of which can be verified and run again on its own. A segment begins at a marked turn,
/// with the settings and the controller's memory.
/// </summary>
internal sealed class EvidenceLog : IDisposable
{
    public const string Extension = ".gsev";
    private const int BufferBytes = 1 << 17;
    private readonly EvidenceOptions _options;
    private readonly string _folder;
    private readonly string _name;
    private readonly Func<byte[]> _settings;
    private readonly byte[] _buffer = new byte[BufferBytes];
    private ulong _next;
    private string _previous;
    private EvidenceWriter? _writer;
    private FileStream? _file;
    private int _buffered;
    private readonly LostTurns _gap = new();
    private Pool? _pool;
    private bool _wanted;

    /// <param name="options">Sizes.</param>
    /// <param name="folder">Of this pool; made where it is missing.</param>
    /// <param name="name">The pool's, for the head.</param>
    /// <param name="settings">What holds, as JSON.</param>
    public EvidenceLog(EvidenceOptions options, string folder, string name, Func<byte[]> settings)
    {
        (_options, _folder, _name, _settings) = (options, folder, name, settings);
        OwnerOnlyFiles.EnsureFolder(folder);
        (_next, _previous) = Last(folder);
    }

    /// <summary>Segments there are, the oldest first.</summary>
    public static IReadOnlyList<FileInfo> Files(string folder) => Directory.Exists(folder)
        ? [.. new DirectoryInfo(folder).GetFiles("*" + Extension).OrderBy(f => f.Name, StringComparer.Ordinal)]
        : [];

    /// <summary>Bytes up to the end of the last whole record: a file that is being written may end inside one.</summary>
    public static long FindLastRecordEnd(Stream segment)
    {
        var length = segment.Length;
        Span<byte> size = stackalloc byte[4];
        for (var at = 0L; ;)
        {
            segment.Position = at;
            if (segment.ReadAtLeast(size, size.Length, throwOnEndOfStream: false) < size.Length)
            {
                return at;
            }

            // length of body | kind, zeros | body | hash
            var next = at + 8 + BinaryPrimitives.ReadUInt32LittleEndian(size) + 32;
            if (next > length)
            {
                return at;
            }

            at = next;
        }
    }

    /// <summary>When a segment began, as its head says; null where it can't be read.</summary>
    public static Instant? FindBegin(FileInfo file)
    {
        var head = new byte[512];
        using var stream = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var read = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        var reader = new EvidenceReader(head.AsSpan(0, read));
        reader.TryRead(out _);
        return reader.Head is { } found ? Instant.FromUnixTimeTicks(found.StartedUnixNanos / NodaConstants.NanosecondsPerTick) : null;
    }

    /// <exception cref="IOException">The disk is full, or gone; the turn is lost and the log says so in its next segment.</exception>
    public void Process(Pool pool, in HotRecord record)
    {
        // A turn that the ring had no room for is a gap: what comes after begins anew.
        _pool = pool;
        var dropped = pool.Ring.Dropped;
        if (record.IsMarked)
        {
            Begin(pool, record, dropped);
        }
        else if (_writer is null || _gap.HasGap(dropped))
        {
            _gap.Skip();
            Want(pool);
            return;
        }

        Room(EvidenceWriter.MaxTurnBytes);
        FrequencySample? sample = record.HasSample ? record.Sample : null;
        _buffered += _writer!.WriteTurn(_buffer.AsSpan(_buffered), record.Conditions, sample, record.NowNanos, record.WallNanos, record.Output);
        if (_file!.Length + _buffered > _options.SegmentBytes)
        {
            Want(pool);
        }
    }

    /// <summary>A record beside the turns, where a segment runs.</summary>
    /// <exception cref="IOException">The disk is full, or gone.</exception>
    public void Write(EvidenceKind kind, byte[] body)
    {
        if (_writer is { } writer)
        {
            Large(EvidenceWriter.GetSize(body.Length), into => writer.Write(kind, body, into));
        }
    }

    /// <summary>Gives what is buffered to the system.</summary>
    public void Flush()
    {
        if (_buffered > 0 && _file is not null)
        {
            _file.Write(_buffer, 0, _buffered);
            _file.Flush();
            _buffered = 0;
        }
    }

    public void Dispose() => End(_pool?.Ring.Dropped ?? 0);

    /// <summary>After a fault: the segment is given up as it lies, the next one follows on what was written.</summary>
    public void Abandon()
    {
        _file?.Dispose();
        (_file, _writer, _buffered) = (null, null, 0);
        (_next, _previous) = Last(_folder);
    }

    private void Want(Pool pool)
    {
        if (!_wanted)
        {
            _wanted = true;
            pool.WantMark();
        }
    }

    private void Begin(Pool pool, in HotRecord record, long dropped)
    {
        End(dropped);
        Trim();
        _wanted = false;
        var head = new SegmentHead(_name, _next, record.WallNanos, record.NowNanos, pool.Spec.Contracts.Count, _previous, SegmentHead.ThisBuild);
        _writer = new EvidenceWriter(head);
        _file = OwnerOnlyFiles.CreateFile(Path.Combine(_folder, _next.ToString("D10", CultureInfo.InvariantCulture) + Extension), FileShare.Read, bufferSize: 1);
        _next++;
        _buffered = _writer.WriteHead(_buffer);
        var settings = _settings();
        Large(EvidenceWriter.GetSize(settings.Length), into => _writer.Write(EvidenceKind.Settings, settings, into));
        var marked = pool.Marked;
        Large(EvidenceWriter.StateBytes, into => _writer.WriteState(into, in marked));
    }

    // The last turns of a segment may be lost as well, and no other one may follow to say so.
    private void End(long dropped)
    {
        var lost = _gap.GetAndReset(dropped);
        if (_writer is null || _file is null)
        {
            return;
        }

        if (lost > 0)
        {
            Room(64);
            _buffered += _writer.WriteLost(_buffer.AsSpan(_buffered), lost);
        }

        Room(64);
        _buffered += _writer.Write(EvidenceKind.End, [], _buffer.AsSpan(_buffered));
        Flush();
        _file.Flush(flushToDisk: true);
        _file.Dispose();
        _previous = _writer.Hash;
        (_file, _writer) = (null, null);
    }

    private void Room(int bytes)
    {
        if (_buffered + bytes > _buffer.Length)
        {
            Flush();
        }
    }

    private delegate int WriteInto(Span<byte> into);

    private void Large(int bytes, WriteInto write)
    {
        Flush();
        var room = new byte[bytes + 64];
        _file!.Write(room, 0, write(room));
    }

    /// <summary>Segments that were written last before an instant go.</summary>
    /// <param name="folder">Of a pool.</param>
    /// <param name="before">That instant.</param>
    /// <param name="kept">So many of the newest stay in any case.</param>
    /// <exception cref="IOException">One can't be removed.</exception>
    public static void Expire(string folder, Instant before, int kept)
    {
        foreach (var file in Files(folder).SkipLast(kept).Where(f => Instant.FromDateTimeUtc(f.LastWriteTimeUtc) < before))
        {
            file.Delete();
        }
    }

    /// <summary>The oldest segments make room.</summary>
    private void Trim()
    {
        var files = Files(_folder);
        var sum = files.Sum(f => f.Length);
        foreach (var file in files.SkipLast(1))
        {
            if (sum + _options.SegmentBytes <= _options.MaxBytes)
            {
                return;
            }

            sum -= file.Length;
            file.Delete();
        }
    }

    /// <summary>Number and chain of the next segment. What a full disk let begin and not even hold a head goes: the chain would break at it.</summary>
    private static (ulong Next, string Previous) Last(string folder)
    {
        foreach (var file in Files(folder).Reverse())
        {
            var verdict = EvidenceVerifier.Segment(File.ReadAllBytes(file.FullName));
            if (verdict.Records > 0 || verdict.Fault is { Torn: false })
            {
                return (ulong.Parse(Path.GetFileNameWithoutExtension(file.Name), CultureInfo.InvariantCulture) + 1, verdict.Records > 0 ? verdict.Hash : SegmentHead.NoHash);
            }

            file.Delete();
        }

        return (0, SegmentHead.NoHash);
    }
}
