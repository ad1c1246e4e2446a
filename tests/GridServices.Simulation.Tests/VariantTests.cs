using GridServices.Simulation.Kernel;

namespace GridServices.Simulation.Tests;

/// <summary>The checks find what they are for: each deliberate fault is found by its property, within a number of seeds.</summary>
public sealed class VariantTests
{
    [Theory]
    [InlineData("ControllerForgets", "P1", 150)]
    [InlineData("ControllerWithoutFailsafe", "P2", 5)]
    [InlineData("StoreAcknowledgesEarly", "P3", 60)]
    [InlineData("RelayWithoutOrder", "P3", 100)]
    [InlineData("HubSkipsSequences", "P4", 30)]
    [InlineData("HubShowsUncommitted", "P5", 30)]
    [InlineData("HubKeepsRefused", "P6", 30)]
    [InlineData("EngineWithoutFence", "P3", 40)]
    [InlineData("EngineForgets", "P3", 10)]
    [InlineData("EngineDrawsAnew", "Chance", 60)]
    [InlineData("EngineAnswersAnew", "Opt", 60)]
    public void A_deliberate_fault_is_found(string variant, string property, int seeds)
    {
        var found = Enumerable.Range(1, seeds).Select(seed => SimulationRun.Execute((ulong)seed, Enum.Parse<Variant>(variant)).Found).OfType<Checks.Violation>();
        Assert.Contains(found, violation => violation.Property == property);
    }
}
