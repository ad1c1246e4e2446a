using GridServices.Simulation.Checks;
using GridServices.Simulation.Kernel;
using NodaTime;

namespace GridServices.Simulation;

/// <summary>What came of one seed.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Found">The first property that did not hold; null: all held.</param>
/// <param name="Simulated">How much time passed in it.</param>
/// <param name="Entries">How many publications the hub stored.</param>
/// <param name="Trace">A line for each thing that happened, where it was asked for.</param>
internal sealed record SimulationRun(ulong Seed, Violation? Found, Duration Simulated, int Entries, IReadOnlyList<string> Trace)
{
    /// <param name="seed">Decides everything.</param>
    /// <param name="variant">A deliberate fault.</param>
    /// <param name="storms">How often faults come, each time followed by a calm.</param>
    /// <param name="traced">Whether lines are kept.</param>
    public static SimulationRun Execute(ulong seed, Variant variant = Variant.Sound, int storms = 1, bool traced = false)
    {
        var world = new World(seed, variant, traced);
        world.Run(storms);
        return new SimulationRun(seed, world.Checks.Found, world.Elapsed, world.Checks.History.Stored.Count, world.Trace);
    }
}
