using System.Runtime.InteropServices;

namespace GridServices.Hosting.Storage;

/// <summary>
/// Puts a folder's names on the disk: a file that was flushed under a new name may be gone after a power cut without it (Linux's fsync(2)).
/// Only on Linux; elsewhere the file system's own order has to do.
/// </summary>
internal static class FolderSync
{
    private const int ReadOnly = 0, InvalidArgument = 22;

    /// <exception cref="IOException">It could not be flushed.</exception>
    internal static void Flush(string folder)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var handle = Open(folder, ReadOnly);
        try
        {
            // Some file systems have no such thing.
            if (handle < 0 || (Sync(handle) != 0 && Marshal.GetLastPInvokeError() != InvalidArgument))
            {
                throw new IOException($"The folder {folder} can't be flushed to the disk: {Marshal.GetLastPInvokeErrorMessage()}.");
            }
        }
        finally
        {
            _ = handle < 0 ? 0 : Close(handle);
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true, ExactSpelling = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true, ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Sync(int handle);

    [DllImport("libc", EntryPoint = "close", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int handle);
}
