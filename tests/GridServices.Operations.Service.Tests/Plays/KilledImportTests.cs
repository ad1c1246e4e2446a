using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using GridServices.Hosting.Storage;
using GridServices.Testing;

namespace GridServices.Operations.Service.Tests.Plays;

/// <summary>The service as a process of its own, killed in the middle of an import.</summary>
public sealed class KilledImportTests
{
    private const int Rows = 3_000;
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Play_20_after_kill_9_in_the_middle_of_an_import_every_row_is_applied_once()
    {
        await using var place = TestStores.Create(Dialect.Sqlite);
        var tokens = new TestTokens(place.Folder);
        var port = TestPorts.Next();
        using var http = new HttpClient(TestConnections.Create()) { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", tokens.Operator);

        using (var first = Start(place, tokens, port))
        {
            await ReadyAsync(http, first);
            using var csv = new StringContent(Csv(), Encoding.UTF8, "text/csv");
            using var started = await http.PostAsync(new Uri("/v1/imports?kind=sites&dryRun=false", UriKind.Relative), csv, Ct);
            Assert.Equal(HttpStatusCode.Accepted, started.StatusCode);
            await Until.HoldsAsync(() => ImportAsync(http), i => (long)i["done"]! is > 0);
            first.Kill();
            await first.WaitForExitAsync(Ct);
        }

        using var second = Start(place, tokens, port);
        try
        {
            await ReadyAsync(http, second);
            var done = await Until.HoldsAsync(() => ImportAsync(http), i => (string)i["state"]! == "done");
            Assert.Equal((Rows, Rows, 0), ((int)done["done"]!, (int)done["applied"]!, (int)done["errors"]!));
            var audit = JsonNode.Parse(await http.GetStringAsync(new Uri("/v1/audit/verify", UriKind.Relative), Ct))!;
            Assert.True((bool)audit["isSound"]!);
        }
        finally
        {
            second.Kill();
            await second.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static string Csv() => "site_id,customer_name,site_name,address1,city,region,postcode,country,time_zone,import_max_kw,export_max_kw,phases,tags\n"
        + string.Concat(Enumerable.Range(1, Rows).Select(i => $"kill-{i},Foods,Depot {i},1 Main St,Oakland,CA,94607,US,America/Los_Angeles,80,0,3,west\n"));

    private static async Task<JsonNode> ImportAsync(HttpClient http) => JsonNode.Parse(await http.GetStringAsync(new Uri("/v1/imports", UriKind.Relative), Ct))!["items"]![0]!;

    private static Process Start(TestStore store, TestTokens tokens, int port) => Process.Start(new ProcessStartInfo(
        "dotnet",
        [
            "exec", Path.Combine(AppContext.BaseDirectory, "GridServices.Operations.Service.dll"), $"--urls=http://127.0.0.1:{port}", $"--Auth:TokensFile={tokens.File}", "--Logging:LogLevel:Default=Error",
            "--Hub:Url=http://127.0.0.1:9", "--Services:EnvelopeHub:Url=http://127.0.0.1:9", "--Services:OpenAdr:Url=http://127.0.0.1:9", .. Provisioning.OtherServices.Nowhere, .. store.Arguments,
        ])
    {
        RedirectStandardOutput = true,
        UseShellExecute = false,
    })!;

    private static Task<bool> ReadyAsync(HttpClient http, Process process) => Until.HoldsAsync(
        async () =>
        {
            Assert.False(process.HasExited, "the service ended");
            try
            {
                using var answer = await http.GetAsync(new Uri("/health/ready", UriKind.Relative), Ct);
                return answer.StatusCode == HttpStatusCode.OK;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        },
        isReady => isReady);
}
