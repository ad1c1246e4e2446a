using System.Diagnostics;

namespace GridServices.Testing;

/// <summary>
/// A program in a session of its own, for tests that stop it (SIGSTOP): where a process group loses its last parent, the system lets those in it that are
/// stopped go on.
/// </summary>
public static class OwnSession
{
    /// <summary>Its output is read by the test. The process id is the program's own.</summary>
    public static ProcessStartInfo Start(string program, IEnumerable<string> arguments)
    {
        string[] all = [.. OperatingSystem.IsLinux() ? new[] { "setsid" } : [], program, .. arguments];
        return new ProcessStartInfo(all[0], all[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
    }
}
