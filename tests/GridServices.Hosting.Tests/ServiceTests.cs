using System.Net;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Tests.Sample;
using GridServices.Testing;

namespace GridServices.Hosting.Tests;

public sealed class ServiceTests
{
    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_service_starts_and_is_ready_on_both_databases(Dialect dialect)
    {
        await using var place = TestStores.Create(dialect);
        await using var service = await ServiceApp.StartAsync(SampleApp.Build, place);
        using var client = service.Client();
        foreach (var path in new[] { "/health/live", "/health/ready", "/metrics", "/openapi/v1.json" })
        {
            using var answer = await client.GetAsync(path);
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{path}: {await answer.Content.ReadAsStringAsync()}");
        }
    }
}
