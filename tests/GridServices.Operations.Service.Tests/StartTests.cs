using System.Net;
using GridServices.Testing;

namespace GridServices.Operations.Service.Tests;

public sealed class StartTests
{
    [Theory, ClassData(typeof(BothDatabases))]
    public async Task The_service_starts_and_is_ready(Hosting.Storage.Dialect dialect)
    {
        await using var store = TestStores.Create(dialect);
        await using var service = await ServiceApp.StartAsync(OperationsApp.Build, store);
        using var client = service.Client();
        var ready = await client.GetAsync(new Uri("/health/ready", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
    }
}
