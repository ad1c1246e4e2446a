using System.Diagnostics;
using System.Globalization;
using GridServices.Testing;

namespace GridServices.EndToEnd.Tests.Deploy;

/// <summary>
/// A systemd that runs nothing but our units, in namespaces of its own: the machine's folders are seen, and what is installed lies in a folder of the test.
/// The network is the machine's.
/// </summary>
internal sealed class SystemdBox : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Folder _folder;

    private SystemdBox(Process process, Folder folder) => (_process, _folder) = (process, folder);

    /// <summary>The test's side of what is <see cref="Inside"/> in the box.</summary>
    public string Outside => _folder.Path;

    public static string Inside => "/run/box";

    public static async Task<SystemdBox> StartAsync()
    {
        if (Environment.UserName != "root")
        {
            SkipTest.Because($"{SkipTest.NoSystemd} the tests are not root's");
        }

        if (!File.Exists("/usr/lib/systemd/systemd") || Tool.Find("systemd-analyze") is null)
        {
            SkipTest.Because("systemd is missing: install the package systemd");
        }

        var lends = await Tool.RunAsync("util-linux", "unshare", ["-pfmuiC", "--mount-proc", "mount", "-t", "cgroup2", "none", "/mnt"]);
        if (lends.Code != 0)
        {
            SkipTest.Because($"{SkipTest.NoSystemd} {lends.Text.Trim()}");
        }

        var folder = new Folder();
        var script = RepositoryFiles.Path("tests", "GridServices.EndToEnd.Tests", "Deploy", "systemd-box.sh");
        var start = new ProcessStartInfo("unshare", ["-pfmuiC", "--kill-child=KILL", "--mount-proc", "bash", script, folder.Path]) { UseShellExecute = false };
        var box = new SystemdBox(Process.Start(start)!, folder);
        await Until.HoldsAsync(async () => await box.RunAsync("systemctl", "is-system-running"), said => said.Text.Contains("running", StringComparison.Ordinal));
        return box;
    }

    /// <summary>Runs a program in it.</summary>
    public Task<Said> RunAsync(params string[] command) => Tool.RunAsync("util-linux", "nsenter", ["-t", FirstProcess(), "-a", "--wd=/", .. command]);

    /// <summary>Runs a program that must do well.</summary>
    public async Task<string> DoAsync(params string[] command)
    {
        var said = await RunAsync(command);
        Assert.True(said.Code == 0, $"{string.Join(' ', command)}: {said.Code}\n{said.Text}\n{Logs()}");
        return said.Text;
    }

    /// <summary>What the services said last.</summary>
    public string Logs() => string.Join('\n', Directory.EnumerateFiles(Path.Combine(Outside, "log")).Select(file => $"{Path.GetFileName(file)}:\n{string.Join('\n', File.ReadLines(file).TakeLast(12))}"));

    public async ValueTask DisposeAsync()
    {
        // With it goes every process of its namespace, a little after it: one that still writes would keep the folder from being removed.
        var first = FirstProcess();
        _process.Kill();
        await _process.WaitForExitAsync();
        await Until.HoldsAsync(() => IsGone(first));
        _process.Dispose();
        _folder.Dispose();
    }

    /// <summary>Also where nobody asks for its end: the first process of a namespace ends after all the others.</summary>
    private static bool IsGone(string process)
    {
        try
        {
            var state = File.ReadAllText($"/proc/{process}/stat").Split(") ")[^1];
            return state.StartsWith('Z') || state.StartsWith('X');
        }
        catch (IOException)
        {
            return true;
        }
    }

    private string FirstProcess()
    {
        var id = _process.Id.ToString(CultureInfo.InvariantCulture);
        var children = $"/proc/{id}/task/{id}/children";
        return File.Exists(children) && File.ReadAllText(children).Split(' ')[0] is { Length: > 0 } first ? first : "0";
    }
}
