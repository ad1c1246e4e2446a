using System.Diagnostics;
using System.Globalization;

namespace GridServices.Local;

/// <summary>One started program: its lines go to its log and to who listens.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    internal const int SigTerm = 15;
    internal const int SigKill = 9;
    private readonly Process _process;
    private readonly Action<LocalProgram, string> _heard;
    private readonly TextWriter _log;
    private readonly Task _copying;

    private ChildProcess(LocalProgram program, Process process, DataFolder folder, Action<LocalProgram, string> heard)
    {
        (Program, _process, _heard, LogFile) = (program, process, heard, folder.Log(program.Name));
        _log = TextWriter.Synchronized(folder.OpenLog(program.Name));
        _copying = Task.WhenAll(CopyAsync(process.StandardOutput), CopyAsync(process.StandardError));
    }

    public LocalProgram Program { get; }

    public string LogFile { get; }

    public bool HasExited => _process.HasExited;

    public static ChildProcess Start(Topology topology, LocalProgram program, DataFolder folder, Action<LocalProgram, string> heard)
    {
        var assembly = topology.Assembly(program);
        if (!File.Exists(assembly))
        {
            throw new LaunchException($"{program.Title} is not built: {assembly} is missing. Start with ./run, which builds first.");
        }

        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = folder.CreateFolder(program.Name),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var argument in program.Arguments.Prepend(assembly).Prepend("exec"))
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in program.Secrets)
        {
            start.Environment[name] = value;
        }

        var started = Process.Start(start) ?? throw new LaunchException($"{program.Title} could not be started: 'dotnet' did not run.");
        Leftovers.Add(folder, started.Id);
        return new ChildProcess(program, started, folder, heard);
    }

    /// <summary>Ends when the program has ended.</summary>
    public Task WaitForExitAsync(CancellationToken cancel) => _process.WaitForExitAsync(cancel);

    /// <summary>The last lines it wrote, for a person who must know why it ended.</summary>
    public async Task<string> LastWordsAsync()
    {
        await _copying.WaitAsync(TimeSpan.FromSeconds(2)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        using var written = new StreamReader(new FileStream(LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return string.Join('\n', (await written.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(5));
    }

    /// <summary>Asks to end; after ten seconds ends it.</summary>
    public async Task StopAsync()
    {
        if (_process.HasExited)
        {
            return;
        }

        Signal(_process.Id, SigTerm);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await _process.WaitForExitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _copying.WaitAsync(TimeSpan.FromSeconds(2)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _process.Dispose();
        await _log.DisposeAsync();
    }

    internal static void Signal(int pid, int signal)
    {
        using var kill = Process.Start("kill", [string.Create(CultureInfo.InvariantCulture, $"-{signal}"), pid.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private async Task CopyAsync(StreamReader from)
    {
        while (await from.ReadLineAsync() is { } line)
        {
            await _log.WriteLineAsync(line);
            _heard(Program, line);
        }
    }
}
