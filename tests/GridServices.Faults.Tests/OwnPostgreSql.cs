using System.Diagnostics;
using System.Globalization;
using GridServices.Testing;

namespace GridServices.Faults.Tests;

/// <summary>A PostgreSQL of one test, that writes through to its disk and can be stopped and killed.</summary>
internal sealed class OwnPostgreSql : IAsyncDisposable
{
    // By itself pg_ctl waits a minute: syncing and recovering on a busy disk may take longer.
    private const string Seconds = "300";
    private readonly string _folder = TestFolders.Create();
    private readonly string _bin;

    private OwnPostgreSql(string bin) => _bin = bin;

    public string ConnectionString => $"Host={_folder};Username=grid;Database=postgres;Maximum Pool Size=20";

    public static async Task<OwnPostgreSql> StartAsync()
    {
        var bin = Directory.Exists("/usr/lib/postgresql")
            ? Directory.EnumerateDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal).Select(version => Path.Combine(version, "bin")).FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")))
            : null;
        if (bin is null)
        {
            SkipTest.Because("no PostgreSQL server is installed below /usr/lib/postgresql");
        }

        var server = new OwnPostgreSql(bin);
        if (Environment.IsPrivilegedProcess)
        {
            // PostgreSQL refuses to run as root.
            await RunAsync("chown", ["65534:65534", server._folder]);
        }

        await server.RunAsUserAsync("initdb", "-D", server.Data, "-A", "trust", "-U", "grid", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync");
        await server.StartServerAsync();
        return server;
    }

    public Task StartServerAsync() => RunAsUserAsync(
        "pg_ctl", "-D", Data, "-w", "-t", Seconds, "-l", Path.Combine(_folder, "log"), "-o", $"-c listen_addresses='' -c unix_socket_directories={_folder} -c max_connections=60", "start");

    /// <summary>Ends every session, and the server without a checkpoint.</summary>
    public Task StopServerAsync() => RunAsUserAsync("pg_ctl", "-D", Data, "-m", "immediate", "-w", "-t", Seconds, "stop");

    /// <summary>kill -9 of every process of it, as a power failure would.</summary>
    public async Task KillServerAsync()
    {
        var main = MainProcess();

        // Stopped first: one that it starts meanwhile would outlive it, and keep its memory from the next server.
        await RunAsync("kill", ["-STOP", main.ToString(CultureInfo.InvariantCulture)]);
        var all = (await File.ReadAllTextAsync($"/proc/{main}/task/{main}/children")).Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(pid => int.Parse(pid, CultureInfo.InvariantCulture)).Prepend(main).ToList();
        foreach (var pid in all)
        {
            try
            {
                using var process = Process.GetProcessById(pid);
                process.Kill();
                await process.WaitForExitAsync();
            }
            catch (ArgumentException)
            {
                continue; // it ended with the first
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        // One that was killed leaves its file behind; to fail here would hide why the test failed.
        if (File.Exists(Path.Combine(Data, "postmaster.pid")) && Process.GetProcesses().Any(p => p.Id == MainProcess()))
        {
            await StopServerAsync();
        }

        TestFolders.Remove(_folder);
    }

    private int MainProcess() => int.Parse(File.ReadLines(Path.Combine(Data, "postmaster.pid")).First(), CultureInfo.InvariantCulture);

    private string Data => Path.Combine(_folder, "data");

    private Task RunAsUserAsync(string program, params string[] arguments) => Environment.IsPrivilegedProcess
        ? RunAsync("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", Path.Combine(_bin, program), .. arguments])
        : RunAsync(Path.Combine(_bin, program), arguments);

    private static async Task RunAsync(string program, IReadOnlyList<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {errors}{await output}");
    }
}
