using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using GridServices.Testing;

namespace GridServices.EndToEnd.Tests.Deploy;

/// <summary>A service started as its unit says, with a socket of the test's in systemd's place.</summary>
public sealed class NotifyTests
{
    [Fact]
    public async Task A_service_says_ready_then_that_it_lives_and_that_it_stops_and_ends_well()
    {
        using var folder = new Folder();
        using var systemd = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        systemd.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder.Path, "notify")));
        var tokens = new TestTokens(folder.Path);
        var settings = $$"""{ "Urls": "http://127.0.0.1:{{TestPorts.Next()}}", "Storage": { "Path": "{{folder.Path}}" }, "Auth": { "TokensFile": "{{tokens.File}}" } }""";
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "settings.json"), settings);

        using var service = Start(folder.Path);
        await HearsAsync(systemd, "READY=1");
        await HearsAsync(systemd, "WATCHDOG=1");
        using (var kill = Process.Start("kill", ["-TERM", service.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        await HearsAsync(systemd, "STOPPING=1");
        Assert.True(await Until.EndsAsync(service));
        Assert.Equal(0, service.ExitCode);
    }

    /// <summary>The shell's process becomes the program's, so that the numbers that systemd tells are the program's own.</summary>
    private static Process Start(string folder)
    {
        var service = DeployedService.Get("envelope-hub");
        var unit = File.ReadAllLines(DeployedService.Folder("systemd", "gridservices-envelope-hub.service"));
        var command = unit.Single(line => line.StartsWith("ExecStart=", StringComparison.Ordinal))["ExecStart=".Length..]
            .Replace("/opt/gridservices/current/envelope-hub", service.Built, StringComparison.Ordinal)
            .Replace("/usr/bin/dotnet", "dotnet", StringComparison.Ordinal);
        var start = new ProcessStartInfo("/bin/sh", ["-c", "export SYSTEMD_EXEC_PID=$$ WATCHDOG_PID=$$; exec " + command]) { UseShellExecute = false };
        start.Environment["CREDENTIALS_DIRECTORY"] = folder;
        start.Environment["NOTIFY_SOCKET"] = Path.Combine(folder, "notify");
        start.Environment["WATCHDOG_USEC"] = "3000000";
        return Process.Start(start)!;
    }

    private static async Task HearsAsync(Socket systemd, string what)
    {
        using var deadline = Until.Deadline();
        var buffer = new byte[4096];
        string heard;
        do
        {
            heard = Encoding.UTF8.GetString(buffer, 0, await systemd.ReceiveAsync(buffer, deadline.Token));
        }
        while (!heard.Contains(what, StringComparison.Ordinal));
    }
}
