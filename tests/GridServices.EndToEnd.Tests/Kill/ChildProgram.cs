using System.Collections.Concurrent;
using System.Diagnostics;
using GridServices.Testing;

namespace GridServices.EndToEnd.Tests.Kill;

/// <summary>One of our programs as a process of its own, to be killed.</summary>
internal sealed class ChildProgram : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();

    private ChildProgram(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public bool HasExited => _process.HasExited;

    /// <summary>What it said last.</summary>
    public string LastWords => string.Join('\n', _lines.TakeLast(15));

    /// <param name="project">Folder of the project below the repository's root.</param>
    /// <param name="crashAt">The step at which it is to die, or null.</param>
    /// <param name="arguments">Its command line.</param>
    public static ChildProgram Start(string project, string? crashAt, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", GetPath(project), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        if (crashAt is not null)
        {
            start.Environment["GS_CRASH_AT"] = crashAt;
        }

        return new ChildProgram(Process.Start(start)!);
    }

    public Task<bool> DiesAsync() => Until.EndsAsync(_process);

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private static string GetPath(string project)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));
        var root = output;
        while (!File.Exists(Path.Combine(root.FullName, "GridServices.sln")))
        {
            root = root.Parent!;
        }

        return Path.Combine(root.FullName, project, "bin", output.Parent!.Name, "net10.0", Path.GetFileName(project) + ".dll");
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            _lines.Enqueue(line);
        }
    }
}
