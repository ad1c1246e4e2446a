using System.Text.Json.Nodes;
using Dapper;
using GridServices.Hosting.Storage;
using GridServices.Operations.Service.Retention;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace GridServices.Operations.Service.Tests.Plays;

public sealed class TamperedAuditTests
{
    [Theory, ClassData(typeof(BothDatabases))]
    public async Task Play_19_the_audit_chain_verifies_and_a_row_that_was_changed_or_taken_out_is_found(Dialect dialect)
    {
        await using var place = TestStores.Create(dialect);
        await using var service = await OperationsUnderTest.StartAsync(place);
        for (var i = 0; i < 5; i++)
        {
            await service.CustomerAsync($"Customer {i}");
        }

        Assert.True((bool)(await service.GetAsync("/v1/audit/verify"))["isSound"]!);
        await DoAsync(service, "UPDATE audit SET body = REPLACE(body, 'customer.created', 'customer.deleted') WHERE seq = 3");
        var changed = await service.GetAsync("/v1/audit/verify");
        Assert.Equal((false, 3), ((bool)changed["isSound"]!, (int)changed["brokenSequence"]!));

        await DoAsync(service, "DELETE FROM audit WHERE seq = 2");
        var missing = await service.GetAsync("/v1/audit/verify");
        Assert.Equal((false, 2), ((bool)missing["isSound"]!, (int)missing["brokenSequence"]!));
    }

    [Fact]
    public async Task Play_19_the_last_rows_that_were_cut_off_are_missed()
    {
        await using var service = await OperationsUnderTest.StartAsync();
        await service.CustomerAsync("First");
        await service.CustomerAsync("Second");
        var last = (long)(await service.GetAsync("/v1/audit?limit=1"))["items"]![0]!["sequence"]!;
        await DoAsync(service, $"DELETE FROM audit WHERE seq = {last}");
        JsonNode verdict = await service.GetAsync("/v1/audit/verify");
        Assert.False((bool)verdict["isSound"]!);
    }

    [Theory, ClassData(typeof(BothDatabases))]
    public async Task What_is_older_than_the_audit_is_kept_goes_and_the_rest_verifies_unless_somebody_else_cut_it(Dialect dialect)
    {
        await using var place = TestStores.Create(dialect);
        await using var service = await OperationsUnderTest.StartAsync(place);
        for (var i = 0; i < 5; i++)
        {
            await service.CustomerAsync($"Customer {i}");
        }

        await RetainAsync(service);
        Assert.Equal(5, (await service.GetAsync("/v1/audit"))["items"]!.AsArray().Count);

        await DoAsync(service, "UPDATE audit SET at = 0 WHERE seq <= 3");
        await RetainAsync(service);
        var kept = (await service.GetAsync("/v1/audit"))["items"]!.AsArray();
        Assert.Equal([6, 5, 4], kept.Select(e => (long)e!["sequence"]!));
        Assert.Equal("audit.removed", (string)kept[0]!["write"]!["action"]!);
        Assert.True((bool)(await service.GetAsync("/v1/audit/verify"))["isSound"]!);
        await service.CustomerAsync("Another");
        Assert.True((bool)(await service.GetAsync("/v1/audit/verify"))["isSound"]!);

        await DoAsync(service, "UPDATE audit_cuts SET seq = 4, hash = (SELECT hash FROM audit WHERE seq = 4)");
        await DoAsync(service, "DELETE FROM audit WHERE seq = 4");
        var cut = await service.GetAsync("/v1/audit/verify");
        Assert.Equal((false, "startMissing"), ((bool)cut["isSound"]!, (string)cut["fault"]!));
    }

    private static Task RetainAsync(OperationsUnderTest service) =>
        ActivatorUtilities.CreateInstance<AuditRetention>(service.Service.App.Services).RunAsync(TestContext.Current.CancellationToken);

    private static Task<int> DoAsync(OperationsUnderTest service, string sql) =>
        service.Service.App.Services.GetRequiredService<Store>().WriteAsync(tx => tx.Connection!.ExecuteAsync(sql, transaction: tx), TestContext.Current.CancellationToken);
}
