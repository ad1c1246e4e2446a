using Microsoft.Win32.SafeHandles;

namespace GridServices.Hosting;

/// <summary>Files and folders that only the service's account may read: stores hold who may do what, and where people live. No effect on Windows.</summary>
public static class OwnerOnly
{
    private const UnixFileMode File = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others = ~(File | UnixFileMode.UserExecute);

    /// <summary>Makes what is missing of a folder; one that is there stays as it is.</summary>
    public static void MakeFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, File | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Makes a file where it is missing, and takes one that is there from everybody else.</summary>
    public static void MakeFile(string path)
    {
        using SafeFileHandle file = System.IO.File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        Close(path);
    }

    /// <summary>Takes a file from everybody else, where it is there and ours.</summary>
    public static void Close(string path)
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
