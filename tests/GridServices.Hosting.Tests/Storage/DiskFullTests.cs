using System.Net;
using System.Text.Json;
using Dapper;
using GridServices.Hosting.Storage;
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

    /// <summary>Pages run out before the COMMIT; a real disk runs out at it.</summary>
    [Fact]
    public async Task A_disk_that_is_full_at_the_commit_is_told_and_got_over()
    {
        using var disk = SmallDisk.Mount(megabytes: 6);
        await using var service = await ServiceApp.StartAsync(SampleApp.Build, null, $"--Storage:Path={disk.Folder}");
        using var client = service.Client(service.Tokens.Operator);
        var store = service.App.Services.GetRequiredService<Store>();
        var written = 0;
        var atCommit = false;
        while (!atCommit)
        {
            var done = false;
            try
            {
                await store.WriteAsync(async tx =>
                {
                    await tx.Connection!.ExecuteAsync("INSERT INTO note (author, written_at, payload) VALUES ('me', 0, zeroblob(8192))", transaction: tx);
                    done = true;
                });
                written++;
            }
            catch (StoreUnavailableException full)
            {
                Assert.Contains("the disk is full", full.Message, StringComparison.Ordinal);
                atCommit = done;
            }
        }

        using (var refused = await client.PostAsync("/v1/notes", null))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        }

        var failing = Assert.Single(await Readiness.UntilAsync(client, ready: false));
        Assert.Contains("nothing can be stored: The store can't do this now: the disk is full.", failing.Detail, StringComparison.Ordinal);
        await Readiness.DemandLiveAsync(client);
        Assert.Equal(written, await store.ReadAsync(db => db.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM note")));

        disk.Grow(megabytes: 32);
        await Readiness.UntilAsync(client, ready: true);
        using var again = await client.PostAsync("/v1/notes", null);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    [Fact]
    public async Task A_full_disk_is_noticed_without_anybody_writing()
    {
        using var disk = SmallDisk.Mount(megabytes: 6);
        await using var service = await ServiceApp.StartAsync(SampleApp.Build, null, $"--Storage:Path={disk.Folder}");
        using var client = service.Client();
        disk.Fill();
        Assert.Contains("the disk is full", Assert.Single(await Readiness.UntilAsync(client, ready: false)).Detail, StringComparison.Ordinal);
        disk.Clear();
        await Readiness.UntilAsync(client, ready: true);
    }

    private static Task<int> LimitPagesAsync(ServiceApp service, int pages) => service.App.Services.GetRequiredService<Store>().WriteAsync(
        tx => tx.Connection!.ExecuteAsync($"PRAGMA max_page_count={pages}", transaction: tx));
}
