using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace GridServices.Testing.Mqtt;

/// <summary>Debian's mosquitto on a free loopback port, without a store: what was retained is gone when it comes back. It can go away and come back.</summary>
public sealed class MosquittoProcess : IAsyncDisposable
{
    private const string Program = "/usr/sbin/mosquitto";
    private readonly string _folder = TestFolders.Create();
    private Process? _process;

    private MosquittoProcess()
    {
    }

    /// <summary>Where it listens, on 127.0.0.1.</summary>
    public int Port { get; } = TestPorts.Next();

    /// <summary>A broker to which everybody may connect in the clear.</summary>
    public static Task<MosquittoProcess> StartAsync() => StartAsync(_ => Task.FromResult<IReadOnlyList<string>>(["allow_anonymous true"]));

    /// <summary>Skips the test where mosquitto is not installed.</summary>
    /// <param name="configure">Writes what the broker reads into its folder, and gives the lines of its configuration but for the listener and the log.</param>
    public static async Task<MosquittoProcess> StartAsync(Func<string, Task<IReadOnlyList<string>>> configure)
    {
        if (!File.Exists(Program))
        {
            SkipTest.Because("Debian's mosquitto is not installed");
        }

        var broker = new MosquittoProcess();

        // Started by root it would become somebody else, who may not read the keys.
        string[] lines = [$"user {Environment.UserName}", $"listener {broker.Port} 127.0.0.1", .. await configure(broker._folder), $"log_dest file {broker._folder}/log"];
        await File.WriteAllLinesAsync(Path.Combine(broker._folder, "mosquitto.conf"), lines);
        await broker.ComeAsync();
        return broker;
    }

    /// <summary>Starts it, and waits until it answers.</summary>
    public async Task ComeAsync()
    {
        _process = Process.Start(new ProcessStartInfo(Program, ["-c", Path.Combine(_folder, "mosquitto.conf")]) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true })!;
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        await Until.HoldsAsync(async () => _process.HasExited ? throw new InvalidOperationException($"mosquitto ended: {Log()}") : await AnswersAsync(), up => up);
    }

    /// <summary>Kills it.</summary>
    public async Task GoAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await GoAsync();
        }

        TestFolders.Remove(_folder);
    }

    private string Log() => File.Exists(Path.Combine(_folder, "log")) ? File.ReadAllText(Path.Combine(_folder, "log")) : "no log";

    private async Task<bool> AnswersAsync()
    {
        using var probe = new TcpClient();
        try
        {
            await probe.ConnectAsync(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
