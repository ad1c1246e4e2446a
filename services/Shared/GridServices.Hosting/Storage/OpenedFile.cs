namespace GridServices.Hosting.Storage;

/// <summary>
/// Watches whether a path still leads to the file that was opened there. It holds the file open by itself, and closes it last:
/// to close a file gives up every lock that the process has on it (POSIX), SQLite's too.
/// </summary>
internal sealed class OpenedFile : IDisposable
{
    private readonly string _path;
    private readonly FileStream _held;
    private readonly string? _target;

    public OpenedFile(string path)
    {
        _path = path;
        _held = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        _target = Target();
    }

    /// <summary>False where the file was moved, deleted, or replaced by another one. Where the system does not tell, only whether there is one.</summary>
    public bool IsInPlace => File.Exists(_path) && (_target is null || string.Equals(Target(), _target, StringComparison.Ordinal));

    public void Dispose() => _held.Dispose();

    // Linux names the present path of an open file, and marks one that is deleted.
    private string? Target()
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        try
        {
            return File.ResolveLinkTarget($"/proc/self/fd/{_held.SafeFileHandle.DangerousGetHandle()}", returnFinalTarget: false)?.FullName;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
