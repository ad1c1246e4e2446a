using System.Net;
using System.Text.Json;
using Dapper;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Tests.Sample;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace GridServices.Hosting.Tests.Storage;

/// <summary>Two processes of one service on one PostgreSQL schema: one works, the other waits and takes over.</summary>
public sealed class StandbyTests
{
    private const string OwnerKey = "hashtextextended('gridservices.' || current_schema() || '.owner', 0)";

    private static Task<ServiceApp> StartAsync(TestStore store, params string[] arguments) => ServiceApp.StartAsync(SampleApp.Build, store, arguments);

    private static async Task<HttpStatusCode> WriteAsync(ServiceApp service)
    {
        using var client = service.Client(service.Tokens.Operator);
        using var answer = await client.PostAsync("/v1/notes", null);
        return answer.StatusCode;
    }

    private static async Task<HttpStatusCode> AskAsync(ServiceApp service)
    {
        using var client = service.Client(service.Tokens.Operator);
        using var answer = await client.GetAsync("/v1/whoami");
        return answer.StatusCode;
    }

    private static async Task UntilReadyAsync(ServiceApp service)
    {
        using var client = service.Client();
        await Readiness.UntilAsync(client, ready: true);
    }

    [Fact]
    public async Task The_second_is_not_ready_refuses_everything_but_probes_and_takes_over_when_the_first_ends()
    {
        await using var place = TestStores.Create(Dialect.PostgreSql);
        var first = await StartAsync(place);
        await using var second = await StartAsync(place);
        using var client = second.Client(second.Tokens.Operator);
        var failing = Assert.Single(await Readiness.UntilAsync(client, ready: false));
        Assert.Contains("stand-by: sample on", failing.Detail, StringComparison.Ordinal);
        await Readiness.DemandLiveAsync(client);
        using (var metrics = await client.GetAsync("/metrics"))
        {
            Assert.Equal(HttpStatusCode.OK, metrics.StatusCode);
        }

        foreach (var path in new[] { "/v1/whoami", "/v1/open", "/v1/nothing-here" })
        {
            using var refused = await client.GetAsync(path);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.NotNull(refused.Headers.RetryAfter);
            using var problem = JsonDocument.Parse(await refused.Content.ReadAsStringAsync());
            Assert.Contains("stand-by", problem.RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.OK, await WriteAsync(first));
        await first.DisposeAsync();
        await UntilReadyAsync(second);
        Assert.Equal(HttpStatusCode.OK, await WriteAsync(second));
    }

    [Fact]
    public async Task One_that_is_cut_off_from_the_server_can_not_write_after_another_has_taken_over()
    {
        await using var place = TestStores.Create(Dialect.PostgreSql);
        await using var line = PostgreSqlProxy.To(place);
        await using var first = await StartAsync(place, $"--Storage:PostgreSql={line.ConnectionString}");
        await using var second = await StartAsync(place);
        Assert.Equal(HttpStatusCode.OK, await WriteAsync(first));

        // The line is whole again before the first has looked: only its term tells that it may not write.
        line.Cut();
        await UntilReadyAsync(second);
        line.Restore();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await WriteAsync(first));
        Assert.Equal(HttpStatusCode.OK, await WriteAsync(second));
        var standby = first.App.Services.GetRequiredService<Standby>();
        await UntilAsync(() => first.App.Lifetime.ApplicationStopping.IsCancellationRequested);
        Assert.True(standby.WasOvertaken);
        Assert.NotNull(standby.WaitsFor);
    }

    [Fact]
    public async Task One_that_is_cut_off_goes_on_where_nobody_took_over()
    {
        await using var place = TestStores.Create(Dialect.PostgreSql);
        await using var line = PostgreSqlProxy.To(place);
        await using var service = await StartAsync(place, $"--Storage:PostgreSql={line.ConnectionString}");
        using var client = service.Client();
        line.Cut();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await WriteAsync(service));
        await Readiness.UntilAsync(client, ready: false);
        service.App.Services.GetRequiredService<Standby>().Silence = TimeSpan.Zero;
        await UntilAsync(async () => await AskAsync(service) == HttpStatusCode.ServiceUnavailable);
        service.App.Services.GetRequiredService<Standby>().Silence = TimeSpan.FromMinutes(5);
        line.Restore();
        await Readiness.UntilAsync(client, ready: true);
        await UntilAsync(async () => await AskAsync(service) == HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.OK, await WriteAsync(service));
        Assert.False(service.App.Services.GetRequiredService<Standby>().WasOvertaken);

