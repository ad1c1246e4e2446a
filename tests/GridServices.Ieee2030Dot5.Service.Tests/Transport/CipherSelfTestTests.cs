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
        await using var place = TestStores.Create(Hosting.Storage.Dialect.Sqlite);
        var strict = Path.Combine(place.Folder, "strict.cnf");
        await File.WriteAllTextAsync(
            strict, "openssl_conf = i\n[i]\nssl_conf = s\n[s]\nsystem_default = d\n[d]\nCipherString = DEFAULT:@SECLEVEL=5\n", TestContext.Current.CancellationToken);

        var check = await TlsCheckAsync(place, strict);

        Assert.False(check["ok"]!.GetValue<bool>());
        var detail = check["detail"]!.GetValue<string>();
        Assert.Contains("refuses TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8", detail, StringComparison.Ordinal);
        Assert.True(File.Exists(detail[(detail.IndexOf("OPENSSL_CONF=", StringComparison.Ordinal) + "OPENSSL_CONF=".Length)..]), detail);
    }

    [Fact]
    public async Task With_the_configuration_that_ships_with_the_service_it_is_ready()
    {
        await using var place = TestStores.Create(Hosting.Storage.Dialect.Sqlite);

        Assert.True((await TlsCheckAsync(place, Path.Combine(AppContext.BaseDirectory, "openssl-ccm8.cnf")))["ok"]!.GetValue<bool>());
    }

    private static async Task<JsonNode> TlsCheckAsync(TestStore store, string opensslConf)
    {
        await using var service = ChildService.Start(store, new TestTokens(store.Folder), new Dictionary<string, string>(StringComparer.Ordinal) { ["OPENSSL_CONF"] = opensslConf });
        var check = await ServiceRig.UntilAsync(
            async () => (await service.GetAsync("/health/ready"))?["checks"]!.AsArray().Single(c => c!["name"]!.GetValue<string>() == "tls"),
            c => c is not null && !c.ToJsonString().Contains("not ended yet", StringComparison.Ordinal));
        return check!;
    }
}
