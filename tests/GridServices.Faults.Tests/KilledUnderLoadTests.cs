using GridServices.Hosting.Storage;
using GridServices.Testing;

namespace GridServices.Faults.Tests;

/// <summary>The hub dies while publications come in: F07 (kill -9) and F29 (SIGTERM). GRIDSERVICES_FAULTS=long: fifty sites, ten minutes.</summary>
public sealed class KilledUnderLoadTests
{
    private static readonly TimeSpan LongRun = TimeSpan.FromMinutes(10);

    [Fact]
    public Task Killed_at_any_instant_it_loses_nothing_doubles_nothing_and_tells_no_looser_limit() => RunAsync("F07", "KILL", 137);

    [Fact]
    public Task Told_to_end_it_ends_well_and_loses_nothing() => RunAsync("F29", "TERM", 0);

    private static async Task RunAsync(string fault, string signal, int expectedCode)
    {
        await using var place = TestStores.Create(Dialect.Sqlite);
        var tokens = new TestTokens(place.Folder);
        await using var hub = new HubChild(place, tokens, []);
        await hub.StartAsync();
        var load = new SiteLoad(FaultSuite.IsLong ? 50 : 4);
        using var stop = new CancellationTokenSource();
        using var publisher = hub.Client(tokens.Publisher);
        await using var witness = new SiteWitness(hub.Client(tokens.Controller), load);
        await witness.FollowingAsync();
        var publishing = load.RunAsync(publisher, stop.Token);
        var recoveries = new List<TimeSpan>();
        var draws = new Random(7);
        var started = TimeProvider.System.GetTimestamp();
        while (FaultSuite.IsLong ? TimeProvider.System.GetElapsedTime(started) < LongRun : recoveries.Count < 3)
        {
            await FaultRun.TakenAsync(load, 10 * load.Sites, hub.LastWords);
            await Task.Delay(FaultSuite.IsLong ? TimeSpan.FromSeconds(2 + (8 * draws.NextDouble())) : TimeSpan.FromMilliseconds(7 * recoveries.Count), TestContext.Current.CancellationToken);
            var (code, took) = await hub.EndAsync(signal);
            Assert.Equal(expectedCode, code);
            Assert.True(!FaultSuite.IsLong || took < TimeSpan.FromSeconds(10), $"{signal} took {took}");
            recoveries.Add(await hub.StartAsync());
        }

        await FaultRun.TakenAsync(load, load.Sites, hub.LastWords);
        await stop.CancelAsync();
        await publishing;
        await FaultRun.JudgeAsync(fault, load, witness, recoveries);
    }
}
