using System.Net;
using System.Text.Json;
using Dapper;
using GridServices.Hosting.Tests.Sample;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace GridServices.Hosting.Tests.Storage;

public sealed class DiskFullTests
{
    [Fact]
    public async Task A_full_disk_refuses_writes_with_503_and_the_service_lives_on()
    {
        await using var service = await ServiceApp.StartAsync(SampleApp.Build);
        using var client = service.Client(service.Tokens.Operator);
        await LimitPagesAsync(service, pages: 30);

        HttpResponseMessage answer;
        var writes = 0;
        while ((answer = await client.PostAsync("/v1/notes", null)).StatusCode == HttpStatusCode.OK && writes < 1_000)
        {
            writes++;
        }

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal("urn:gridservices:problem:UNAVAILABLE", problem.RootElement.GetProperty("type").GetString());
        Assert.Contains("disk is full", problem.RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);

        // Reads go on, what was acknowledged is there, and writing resumes when there is room.
        var store = service.App.Services.GetRequiredService<Store>();
        Assert.Equal(writes, await store.ReadAsync(db => db.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM note")));
        await LimitPagesAsync(service, pages: 100_000);
        using var again = await client.PostAsync("/v1/notes", null);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    private static Task<int> LimitPagesAsync(ServiceApp service, int pages) => service.App.Services.GetRequiredService<Store>().WriteAsync(
        tx => tx.Connection!.ExecuteAsync($"PRAGMA max_page_count={pages}", transaction: tx));
}
