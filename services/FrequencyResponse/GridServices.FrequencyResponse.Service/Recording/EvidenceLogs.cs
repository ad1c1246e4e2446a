using GridServices.Contracts;
using GridServices.FrequencyResponse.Evidence;
using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.Hosting.Storage;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Recording;

/// <summary>The evidence of every pool. Written by the recorder's thread; listed and read by any.</summary>
internal sealed partial class EvidenceLogs(EvidenceOptions options, StorageOptions storage, PoolHost host, TimeProvider time, ILogger<EvidenceLogs> log)
{
    private static readonly TimeSpan FlushEvery = TimeSpan.FromSeconds(1);
    private readonly Dictionary<EntryId, (Pool Pool, EvidenceLog Log)> _logs = [];
    private readonly string _folder = options.FolderBeside(storage);
    private long _flushed;
    private readonly EvidenceSweep? _sweep = options.KeepDays is { } days
        ? new EvidenceSweep(options.FolderBeside(storage), Duration.FromDays(days), (folder, fault) => LogUnswept(log, folder, SafeText.Line(fault.Message)))
        : null;
    private long _unwritten;

    /// <summary>Turns that could not be written to disk.</summary>
    public long Unwritten => Volatile.Read(ref _unwritten);

    public void Process(Pool pool, in HotRecord record)
    {
        try
        {
            GetOrAddLog(pool).Process(pool, record);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Abandon(pool, e);
        }
    }

    /// <summary>Something beside the turns, into the segment that runs; where none does it is not kept.</summary>
    public void Write(Pool pool, EvidenceKind kind, byte[] body)
    {
        try
        {
            if (_logs.TryGetValue(pool.Spec.Id, out var held) && ReferenceEquals(held.Pool, pool))
            {
                held.Log.Write(kind, body);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Abandon(pool, e);
        }
    }

    /// <summary>Now and then gives what is buffered to the system.</summary>
    public void Maintain()
    {
        if (time.GetElapsedTime(_flushed) < FlushEvery)
        {
            return;
        }

        _flushed = time.GetTimestamp();
        Sweep();
        foreach (var (pool, held) in _logs.Values)
        {
            try
            {
                held.Flush();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Abandon(pool, e);
            }
        }
    }

    /// <summary>Closes every segment in order.</summary>
    public void Close()
    {
        foreach (var (pool, held) in _logs.Values)
        {
            try
            {
                held.Dispose();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Abandon(pool, e);
            }
        }

        _logs.Clear();
    }

    /// <summary>Segments with their times: begun as the head says, ended where the next begins; the last as far as it is written.</summary>
    public IReadOnlyList<EvidenceSegment> Segments(EntryId pool)
    {
        var files = EvidenceLog.Files(GetFolder(pool));
        var begun = files.Select(f => EvidenceLog.FindBegin(f) ?? Instant.FromDateTimeUtc(f.LastWriteTimeUtc)).ToList();
        return
        [
            .. files.Select((f, i) => new EvidenceSegment(
                Path.GetFileNameWithoutExtension(f.Name), f.Length, begun[i],
                i + 1 < files.Count ? begun[i + 1] : Instant.Max(begun[i], Instant.FromDateTimeUtc(f.LastWriteTimeUtc)))),
        ];
    }

    /// <summary>A segment's bytes as far as they are written; null where there is none of that name.</summary>
    public Stream? Open(EntryId pool, string segment)
    {
        var file = EvidenceLog.Files(GetFolder(pool)).FirstOrDefault(f => Path.GetFileNameWithoutExtension(f.Name) == segment);
        return file is null ? null : new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
    }

    /// <summary>The segments that reach into a span, as far as they are written, one after another.</summary>
    public IEnumerable<byte[]> Read(EntryId pool, Instant from, Instant until)
    {
        foreach (var segment in Segments(pool).Where(s => s.From < until && s.Until >= from))
        {
            // One that has made room meanwhile is a gap like any other.
            if (Open(pool, segment.Segment) is { } file)
            {
                using (file)
                {
                    var whole = new byte[EvidenceLog.FindLastRecordEnd(file)];
                    file.Position = 0;
                    file.ReadExactly(whole);
                    yield return whole;
                }
            }
        }
    }

    /// <summary>How long a pool's evidence is kept.</summary>
    public EvidenceRetention Retention(EntryId pool) => EvidenceRetention.Create(options, Segments(pool));

    private void Sweep()
    {
        var written = _logs.Keys.Select(GetFolder).ToHashSet(StringComparer.Ordinal);
        _sweep?.Maintain(Instant.FromDateTimeOffset(time.GetUtcNow()), Duration.FromTimeSpan(time.GetElapsedTime(0)), written.Contains);
    }

    private EvidenceLog GetOrAddLog(Pool pool)
    {
        if (_logs.TryGetValue(pool.Spec.Id, out var held))
        {
            if (ReferenceEquals(held.Pool, pool))
            {
                return held.Log;
            }

            // Another arrangement: what it decides can't be run with the settings of the one before.
            held.Log.Dispose();
        }

        var made = new EvidenceLog(options, GetFolder(pool.Spec.Id), pool.Spec.Id.ToString(), () => RecordedPool.Write(pool.Spec, host.Entries));
        _logs[pool.Spec.Id] = (pool, made);
        return made;
    }

    private void Abandon(Pool pool, Exception fault)
    {
        if (_unwritten == 0)
        {
            LogUnwritten(log, pool.Spec.Id.ToString(), SafeText.Line(fault.Message));
        }

        Volatile.Write(ref _unwritten, _unwritten + 1);
        if (_logs.TryGetValue(pool.Spec.Id, out var held))
        {
            try
            {
                held.Log.Abandon();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Tried again with the next turn.
                _logs.Remove(pool.Spec.Id);
            }
        }
    }

    /// <summary>Names are safe by rule; the colon alone is not everywhere.</summary>
    private string GetFolder(EntryId pool) => Path.Combine(_folder, pool.Tenant.Replace(':', '+'), pool.Key.Replace(':', '+'));

    [LoggerMessage(EventIds.EvidenceLogsUnwritten, LogLevel.Error, "The evidence of pool {Pool} can't be written: {Why}; response goes on, the gap will show in the log")]
    private static partial void LogUnwritten(ILogger logger, string pool, string why);

    [LoggerMessage(EventIds.EvidenceLogsUnswept, LogLevel.Warning, "Old evidence in {Folder} can't be removed: {Why}; it is tried again in an hour")]
    private static partial void LogUnswept(ILogger logger, string folder, string why);
}

/// <summary>A file of the evidence log.</summary>
/// <param name="Segment">Its name.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="From">Its first turn.</param>
/// <param name="Until">Where the next one begins; of the last one, when it was written last.</param>
public sealed record EvidenceSegment(string Segment, long Bytes, Instant From, Instant Until);
