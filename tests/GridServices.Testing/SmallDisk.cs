using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace GridServices.Testing;

/// <summary>A file system of a few megabytes (tmpfs): what a full disk does at COMMIT shows on nothing else.</summary>
/// <remarks>Mounting needs root. Where it is not permitted the test is skipped, or fails when <c>CI=true</c>.</remarks>
public sealed class SmallDisk : IDisposable
{
    private SmallDisk(string folder) => Folder = folder;

    public string Folder { get; }

    public static SmallDisk Mount(int megabytes)
    {
        var folder = TestFolders.Create();
        if (Run("mount", "-t", "tmpfs", "-o", Size(megabytes), "tmpfs", folder) is { } refused)
        {
            TestFolders.Remove(folder);
            SkipTest.Because($"A small file system can't be mounted here: {refused}");
        }

        return new SmallDisk(folder);
    }

    /// <summary>Makes room, with everything in place.</summary>
    public void Grow(int megabytes) => Assert.Null(Run("mount", "-o", "remount," + Size(megabytes), Folder));

    public void MakeReadOnly() => Assert.Null(Run("mount", "-o", "remount,ro", Folder));

    /// <summary>Takes all the room that is left.</summary>
    public void Fill()
    {
        using var file = new FileStream(Path.Combine(Folder, "filler"), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var page = new byte[4096];
        try
        {
            while (true)
            {
                file.Write(page);
            }
        }
        catch (IOException full)
        {
            Assert.NotNull(full.Message);
        }
    }

    /// <summary>Gives back what <see cref="Fill"/> took.</summary>
    public void Clear() => File.Delete(Path.Combine(Folder, "filler"));

    public void Dispose()
    {
        Run("umount", "-l", Folder);
        TestFolders.Remove(Folder);
    }

    private static string Size(int megabytes) => string.Create(CultureInfo.InvariantCulture, $"size={megabytes}m");

    /// <returns>Null when it went well, else what it said.</returns>
    private static string? Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true })!;
            var said = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? null : $"{program} says: {said.Trim()}";
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            return missing.Message;
        }
    }
}
