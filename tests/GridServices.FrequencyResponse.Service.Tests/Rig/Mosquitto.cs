using System.Diagnostics;
using GridServices.Testing.Mqtt;
using GridServices.Testing.Tls;

namespace GridServices.FrequencyResponse.Service.Tests.Rig;

/// <summary>A broker with TLS, client certificates of its own authority, and passwords. It can go away and come back.</summary>
internal sealed class Mosquitto : IAsyncDisposable
{
    private readonly PrivatePki _pki = new(depth: 2);
    private MosquittoProcess _broker = null!;

    private Mosquitto()
    {
    }

    public int Port => _broker.Port;

    public string Authority => _pki.CaFile;

    /// <summary>The settings of the service. Of one second mosquitto, which counts whole ones, drops the line now and then, and what came meanwhile with it.</summary>
    public string[] Arguments =>
    [
        $"--Mqtt:Broker=mqtts://localhost:{Port}", "--Mqtt:UserName=unit", $"--Mqtt:PasswordFile={File("unit.password")}", $"--Mqtt:TrustedRoots={_pki.CaFile}",
        $"--Mqtt:ClientCertificate={File("unit.pem")}", $"--Mqtt:ClientKey={File("unit.key")}", "--Mqtt:KeepAliveSeconds=60",
    ];

    public static async Task<Mosquitto> StartAsync()
    {
        var broker = new Mosquitto();
        broker._broker = await MosquittoProcess.StartAsync(broker.ConfigureAsync);
        return broker;
    }

    public string File(string name) => Path.Combine(_pki.Folder, name);

    public Task ComeAsync() => _broker.ComeAsync();

    public Task GoAsync() => _broker.GoAsync();

    public async ValueTask DisposeAsync()
    {
        await _broker.DisposeAsync();
        _pki.Dispose();
    }

    private async Task<IReadOnlyList<string>> ConfigureAsync(string folder)
    {
        var passwords = Path.Combine(folder, "passwords");
        foreach (var name in new[] { "unit", "operator" })
        {
            using var own = _pki.Issue(name);
            _pki.Write(name, own);
            await System.IO.File.WriteAllTextAsync(File($"{name}.password"), $"secret of {name}\n");
            using var made = Process.Start("mosquitto_passwd", [.. name == "unit" ? new[] { "-c" } : [], "-b", passwords, name, $"secret of {name}"]);
            await made.WaitForExitAsync();
            Assert.Equal(0, made.ExitCode);
        }

        using var shown = _pki.Issue("localhost");
        var (certificate, key) = _pki.Write("broker", shown);
        return ["allow_anonymous false", $"password_file {passwords}", $"cafile {_pki.CaFile}", $"certfile {certificate}", $"keyfile {key}", "require_certificate true"];
    }
}
