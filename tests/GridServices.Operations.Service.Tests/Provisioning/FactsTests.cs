using GridServices.Hosting.Storage;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Storage;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace GridServices.Operations.Service.Tests.Provisioning;

public sealed class FactsTests
{
    [Theory, ClassData(typeof(BothDatabases))]
    public async Task More_readers_than_the_store_has_gather_facts_at_once_and_none_waits_for_another(Dialect dialect)
    {
        await using var place = TestStores.Create(dialect);

        // Who waits for one of the store's connections gives up after five seconds, which says something of the machine only.
        string[] patient = dialect == Dialect.PostgreSql ? [$"--Storage:PostgreSql={place.Options.PostgreSql};Timeout=300"] : [];
        await using var service = await OperationsUnderTest.StartAsync(place, null, patient);
        await service.SiteAsync(await service.CustomerAsync());
        var id = (string)(await service.PostAsync("/v1/enrollments", """{ "siteId": "site-1", "program": "OPENADR-PLAIN", "period": { "from": "2027-01-01" } }"""))["id"]!;
        var services = service.Service.App.Services;
        var (operations, facts) = (services.GetRequiredService<OperationsStore>(), services.GetRequiredService<EnrollmentFactsReader>());
        var held = (await services.GetRequiredService<EnrollmentStore>().FindAsync("default", id, TestContext.Current.CancellationToken))!;
        using var deadline = Until.Deadline();
        var gathered = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => operations.Store.SnapshotAsync(tx => facts.ReadAsync(tx, held), deadline.Token)));
        Assert.All(gathered, known => Assert.Equal("site-1", known.Site!.SiteId));
    }
}
