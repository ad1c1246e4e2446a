using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using GridServices.Ieee2030Dot5.Service.Tests.Rig;
using GridServices.Testing;

namespace GridServices.Ieee2030Dot5.Service.Tests.Transport;

/// <summary>The service as a process of its own, under an OpenSSL that was told to be strict, and under the configuration that mends it.</summary>
public sealed class CipherSelfTestTests
{
    [Fact]
    public async Task A_machine_that_refuses_CCM_8_is_not_ready_and_says_how_to_mend_it()
    {
        await using var place = TestStores.Of(Hosting.Dialect.Sqlite);
        var strict = Path.Combine(place.Folder, "strict.cnf");
        await File.WriteAllTextAsync(strict, Configuration("DEFAULT:@SECLEVEL=5"), TestContext.Current.CancellationToken);

        var check = await TlsCheckAsync(place, strict);

        Assert.False(check["ok"]!.GetValue<bool>());
        var detail = check["detail"]!.GetValue<string>();
        Assert.Contains("refuses TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8", detail, StringComparison.Ordinal);
        Assert.Contains("OPENSSL_CONF=", detail, StringComparison.Ordinal);
        Assert.True(File.Exists(detail[(detail.IndexOf("OPENSSL_CONF=", StringComparison.Ordinal) + "OPENSSL_CONF=".Length)..]), detail);
    }

    [Fact]
    public async Task With_the_configuration_that_ships_with_the_service_it_is_ready()
    {
        await using var place = TestStores.Of(Hosting.Dialect.Sqlite);

        Assert.True((await TlsCheckAsync(place, Path.Combine(AppContext.BaseDirectory, "openssl-ccm8.cnf")))["ok"]!.GetValue<bool>());
    }

    private static string Configuration(string ciphers) =>
        $"openssl_conf = i\n[i]\nssl_conf = s\n[s]\nsystem_default = d\n[d]\nCipherString = {ciphers}\n";

    private static async Task<JsonNode> TlsCheckAsync(TestStore place, string opensslConf)
    {
        var url = $"http://127.0.0.1:{FreePort()}";
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(Ieee2030Dot5App).Assembly.Location, $"--urls={url}", $"--Auth:TokensFile={new TestTokens(place.Folder).File}", .. place.Arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["OPENSSL_CONF"] = opensslConf;
        using var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            using var http = new HttpClient();
            return await ServiceRig.UntilAsync(() => CheckAsync(http, url), c => c is not null && !c.ToJsonString().Contains("not ended yet", StringComparison.Ordinal), 30) ?? new JsonObject();
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    private static async Task<JsonNode?> CheckAsync(HttpClient http, string url)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri(url + "/health/ready"));
            return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["checks"]!.AsArray().Single(c => c!["name"]!.GetValue<string>() == "tls");
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
