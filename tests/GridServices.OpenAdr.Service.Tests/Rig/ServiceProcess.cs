using System.Collections.Concurrent;
using System.Diagnostics;
using GridServices.Testing;

namespace GridServices.OpenAdr.Service.Tests.Rig;

/// <summary>The service as a process of its own that dies, as by kill -9, at a named step.</summary>
internal sealed class ServiceProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();

    private ServiceProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => _lines.Enqueue(line.Data ?? string.Empty);
        process.ErrorDataReceived += (_, line) => _lines.Enqueue(line.Data ?? string.Empty);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string LastWords => string.Join('\n', _lines.TakeLast(10));

    public static ServiceProcess Start(string crashAt, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", PathOfService(), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.Environment["GS_CRASH_AT"] = crashAt;
        return new ServiceProcess(Process.Start(start)!);
    }

    public Task<bool> DiesAsync() => Until.EndsAsync(_process);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static string PathOfService()
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/')).Parent!.Name;
        return Path.Combine(RepositoryFiles.Root, "services", "OpenAdr", "GridServices.OpenAdr.Service", "bin", configuration, "net10.0", "GridServices.OpenAdr.Service.dll");
    }
}
