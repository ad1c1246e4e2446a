namespace GridServices.Simulation.Tests;

/// <summary>Every property holds under every seed, and one seed is one run.</summary>
public sealed class SeedTests
{
    private const ulong Seeds = 200;

    [Fact]
    public void Every_property_holds_under_two_hundred_seeds()
    {
        var entries = 0;
        for (var seed = 1UL; seed <= Seeds; seed++)
        {
            var run = SimulationRun.Execute(seed);
            Assert.True(run.Found is null, $"Seed {seed}: {run.Found}. Replay: tests/simulate.sh --seed {seed} --trace");
            entries += run.Entries;
        }

        // What stores next to nothing proves nothing.
        Assert.True(entries > 1_500, $"{entries} publications stored");
    }

    [Theory]
    [InlineData(7)]
    [InlineData(38)]
    public void A_seed_is_one_run(ulong seed)
    {
        var (once, again) = (SimulationRun.Execute(seed, traced: true), SimulationRun.Execute(seed, traced: true));
        Assert.Equal(once.Trace, again.Trace);
        Assert.True(once.Trace.Count > 50, $"{once.Trace.Count} lines");
    }

    [Fact]
    public void Another_seed_is_another_run() =>
        Assert.NotEqual(SimulationRun.Execute(1, traced: true).Trace, SimulationRun.Execute(2, traced: true).Trace);

    [Fact]
    public void Faults_come_in_storms_alone() =>
        Assert.DoesNotContain(SimulationRun.Execute(17, traced: true).Trace, line => !line.Contains(" * ", StringComparison.Ordinal) && line.Contains(" dies: ", StringComparison.Ordinal));
}
