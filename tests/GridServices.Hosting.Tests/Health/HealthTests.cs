using System.Net;
using System.Net.Http.Json;
using GridServices.Contracts;
using GridServices.Hosting.Health;
using GridServices.Hosting.Tests.Sample;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace GridServices.Hosting.Tests.Health;

public sealed class HealthTests
{
    [Fact]
    public async Task Readiness_names_what_is_missing_and_comes_back()
    {
        string? missing = "the utility has not answered yet";
        await using var service = await ServiceApp.StartAsync(args => SampleApp.Build(args, builder => builder.Services.AddReadyCheck("utility", _ => _ => Task.FromResult<string?>(missing))));
        var (status, answer) = await AskAsync(service, "ready");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "notReady"), (status, answer.Status));
        Assert.Equal(missing, Assert.Single(answer.Checks, check => !check.Ok).Detail);
        Assert.True(Assert.Single(answer.Checks, check => check.Name == "store").Ok);

        Assert.Equal(1, await ProbeAsync(service, "ready"));
        missing = null;
        Assert.Equal((HttpStatusCode.OK, "ready"), await ShortAsync(service, "ready"));
        Assert.Equal((HttpStatusCode.OK, "live"), await ShortAsync(service, "live"));
    }

    [Fact]
    public async Task A_program_asks_for_the_health_of_one_that_runs_and_says_it_by_its_exit_code()
    {
        await using var service = await ServiceApp.StartAsync(SampleApp.Build);
        Assert.Equal(0, await ProbeAsync(service, "live"));
        Assert.Equal(1, await GridService.RunAsync(["--probe", "http://127.0.0.1:9/health/live"], _ => throw new InvalidOperationException("nothing is to be started")));
        Assert.Equal(1, await GridService.RunAsync(["--probe", "nowhere"], _ => throw new InvalidOperationException("nothing is to be started")));
    }

    [Fact]
    public async Task Readiness_is_a_metric_too_and_names_the_check_that_fails()
    {
        const string missing = "the utility has not answered yet";
        await using var service = await ServiceApp.StartAsync(args => SampleApp.Build(args, builder => builder.Services.AddReadyCheck("utility", _ => _ => Task.FromResult<string?>(missing))));
        using var client = service.Client();
        var shown = await Until.HoldsAsync(() => client.GetStringAsync("/metrics"), text => text.Contains("\nservice_check_ok{check=\"utility\"} 0\n", StringComparison.Ordinal));
        Assert.Contains("\nservice_check_ok{check=\"store\"} 1\n", shown, StringComparison.Ordinal);
        Assert.Contains("\nservice_ready 0\n", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void A_loop_that_falls_silent_is_stuck_until_it_beats_again()
    {
        var time = new ManualTimeProvider();
        var liveness = new Liveness(time);
        var beat = liveness.Watch("poll", TimeSpan.FromSeconds(10));
        time.Advance(Duration.FromSeconds(10));
        Assert.True(Assert.Single(liveness.Checks()).Ok);
        time.Advance(Duration.FromSeconds(1));
        Assert.False(Assert.Single(liveness.Checks()).Ok);
        beat.Beat();
        Assert.True(Assert.Single(liveness.Checks()).Ok);
        beat.Dispose();
        Assert.Empty(liveness.Checks());
    }

    [Fact]
    public void A_loop_that_waits_for_work_is_not_stuck_and_one_that_does_not_end_its_work_is()
    {
        var time = new ManualTimeProvider();
        var liveness = new Liveness(time);
        var working = false;
        using var beat = liveness.Watch("writer", TimeSpan.FromSeconds(10), () => working);
        time.Advance(Duration.FromHours(1));
        Assert.True(Assert.Single(liveness.Checks()).Ok);
        working = true;
        Assert.False(Assert.Single(liveness.Checks()).Ok);
    }

    [Fact]
    public async Task A_note_is_told_and_leaves_the_service_ready()
    {
        await using var service = await ServiceApp.StartAsync(args => SampleApp.Build(args, builder => builder.Services.AddReadyNote("rows", _ => _ => Task.FromResult<string?>("one is damaged"))));
        var (status, answer) = await AskAsync(service, "ready");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal((true, "one is damaged"), Assert.Single(answer.Checks.Where(check => check.Name == "rows").Select(check => (check.Ok, check.Detail))));
    }

    [Fact]
    public async Task A_stuck_loop_makes_liveness_fail()
    {
        await using var service = await ServiceApp.StartAsync(SampleApp.Build);
        using var beat = service.App.Services.GetRequiredService<Liveness>().Watch("engine", TimeSpan.FromTicks(1));
        await Task.Delay(5);
        var (status, answer) = await AskAsync(service, "live");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "stuck"), (status, answer.Status));
    }

    private static async Task<(HttpStatusCode Status, string Text)> ShortAsync(ServiceApp service, string which)
    {
        var (status, answer) = await AskAsync(service, which);
        return (status, answer.Status);
    }

    private static async Task<(HttpStatusCode Status, HealthAnswer Answer)> AskAsync(ServiceApp service, string which)
    {
        using var client = service.Client();
        using var answer = await client.GetAsync("/health/" + which);
        return (answer.StatusCode, (await answer.Content.ReadFromJsonAsync<HealthAnswer>(ContractJson.Options))!);
    }

    private static Task<int> ProbeAsync(ServiceApp service, string path) =>
        GridService.RunAsync(["--probe", new Uri(service.Address, $"/health/{path}").ToString()], _ => throw new InvalidOperationException("nothing is to be started"));
}
