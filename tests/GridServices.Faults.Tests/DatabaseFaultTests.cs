using System.Net;
using GridServices.EnvelopeHub.Service;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using Npgsql;

namespace GridServices.Faults.Tests;

/// <summary>The database dies, is stopped or is held up under a running hub: F09, F10, F11, F25.</summary>
public sealed class DatabaseFaultTests
{
    [Fact]
    public Task A_database_that_is_killed_has_lost_nothing_that_was_acknowledged() => RunAsync("F09", server => server.KillServerAsync());

    [Fact]
    public Task While_the_database_is_down_limits_are_told_or_refused_and_nothing_is_acknowledged() => RunAsync("F10", server => server.StopServerAsync());

    [Fact]
    public async Task Behind_a_locked_table_reads_go_on_writes_wait_in_a_bounded_queue_and_what_was_shed_says_when_to_come_back()
    {
        await using var place = TestStores.Create(Dialect.PostgreSql);
        await using var hub = await ServiceApp.StartAsync(
            EnvelopeHubApp.Build, place, "--EnvelopeHub:SettleTime=00:00:00", "--EnvelopeHub:QueuedItems=20",
            $"--Storage:PostgreSql={place.Options.PostgreSql};Command Timeout=300"); // by itself a statement gives up after 30 s, which a busy machine may need below
        using var publisher = hub.Client(hub.Tokens.Publisher);
        using var controller = hub.Client(hub.Tokens.Controller);
        var load = new SiteLoad(1);
        Assert.True(await load.RoundAsync(publisher));

        await using var source = NpgsqlDataSource.Create(place.Options.PostgreSql!);
        await using var locker = await source.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var hold = await locker.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using (var locked = new NpgsqlCommand($"LOCK TABLE \"{place.Schema}\".site IN ACCESS EXCLUSIVE MODE", locker, hold))
        {
            await locked.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        // The first to wait for the lock: the burst must not fill the queue before it has come.
        var waiting = load.RoundAsync(publisher);
        await Until.HoldsAsync(
            () => place.SqlAsync("SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND mode = 'RowExclusiveLock' AND relation = 'site'::regclass"), found => found[0] != "0");
        var burst = Enumerable.Range(0, 200).Select(n => publisher.PostAsync(new Uri("/v1/envelopes", UriKind.Relative), SiteLoad.Single(n + 10), TestContext.Current.CancellationToken)).ToList();
        await Until.HoldsAsync(() => burst.Count(answer => answer.IsCompletedSuccessfully) >= 170);
        for (var i = 0; i < 20; i++)
        {
            using var told = await controller.GetAsync(new Uri("/v1/sites/site-0/effective/now/importLimitW", UriKind.Relative), TestContext.Current.CancellationToken);
            Assert.Equal((HttpStatusCode.OK, $"{SiteLoad.Watts(1)}"), (told.StatusCode, await told.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
            await Readiness.DemandLiveAsync(controller);
        }

        Assert.False(waiting.IsCompleted);
        await hold.RollbackAsync(TestContext.Current.CancellationToken);
        Assert.True(await waiting);
        var answers = await Task.WhenAll(burst);
        var taken = answers.Count(answer => answer.StatusCode == HttpStatusCode.OK);
        var shed = Shed(answers);
        Assert.Equal(200, taken + shed);
        Assert.InRange(taken, 1, 100);
        Assert.Equal($"{taken + 1}", Assert.Single(await place.SqlAsync("SELECT COUNT(*) FROM site")));
        FaultSuite.Report("F11", $"taken={taken} shed={shed} lost=0");
        FaultSuite.Report("F25", $"taken={taken} shed={shed} lost=0");
    }

    private static int Shed(HttpResponseMessage[] answers)
    {
        var refused = answers.Where(answer => answer.StatusCode != HttpStatusCode.OK).ToList();
        Assert.All(refused, answer =>
        {
            Assert.True(answer.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable, $"{answer.StatusCode}");
            Assert.NotNull(answer.Headers.RetryAfter);
        });
        return refused.Count;
    }

    private static async Task RunAsync(string fault, Func<OwnPostgreSql, Task> strike)
    {
        await using var server = await OwnPostgreSql.StartAsync();
        await using var place = TestStores.Create(Dialect.Sqlite);
        var tokens = new TestTokens(place.Folder);
        await using var hub = new HubChild(place, tokens, [$"--Storage:PostgreSql={server.ConnectionString}", "--Storage:Schema=hub"]);
        await hub.StartAsync();
        var load = new SiteLoad(FaultSuite.IsLong ? 50 : 4);
        using var stop = new CancellationTokenSource();
        using var publisher = hub.Client(tokens.Publisher);
        await using var witness = new SiteWitness(hub.Client(tokens.Controller), load);
        await witness.FollowingAsync();
        var publishing = load.RunAsync(publisher, stop.Token);
        var recoveries = new List<TimeSpan>();
        while (recoveries.Count < (FaultSuite.IsLong ? 20 : 2))
        {
            await FaultRun.TakenAsync(load, 10 * load.Sites, hub.LastWords);
            await strike(server);
            var taken = load.Taken;
            await UntilRefusedAsync(publisher);
            Assert.InRange(load.Taken, taken, taken + load.Sites); // what was answered just before, and nothing else
            await Task.Delay(FaultSuite.IsLong ? TimeSpan.FromSeconds(30) : TimeSpan.Zero, TestContext.Current.CancellationToken);

            var began = TimeProvider.System.GetTimestamp();
            await server.StartServerAsync();
            await FaultRun.TakenAsync(load, load.Sites, hub.LastWords);
            recoveries.Add(TimeProvider.System.GetElapsedTime(began));
        }

        await stop.CancelAsync();
        await publishing;
        await hub.EndAsync("KILL");
        await hub.StartAsync();
        await FaultRun.JudgeAsync(fault, load, witness, recoveries);
    }

    /// <summary>Another publication, of a site of its own, is refused as one that is to come again.</summary>
    private static Task<HttpStatusCode> UntilRefusedAsync(HttpClient publisher) => Until.HoldsAsync(
        async () =>
        {
            using var answer = await publisher.PostAsync(new Uri("/v1/envelopes", UriKind.Relative), SiteLoad.Single(999));
            return answer.StatusCode;
        },
        status => status == HttpStatusCode.ServiceUnavailable);
}
