using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Simulators.DerServer;
using GridServices.Simulators.DerServer.Control;
using GridServices.Simulators.DerServer.Procedures;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Procedures;

/// <summary>Our own procedures after the SunSpec CSIP tests, in virtual time; and that a procedure can be failed.</summary>
public sealed class SunSpecTests
{
    public static TheoryData<string> Names => [.. SunSpecProcedures.All.Select(p => p.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_client_passes(string name)
    {
        var world = World();
        var run = new ProcedureRun(SunSpecProcedures.Named(name), world.Utility);
        Assert.True(world.Play(run, Duration.FromHours(2)) is { Passed: true }, PublicProcedureTests.Story(world, run));
    }

    [Theory]
    [InlineData("CORE-003")]
    [InlineData("CORE-013")]
    [InlineData("CORE-022")]
    public void The_client_passes_with_a_server_that_names_versions(string name)
    {
        var world = World(hasETags: true);
        var run = new ProcedureRun(SunSpecProcedures.Named(name), world.Utility);
        Assert.True(world.Play(run, Duration.FromHours(2)) is { Passed: true }, PublicProcedureTests.Story(world, run));
        Assert.Contains(world.Utility.Log.Requests(), r => r.Status == 304);
    }

    [Fact]
    public void A_client_whose_responses_get_lost_fails()
    {
        var world = World();
        world.Utility.Faults.Reply("/edev/1/rsps/site_control/rsp", new CannedReply { Status = 503 });
        var verdict = world.Play(new ProcedureRun(SunSpecProcedures.Named("CORE-013"), world.Utility), Duration.FromHours(1));
        Assert.Null(verdict);
        Assert.Empty(world.Utility.Responses);
    }

    [Fact]
    public void A_client_that_polls_too_seldom_fails()
    {
        var world = World(config => config with { Polling = new DerPolling { Floor = Duration.FromSeconds(200) } });
        var verdict = world.Play(new ProcedureRun(SunSpecProcedures.Named("CORE-003"), world.Utility), Duration.FromHours(1));
        Assert.False(verdict?.Passed);
        Assert.Contains(verdict!.Complaints, c => c.Contains("missed", StringComparison.Ordinal));
    }

    [Fact]
    public void A_resource_the_client_does_not_read_keeps_a_procedure_open()
    {
        var world = World(config => config with { Pin = "123455" });
        var run = new ProcedureRun(SunSpecProcedures.Named("COMM-002"), world.Utility);
        Assert.Null(world.Play(run, Duration.FromHours(1)));
        Assert.Contains("GET-DDERC", run.Open);
    }

    private static ProcedureWorld World(Func<DerClientConfig, DerClientConfig>? change = null, bool hasETags = false)
    {
        var config = PublicProcedureTests.CreateConfig("ALL-18", SimDialect.CsipAus12);
        return new ProcedureWorld(SimDialect.CsipAus12, change is null ? config : change(config), hasETags: hasETags);
    }
}
