using System.Net;
using GridServices.Hosting.Jobs;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Tests.Sample;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace GridServices.Hosting.Tests.Jobs;

public sealed class RecurringJobTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_job_runs_once_the_service_has_come_up_and_its_plan_and_history_are_shown(Dialect dialect)
    {
        await using var place = TestStores.Create(dialect);
        string[] kept = dialect == Dialect.PostgreSql
            ? [$"--Jobs:PostgreSql={Environment.GetEnvironmentVariable("GRIDSERVICES_TEST_POSTGRES")}", $"--Jobs:Schema={place.Schema}_jobs"]
            : [];
        await using (var service = await StartAsync(place, kept))
        {
            await IsShownAsync(service);
            Assert.Equal(1, Assert.Single(service.App.Services.GetRequiredService<JobStore>().Storage.GetMonitoringApi().Servers()).WorkersCount);
        }

        if (dialect == Dialect.PostgreSql)
        {
            await place.SqlAsync($"DROP SCHEMA \"{place.Schema}_jobs\" CASCADE");
        }
    }

    private static async Task IsShownAsync(ServiceApp service)
    {
        await service.App.Services.GetRequiredService<CountingJob>().Ran.Task.WaitAsync(Ct);
        using var @operator = service.Client(service.Tokens.Operator);
        await Until.HoldsAsync(() => @operator.GetStringAsync(new Uri("/jobs/jobs/succeeded", UriKind.Relative), Ct), page => page.Contains("counting", StringComparison.Ordinal));
        Assert.Contains("counting", await @operator.GetStringAsync(new Uri("/jobs/recurring", UriKind.Relative), Ct), StringComparison.Ordinal);
        Assert.DoesNotContain("Password=", await @operator.GetStringAsync(new Uri("/jobs/", UriKind.Relative), Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_dashboard_is_for_operators_only()
    {
        await using var service = await StartAsync(null);
        using var nobody = service.Client();
        using var publisher = service.Client(service.Tokens.Publisher);
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.GetAsync(new Uri("/jobs/recurring", UriKind.Relative), Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await publisher.GetAsync(new Uri("/jobs/recurring", UriKind.Relative), Ct)).StatusCode);
        using var trigger = new FormUrlEncodedContent([new("jobs[]", "counting")]);
        Assert.Equal(HttpStatusCode.Forbidden, (await publisher.PostAsync(new Uri("/jobs/recurring/trigger", UriKind.Relative), trigger, Ct)).StatusCode);
    }

    [Fact]
    public async Task A_failing_job_is_shown_as_failed_and_a_second_run_waits_for_no_first()
    {
        await using var service = await StartAsync(null);
        var (runner, job, hold, first) = await HeldRunAsync(service);
        var runs = job.Runs;
        await runner.RunAsync("counting", Ct);
        Assert.Equal(runs, job.Runs);
        hold.SetException(new InvalidOperationException("no disk"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => first);
        var failures = service.App.Services.GetRequiredService<JobFailures>();
        var failing = Assert.Single(failures.Current);
        Assert.Equal(("counting", 1, "no disk"), (failing.Name, failing.Failures, failing.Reason));
        job.Hold = null;
        await runner.RunAsync("counting", Ct);
        Assert.Empty(failures.Current);
        await runner.RunAsync("of an earlier version", Ct);
    }

    [Fact]
    public async Task A_job_that_is_asked_for_before_it_is_planned_runs_as_soon_as_it_is()
    {
        await using var service = await ServiceApp.StartAsync(
            args => SampleApp.Build(args, builder => builder.Services.AddRecurringJob<CountingJob>("counting", "0 0 1 1 *")), null, "--Logging:LogLevel:Default=None");
        service.App.Services.GetRequiredService<JobTrigger>().Run("counting");
        await service.App.Services.GetRequiredService<CountingJob>().Ran.Task.WaitAsync(Ct);
    }

    [Fact]
    public async Task A_job_that_is_asked_for_while_it_runs_runs_once_more()
    {
        await using var service = await StartAsync(null);
        var (runner, job, hold, first) = await HeldRunAsync(service);
        var runs = job.Runs;
        await runner.RunAsync("counting", Ct);
        await runner.RunAsync("counting", Ct);
        hold.SetResult();
        await first;
        Assert.Equal(runs + 1, job.Runs);
        await runner.RunAsync("counting", Ct);
        Assert.Equal(runs + 2, job.Runs);
    }

    /// <summary>A run that goes on until the test ends it; the one at the start is over.</summary>
    private static async Task<(JobRunner Runner, CountingJob Job, TaskCompletionSource Hold, Task Run)> HeldRunAsync(ServiceApp service)
    {
        var (runner, job, hold) = (service.App.Services.GetRequiredService<JobRunner>(), service.App.Services.GetRequiredService<CountingJob>(), new TaskCompletionSource());
        using var @operator = service.Client(service.Tokens.Operator);
        await Until.HoldsAsync(() => @operator.GetStringAsync(new Uri("/jobs/jobs/succeeded", UriKind.Relative), Ct), page => page.Contains("counting", StringComparison.Ordinal));
        job.Hold = hold;
        return (runner, job, hold, runner.RunAsync("counting", Ct));
    }

    private static Task<ServiceApp> StartAsync(TestStore? store, params string[] arguments) => ServiceApp.StartAsync(
        args => SampleApp.Build(args, builder => builder.Services.AddRecurringJob<CountingJob>("counting", "0 0 1 1 *", runsAtStart: true)), store, ["--Logging:LogLevel:Default=None", .. arguments]);

    private sealed class CountingJob : IRecurringJob
    {
        private int _runs;

        public TaskCompletionSource Ran { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource? Hold { get; set; }

        public int Runs => Volatile.Read(ref _runs);

        public async Task RunAsync(CancellationToken ct)
        {
            Interlocked.Increment(ref _runs);
            Ran.TrySetResult();
            if (Hold is { } hold)
            {
                await hold.Task.WaitAsync(ct);
            }
        }
    }
}
