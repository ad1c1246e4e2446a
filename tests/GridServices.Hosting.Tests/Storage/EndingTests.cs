using GridServices.Hosting.Storage;
using GridServices.Hosting.Tests.Sample;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace GridServices.Hosting.Tests.Storage;

/// <summary>A process that is asked to end ends, with exit code 0, whatever it was about.</summary>
public sealed class EndingTests
{
    // A node that leaves a cluster is soon held for dead by the others, and finds its row ended while it still stops: at load it came back as a new node.
    [Fact]
    public async Task One_that_was_asked_to_end_ends_though_it_finds_that_it_was_overtaken()
    {
        await using var place = TestStores.Create(Dialect.Sqlite);
        var (isStopAsked, starts) = (false, 0);
        string[] arguments = ["--urls=http://127.0.0.1:0", "--Auth:AllowAnonymous=true", "--Logging:LogLevel:Default=Error", .. place.Arguments];
        var code = await GridService.RunHostsAsync(
            arguments,
            args =>
            {
                var app = SampleApp.Build(args);
                var standby = app.Services.GetRequiredService<Standby>();
                app.Lifetime.ApplicationStarted.Register(() =>
                {
                    // The first time only overtaken, the second time while it ends.
                    isStopAsked = ++starts > 1;
                    app.Lifetime.StopApplication();
                });
                app.Lifetime.ApplicationStopping.Register(() =>
                {
                    // A third start would be one too many, and ends by itself: the count tells.
                    if (starts < 3)
                    {
                        standby.Overtaken();
                    }
                });
                return app;
            },
            () => isStopAsked);
        Assert.Equal((0, 2), (code, starts));
    }

    [Fact]
    public async Task One_that_is_asked_to_end_while_it_starts_ends_in_order()
    {
        await using var place = TestStores.Create(Dialect.Sqlite);
        string[] arguments = ["--urls=http://127.0.0.1:0", "--Auth:AllowAnonymous=true", "--Logging:LogLevel:Default=Error", .. place.Arguments];
        var code = await GridService.RunHostsAsync(
            arguments,
            args =>
            {
                var app = SampleApp.Build(args);
                app.Lifetime.StopApplication();
                return app;
            },
            () => true);
        Assert.Equal(0, code);
    }

    // The host cancels what it starts: a loop that ends by that is no fault of the service.
    [Fact]
    public async Task A_loop_that_ends_because_the_host_is_to_end_is_no_fault()
    {
        await using var place = TestStores.Create(Dialect.Sqlite);
        await using var app = SampleApp.Build(["--urls=http://127.0.0.1:0", "--Auth:AllowAnonymous=true", "--Logging:LogLevel:Default=Error", .. place.Arguments]);
        var (lifetime, standby) = (app.Lifetime, app.Services.GetRequiredService<Standby>());
        using var loop = new HostLoop(lifetime);
        using var work = new StandbyWork([loop], app.Services.GetRequiredService<Store>(), standby, lifetime, NullLogger<StandbyWork>.Instance);
        await app.StartAsync();
        await work.StartAsync(CancellationToken.None);
        lifetime.StopApplication();
        await loop.ExecuteTask!.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        await app.WaitForShutdownAsync();
        Assert.True(loop.ExecuteTask!.IsCanceled);
        Assert.Null(standby.Fault);
        await work.StopAsync(CancellationToken.None);
    }

    private sealed class HostLoop(IHostApplicationLifetime lifetime) : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Delay(Timeout.Infinite, lifetime.ApplicationStopping);
    }
}