        // And the right to write is its own again: another one still has to wait.
        await UntilAsync(async () =>
        {
            await using var other = new Store(place.Options with { OneWriter = true }, []);
            return !await other.TryOwnAsync(CancellationToken.None);
        });
    }

    // Stopped after the database had answered, and overtaken before it goes on.
    [Fact]
    public void An_answer_to_what_was_asked_long_ago_makes_nobody_sure()
    {
        using var standby = new Standby { IsWatched = true, Silence = TimeSpan.FromMinutes(5) };
        standby.Works();
        Assert.True(standby.MayTell);
        var open = standby.Doubt;
        var longAgo = TimeProvider.System.GetTimestamp() - (6 * 60 * TimeProvider.System.TimestampFrequency);
        standby.Sure(longAgo);
        Assert.False(standby.MayTell);
        Assert.True(standby.DoubtIfStale());
        Assert.True(open.IsCancellationRequested);
        standby.Sure(longAgo);
        Assert.True(standby.Doubt.IsCancellationRequested);
        standby.Sure(TimeProvider.System.GetTimestamp());
        Assert.True(standby.MayTell);
        Assert.False(standby.Doubt.IsCancellationRequested);
    }

    // A stand-by counts from the last beat, which may be 5 s before the last answer, and the holder looks each second.
    [Fact]
    public void The_holder_is_in_doubt_before_a_stand_by_may_take_over()
    {
        using var standby = new Standby();
        Assert.InRange(standby.Silence.TotalSeconds, 10, PostgreSqlOwner.SilenceSeconds - 5 - 1);
    }

    // The database is away for it alone: the other one hears what is published from now on.
    [Fact]
    public async Task One_that_alone_is_cut_off_ends_its_open_streams_and_tells_nothing_until_it_could_ask()
    {
        await using var place = TestStores.Create(Dialect.PostgreSql);
        await using var line = PostgreSqlProxy.To(place);
        await using var first = await StartAsync(place, $"--Storage:PostgreSql={line.ConnectionString}");
        await using var second = await StartAsync(place);
        using var client = first.Client(first.Tokens.Operator);
        using var stream = await client.GetAsync("/v1/stop-token", HttpCompletionOption.ResponseHeadersRead);
        await using var body = await stream.Content.ReadAsStreamAsync();
        Assert.NotEqual(0, await body.ReadAsync(new byte[100]));
        first.App.Services.GetRequiredService<Standby>().Silence = TimeSpan.FromSeconds(2);

        line.Cut();
        await UntilReadyAsync(second);
        await Assert.ThrowsAnyAsync<IOException>(async () => await body.ReadExactlyAsync(new byte[100]));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await AskAsync(first));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(second));
        Assert.False(first.App.Lifetime.ApplicationStopping.IsCancellationRequested);
    }

    [Fact]
    public async Task A_transaction_under_way_ends_before_the_next_term_begins()
    {
        await using var place = await TestStores.OpenAsync(Dialect.PostgreSql, typeof(StoreTests).Assembly);
        await using var first = new Store(place.Options with { OneWriter = true }, [typeof(StoreTests).Assembly]);
        await using var second = new Store(place.Options with { OneWriter = true }, [typeof(StoreTests).Assembly]);
        Assert.True(await first.TryOwnAsync(CancellationToken.None));
        Task<bool>? taking = null;
        await first.WriteAsync(async tx =>
        {
            // The session that holds the right dies; the connection of this transaction does not.
            await EndHolderAsync(place);
            taking ??= Task.Run(async () =>
            {
                while (!await TryOwnAsync(second))
                {
                    await Task.Yield();
                }

                return true;
            });
            await UntilAsync(async () => await place.Store.ReadAsync(db => db.ExecuteScalarAsync<bool>(
                "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%INTO store_owner%' AND application_name = 'test')")));
            Assert.False(taking.IsCompleted);
            await tx.Connection!.ExecuteAsync("INSERT INTO note (author, written_at, payload) VALUES ('first', 0, '')", transaction: tx);
        });
        Assert.True(await taking!);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => first.WriteAsync(tx => tx.Connection!.ExecuteAsync("DELETE FROM note", transaction: tx)));
        Assert.False(await first.OwnsAsync(CancellationToken.None));
        Assert.Equal(1, await second.WriteAsync(tx => tx.Connection!.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM note", transaction: tx)));
    }

    [Fact]
    public async Task One_whose_broken_session_still_holds_the_right_at_the_server_is_not_overtaken()
    {
        await using var place = await TestStores.OpenAsync(Dialect.PostgreSql, typeof(StoreTests).Assembly);
        await using var store = new Store(place.Options with { OneWriter = true }, [typeof(StoreTests).Assembly]);
        Assert.True(await store.TryOwnAsync(CancellationToken.None));
        await using (var broken = new NpgsqlConnection(place.Options.PostgreSql))
        {
            await broken.OpenAsync();
            await broken.ExecuteAsync($"SET search_path = {place.Schema}");
            await UntilAsync(async () =>
            {
                await EndHolderAsync(place);
                return await broken.ExecuteScalarAsync<bool>($"SELECT pg_try_advisory_lock({OwnerKey})");
            });
            Assert.True(await store.OwnsAsync(CancellationToken.None));
            await store.WriteAsync(tx => tx.Connection!.ExecuteAsync("DELETE FROM note", transaction: tx));
            await broken.ExecuteAsync($"SELECT pg_advisory_unlock({OwnerKey})");
        }

        Assert.True(await store.OwnsAsync(CancellationToken.None));
        await using var other = new Store(place.Options with { OneWriter = true }, []);
        Assert.False(await other.TryOwnAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_stand_by_may_not_write()
    {
        await using var place = await TestStores.OpenAsync(Dialect.PostgreSql, typeof(StoreTests).Assembly);
        await using var other = new Store(place.Options with { OneWriter = true }, [typeof(StoreTests).Assembly]);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => other.WriteAsync(tx => tx.Connection!.ExecuteAsync("DELETE FROM note", transaction: tx)));
    }

    [Fact]
    public async Task An_overtaken_service_begins_anew_as_a_stand_by_in_the_same_process()
    {
        await using var place = TestStores.Create(Dialect.PostgreSql);
        await using var line = PostgreSqlProxy.To(place);
        using var started = new SemaphoreSlim(0);
        var apps = new List<Microsoft.AspNetCore.Builder.WebApplication>();
        string[] arguments = ["--urls=http://127.0.0.1:0", "--Auth:AllowAnonymous=true", "--Logging:LogLevel:Default=Error", .. place.Arguments, $"--Storage:PostgreSql={line.ConnectionString}"];
        var running = GridService.RunAsync(arguments, args =>
        {
            var app = SampleApp.Build(args);
            app.Lifetime.ApplicationStarted.Register(() =>
            {
                apps.Add(app);
                started.Release();
            });
            return app;
        });
        await started.WaitAsync();
        await using (var other = new Store(place.Options with { OneWriter = true }, []))
        {
            line.Cut();
            await UntilAsync(() => other.TryOwnAsync(CancellationToken.None));
            line.Restore();
            await started.WaitAsync();
            Assert.Contains("stand-by", apps[1].Services.GetRequiredService<Standby>().WaitsFor, StringComparison.Ordinal);
        }

        // The other one has ended: it works again.
        await UntilAsync(() => apps[1].Services.GetRequiredService<Standby>().WaitsFor is null);
        apps[1].Lifetime.StopApplication();
        Assert.Equal(0, await running);
    }

    private static Task<int> EndHolderAsync(TestStore store) => store.Store.ReadAsync(db => db.ExecuteAsync(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid() "
        + $"AND ((classid::bigint << 32) | objid::bigint) = {OwnerKey}"));

    private static async Task<bool> TryOwnAsync(Store store)
    {
        try
        {
            return await store.TryOwnAsync(CancellationToken.None);
        }
        catch (StoreUnavailableException)
        {
            return false; // It waited longer than it may: asked again, as the service does.
        }
    }

    private static Task UntilAsync(Func<bool> happened) => Until.HoldsAsync(happened);

    private static Task<bool> UntilAsync(Func<Task<bool>> happened) => Until.HoldsAsync(happened, has => has);
}
