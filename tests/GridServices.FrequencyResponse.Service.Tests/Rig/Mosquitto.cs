using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using GridServices.Testing;
using GridServices.Testing.Tls;

namespace GridServices.FrequencyResponse.Service.Tests.Rig;

/// <summary>Debian's mosquitto on a free loopback port: TLS, client certificates of its own authority, and passwords. It can go away and come back.</summary>
internal sealed class Mosquitto : IAsyncDisposable
{
    private const string Program = "/usr/sbin/mosquitto";
    private readonly string _folder = TestFolders.Make();
    private readonly PrivatePki _pki = new(depth: 2);
    private Process? _process;

    private Mosquitto()
    {
    }

    public int Port { get; } = TestPorts.Next();

    public string Authority => _pki.CaFile;

    /// <summary>The settings of the service.</summary>
    public string[] Arguments =>
    [
        $"--Mqtt:Broker=mqtts://localhost:{Port}", "--Mqtt:UserName=unit", $"--Mqtt:PasswordFile={File("unit.password")}", $"--Mqtt:TrustedRoots={_pki.CaFile}",
        $"--Mqtt:ClientCertificate={File("unit.pem")}", $"--Mqtt:ClientKey={File("unit.key")}", "--Mqtt:KeepAliveSeconds=1",
    ];

    public static async Task<Mosquitto> StartAsync()
    {
        if (!System.IO.File.Exists(Program))
        {
            SkipTest.Because("Debian's mosquitto is not installed");
        }

        var broker = new Mosquitto();
        await broker.PrepareAsync();
        await broker.ComeAsync();
        return broker;
    }

    public string File(string name) => Path.Combine(_pki.Folder, name);

    public async Task ComeAsync()
    {
        _process = Process.Start(new ProcessStartInfo(Program, ["-c", Path.Combine(_folder, "mosquitto.conf")]) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true })!;
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        await Until.HoldsAsync(async () => _process.HasExited ? throw new InvalidOperationException($"mosquitto ended: {Log()}") : await AnswersAsync(), up => up);
    }

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

        _pki.Dispose();
        TestFolders.Remove(_folder);
    }

    private string Log() => System.IO.File.Exists(Path.Combine(_folder, "log")) ? System.IO.File.ReadAllText(Path.Combine(_folder, "log")) : "no log";

    private async Task PrepareAsync()
    {
        foreach (var name in new[] { "unit", "operator" })
        {
            using var own = _pki.Issue(name);
            _pki.Write(name, own);
            await System.IO.File.WriteAllTextAsync(File($"{name}.password"), $"secret of {name}\n");
            using var made = Process.Start("mosquitto_passwd", [.. name == "unit" ? new[] { "-c" } : [], "-b", Path.Combine(_folder, "passwords"), name, $"secret of {name}"]);
            await made.WaitForExitAsync();
            Assert.Equal(0, made.ExitCode);
        }

        using var shown = _pki.Issue("localhost");
        var (certificate, key) = _pki.Write("broker", shown);

        // Started by root it would become somebody else, who may not read the keys.
        await System.IO.File.WriteAllTextAsync(Path.Combine(_folder, "mosquitto.conf"), $"""
            user {Environment.UserName}
            listener {Port} 127.0.0.1
            allow_anonymous false
            password_file {_folder}/passwords
            cafile {_pki.CaFile}
            certfile {certificate}
            keyfile {key}
            require_certificate true
            log_dest file {_folder}/log
            """);
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
