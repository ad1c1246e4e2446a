using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using GridServices.Hosting.Storage;
using GridServices.Testing;

namespace GridServices.Operations.Service.Tests.Import;

public sealed class ImportTests
{
    private const string Head = "site_id,customer_name,site_name,address1,city,region,postcode,country,time_zone,import_max_kw,export_max_kw,phases,tags\r\n";

    [Theory, ClassData(typeof(BothDatabases))]
    public async Task A_dry_run_names_the_bad_rows_the_run_applies_the_others_and_the_same_file_again_changes_nothing(Dialect dialect)
    {
        await using var store = TestStores.Create(dialect);
        await using var service = await OperationsUnderTest.StartAsync(store);
        var rows = Enumerable.Range(1, 120).Select(i => $"site-{i},Foods,Depot {i},1 Main St,Oakland,CA,94607,US,{(i % 40 == 0 ? "Mars/Olympus" : "America/Los_Angeles")},80,0,3,west\r\n");
        var csv = Head + string.Concat(rows);

        var dry = await RunAsync(service, csv, dryRun: true);
        Assert.Equal((3, 117, 120), ((int)dry["errors"]!, (int)dry["applied"]!, (int)dry["done"]!));
        Assert.Empty((await service.GetAsync("/v1/sites"))["items"]!.AsArray());

        var run = await RunAsync(service, csv, dryRun: false);
        Assert.Equal((3, 117), ((int)run["errors"]!, (int)run["applied"]!));
        Assert.Equal(117, (await service.GetAsync("/v1/sites?limit=200"))["items"]!.AsArray().Count);
        var result = await TextAsync(service, $"/v1/imports/{run["id"]}/result");
        Assert.Equal(3, result.Split('\n').Count(l => l.Contains(",error,", StringComparison.Ordinal)));

        var again = await RunAsync(service, csv, dryRun: false);
        Assert.Equal((3, 0, 117), ((int)again["errors"]!, (int)again["applied"]!, (int)again["unchanged"]!));
        Assert.True((bool)(await service.GetAsync("/v1/audit/verify"))["isSound"]!);
    }

    [Fact]
    public async Task An_import_that_was_under_way_goes_on_after_a_restart_with_the_next_row()
    {
        await using var store = TestStores.Create(Dialect.Sqlite);
        string id;
        await using (var service = await OperationsUnderTest.StartAsync(store))
        {
            var csv = Head + string.Concat(Enumerable.Range(1, 400).Select(i => $"site-{i},Foods,Depot {i},1 Main St,Oakland,CA,94607,US,America/Los_Angeles,80,0,3,west\r\n"));
            id = (string)(await PostAsync(service, csv, dryRun: false))["id"]!;
        }

        await using var after = await OperationsUnderTest.StartAsync(store);
        var done = await Until.HoldsAsync(() => after.GetAsync($"/v1/imports/{id}"), i => (string)i["state"]! == "done");
        Assert.Equal((400, 400), ((int)done["applied"]!, (int)done["done"]!));
    }

    private static async Task<JsonNode> RunAsync(OperationsUnderTest service, string csv, bool dryRun)
    {
        var id = (string)(await PostAsync(service, csv, dryRun))["id"]!;
        return await Until.HoldsAsync(() => service.GetAsync($"/v1/imports/{id}"), i => (string)i["state"]! == "done");
    }

    private static Task<JsonNode> PostAsync(OperationsUnderTest service, string csv, bool dryRun) =>
        service.SendAsync(HttpMethod.Post, $"/v1/imports?kind=sites&dryRun={(dryRun ? "true" : "false")}", csv, HttpStatusCode.Accepted, type: "text/csv");

    private static async Task<string> TextAsync(OperationsUnderTest service, string path) =>
        Encoding.UTF8.GetString(await service.Http.GetByteArrayAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken));
}
