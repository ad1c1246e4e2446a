using GridServices.EnvelopeHub.History;
using GridServices.Hosting;
using GridServices.Hosting.Storage;

namespace GridServices.EnvelopeHub.Service.History;

/// <summary>
/// The file <c>envelope-hub.history</c> beside the store. After each commit only the digits of its count are written over, without waiting for
/// the disk: a killed process loses nothing of it, a power failure may, so it lags behind the store at most and never leads it.
/// </summary>
internal sealed partial class HistoryMarkerFile : IDisposable
{
    public const string Name = "envelope-hub.history";
    private readonly Lock _gate = new();
    private readonly string? _path;
    private readonly ILogger _logger;
    private FileStream? _file;
    private HistoryMarker? _written;
    private long _count;
    private bool _failing;

    public HistoryMarkerFile(Store store, StorageOptions storage, ILogger<HistoryMarkerFile> logger)
    {
        _logger = logger;
        IsExpected = store.Dialect == Dialect.Sqlite;

        // On PostgreSQL the folder is optional: the schema itself carries what a dump can't.
        var folder = storage.Path is { Length: > 0 } || IsExpected ? storage.Folder : null;
        _path = folder is null ? null : Path.Combine(Path.GetFullPath(folder), Name);
    }

    /// <summary>True where one always lies beside a store that was in use.</summary>
    public bool IsExpected { get; }

    /// <summary>What lies there; null: nothing, or nothing legible.</summary>
    public HistoryMarker? Read()
    {
        if (_path is null || !File.Exists(_path))
        {
            return null;
        }

        try
        {
            return HistoryMarker.Read(File.ReadAllBytes(_path));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"The marker of the store's history {_path} can't be read ({fault.Message}) Give the service the right to read and write it.", fault);
        }
    }

    /// <summary>Writes it whole: another epoch, or other publishers. On the disk when this returns.</summary>
    public void Write(HistoryMarker marker)
    {
        lock (_gate)
        {
            var whole = marker with { Commits = Math.Max(marker.Commits, _written?.Epoch == marker.Epoch ? _count : 0) };
            TryWrite(file =>
            {
                // Never cut short: what an older, longer text left behind the new one becomes blanks.
                var bytes = whole.ToBytes();
                var padded = new byte[Math.Max(bytes.Length, file.Length)];
                padded.AsSpan().Fill((byte)' ');
                bytes.CopyTo(padded, 0);
                RandomAccess.Write(file.SafeFileHandle, padded, 0);
                file.Flush(flushToDisk: true);
            });
            (_written, _count) = (whole, whole.Commits);
        }
    }

    /// <summary>After a commit. A count that is lower than the last one comes late and changes nothing.</summary>
    public void Count(long commits)
    {
        lock (_gate)
        {
            if (_written is not { } written || commits <= _count)
            {
                return;
            }

            _count = commits;
            TryWrite(file =>
            {
                Span<byte> digits = stackalloc byte[HistoryMarker.CountLength];
                HistoryMarker.WriteCount(commits, digits);
                RandomAccess.Write(file.SafeFileHandle, digits, written.CountOffset);
            });
        }
    }

    public void Dispose() => _file?.Dispose();

    private void TryWrite(Action<FileStream> write)
    {
        if (_path is null)
        {
            return;
        }

        try
        {
            if (_file is null)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
                OwnerOnlyFiles.EnsureFile(_path);
                OwnerOnlyFiles.Restrict(_path);
                _file = new FileStream(_path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
            }

            write(_file);
            _failing = false;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // A marker that lags is read as such; the store itself is not touched by this.
            if (!_failing)
            {
                LogFailed(_logger, _path, fault.Message);
            }

            _failing = true;
        }
    }

    [LoggerMessage(EventIds.HistoryMarkerFileFailed, LogLevel.Error, "The marker of the store's history {Path} can't be written ({Reason}); a store that is put back may not be noticed until it can")]
    private static partial void LogFailed(ILogger logger, string path, string reason);
}
