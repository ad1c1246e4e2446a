using GridServices.Contracts;
using GridServices.Contracts.Functions;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Simulators.DerServer;
using GridServices.Simulators.DerServer.Model;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Procedures;

/// <summary>Autonomous functions from the utility's server to the envelope: what is read, when, and what modesSupported says.</summary>
public sealed class FunctionProcedureTests
{
    private static ProcedureWorld World(params FunctionKind[] functions) => new(
        SimDialect.Ieee2018,
        new DerClientConfig
        {
            ServerUrl = "https://utility.example/dcap",
            SiteId = "site-1",
            Lfdi = ProcedureWorld.LFdi,
            Pin = "111115",
            Edition = DerEdition.Ieee2018,
            Nameplate = new DerNameplate { MaxW = ProcedureWorld.MaxW, MaxVar = 4400, MaxVA = 10_000 },
            Functions = functions,
        },
        u => u.Register(ProcedureWorld.LFdi));

    private static IReadOnlyList<EffectiveFunction> Set(ProcedureWorld world)
    {
        var live = world.Publications.OfType<EnginePublication.PublishEnvelope>().Select(p => p.Envelope).ToList();
        return [.. EffectiveEnvelope.Merge("site-1", live, world.Now).Targets.SelectMany(t => t.Functions ?? []).Where(f => f.From <= world.Now)];
    }

    [Fact]
    public void A_curve_is_read_before_its_control_acts_and_again_in_the_rhythm_of_the_programs()
    {
        var world = World(FunctionKind.VoltVar);
        var program = world.Utility.AddProgram(1);
        world.Utility.SetCurve(program, 1, 11, [new(92, 44), new(98, 0), new(102, 0), new(108, -44)], 0, 0, 2, 500);
        world.Utility.AddControl(program, world.Now, Duration.FromHours(4), SimModes.Create(("opModVoltVar", 1)));
        world.Pass(Duration.FromMinutes(1));
        Assert.Equal([new(92m, 44m), new(98m, 0m), new(102m, 0m), new(108m, -44m)], Assert.Single(Set(world)).Function.Curve!);

        Assert.DoesNotContain(world.Notes, n => n.Contains("was not read", StringComparison.Ordinal));

        world.Utility.SetCurve(program, 1, 11, [new(90, 30), new(110, -30)], 0, 0, 2, 500);
        world.Pass(Duration.FromMinutes(12));
        Assert.Equal([new(90m, 30m), new(110m, -30m)], Assert.Single(Set(world)).Function.Curve!);
        world.Restart();
        world.Pass(Duration.FromMinutes(1));
        Assert.Equal(2, Assert.Single(Set(world)).Function.Curve!.Count);
    }

    [Fact]
    public void Nobody_reads_curves_for_a_controller_that_declared_no_function()
    {
        var world = World();
        var program = world.Utility.AddProgram(1);
        world.Utility.SetCurve(program, 1, 11, [new(92, 44)], 0, 0, 2, null);
        world.Utility.AddControl(program, world.Now, Duration.FromHours(4), SimModes.Create(("opModVoltVar", 1)));
        world.Pass(Duration.FromMinutes(2));
        Assert.DoesNotContain(world.State.Nodes.Keys, k => k.Contains("/dc/", StringComparison.Ordinal));
        Assert.Empty(Set(world));
        Assert.Contains(world.Notes, n => n.Contains("opModVoltVar", StringComparison.Ordinal));
    }

    [Fact]
    public void The_capability_states_exactly_what_was_declared()
    {
        var world = World(FunctionKind.VoltVar, FunctionKind.LowVoltageMustTrip, FunctionKind.FixedVar);
        world.Utility.AddProgram(1);
        world.Pass(Duration.FromMinutes(2));

        // Connect, energize, fixedW, maxLimW, targetW, and the three that were declared.
        Assert.Equal("00D800CC", world.Utility.Devices[0].Der["1/dercap"].Elements().Single(e => e.Name.LocalName == "modesSupported").Value.ToUpperInvariant());
        Assert.Equal("00D800CC", world.Utility.Devices[0].Der["1/derg"].Elements().Single(e => e.Name.LocalName == "modesEnabled").Value.ToUpperInvariant());
    }
}
