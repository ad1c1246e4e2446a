using Microsoft.Win32.SafeHandles;

namespace GridServices.Hosting.Storage;

/// <summary>Files and folders that only the service's account may read: stores hold who may do what, and where people live. No effect on Windows.</summary>
public static class OwnerOnlyFiles
{
    private const UnixFileMode File = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others = ~(File | UnixFileMode.UserExecute);

    /// <summary>Makes what is missing of a folder, those above it too; one that is there stays as it is.</summary>
    public static void EnsureFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else if (!Directory.Exists(path))
        {
            // Left to the framework, those above would be open to others.
            if (Path.GetDirectoryName(Path.GetFullPath(Path.TrimEndingDirectorySeparator(path))) is { } above)
            {
                EnsureFolder(above);
            }

            Directory.CreateDirectory(path, File | UnixFileMode.UserExecute);
        }
    }

    /// <summary>A new file for writing that nobody else may read from its first moment on.</summary>
    /// <param name="path">Where; a file that is there stays.</param>
    /// <param name="share">What others of this account may do meanwhile.</param>
    /// <param name="bufferSize">0: none.</param>
    /// <exception cref="IOException">It is there already.</exception>
    public static FileStream CreateFile(string path, FileShare share = FileShare.None, int bufferSize = 4096)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = share, BufferSize = bufferSize };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = File;
        }

        return new FileStream(path, options);
    }

    /// <summary>Makes a file where it is missing, and takes one that is there from everybody else.</summary>
    public static void EnsureFile(string path)
    {
        using SafeFileHandle file = System.IO.File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        Restrict(path);
    }

    /// <summary>Takes a file from everybody else, where it is there and ours.</summary>
    public static void Restrict(string path)
    {
        if (!OperatingSystem.IsWindows() && System.IO.File.Exists(path) && (System.IO.File.GetUnixFileMode(path) & Others) != UnixFileMode.None)
        {
            try
            {
                System.IO.File.SetUnixFileMode(path, File);
            }
            catch (UnauthorizedAccessException notOurs)
            {
                throw new StartException($"{path} can be read by others, and belongs to another account, so that this one can't close it. Give it to the service's account (chown), mode 600.", notOurs);
            }
        }
    }
}
