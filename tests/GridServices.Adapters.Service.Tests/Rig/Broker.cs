using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using GridServices.Testing;

namespace GridServices.Adapters.Service.Tests.Rig;

/// <summary>Debian's mosquitto on a free loopback port, without a store: what was retained is gone when it comes back.</summary>
internal sealed class Broker : IAsyncDisposable
{
    private const string Program = "/usr/sbin/mosquitto";
    private readonly string folder = TestFolders.Make();
    private Process? process;

    private Broker()
    {
    }

    public int Port { get; } = TestPorts.Next();

    public static async Task<Broker> StartAsync()
    {
        if (!File.Exists(Program))
        {
            SkipTest.Because("Debian's mosquitto is not installed");
        }

        var broker = new Broker();
        await File.WriteAllTextAsync(Path.Combine(broker.folder, "mosquitto.conf"), $"""
            user {Environment.UserName}
            listener {broker.Port} 127.0.0.1
            allow_anonymous true
            log_dest file {broker.folder}/log
            """);
        await broker.ComeAsync();
        return broker;
    }

    public async Task ComeAsync()
    {
        process = Process.Start(new ProcessStartInfo(Program, ["-c", Path.Combine(folder, "mosquitto.conf")]) { UseShellExecute = false })!;
        await Until.HoldsAsync(async () => process.HasExited ? throw new InvalidOperationException("mosquitto ended") : await AnswersAsync(), up => up);
    }

    public async Task GoAsync()
    {
        process!.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        process = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            await GoAsync();
        }

        TestFolders.Remove(folder);
    }

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
