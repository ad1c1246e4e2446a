using GridServices.Simulators.DerServer.Model;
using NodaTime;

namespace GridServices.Simulators.DerServer.Control;

/// <summary>A dynamic operating envelope for a demo site: limits that change every minute, one cancelled, the default in between; for ever.</summary>
internal sealed class DemoScript(SimulatedUtility utility, TimeProvider time) : BackgroundService
{
    private static readonly Duration Minute = Duration.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var program = utility.AddProgram(primacy: 1, description: "Dynamic operating envelope");
        utility.SetDefault(program, SimModes.Create(("opModImpLimW", 80_000), ("opModExpLimW", 5_000)), setGradW: 100);
        while (utility.Devices.All(d => d.Number == 0))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), time, stoppingToken);
        }

        while (true)
        {
            await Round(program, stoppingToken);
        }
    }

    /// <summary>Four minutes: half of one with 70 kW import and 10 kW export, one with 45 kW and none, a third that is called off half-way, then the default.</summary>
    private async Task Round(SimProgram program, CancellationToken ct)
    {
        var start = utility.Now + Duration.FromSeconds(15);
        utility.AddControl(program, start, Minute / 2, SimModes.Create(("opModImpLimW", 70_000), ("opModExpLimW", 10_000)));
        utility.AddControl(program, start + (Minute / 2), Minute, SimModes.Create(("opModImpLimW", 45_000), ("opModExpLimW", 0)));
        var calledOff = utility.AddControl(program, start + (1.5 * Minute), Minute, SimModes.Create(("opModImpLimW", 30_000), ("opModExpLimW", 2_500)));
        await Until(start + (2 * Minute), ct);
        utility.Cancel(program, calledOff);
        await Until(start + (3.75 * Minute), ct);
        foreach (var over in program.Controls.Where(c => c.End < utility.Now || c.CancelledAt is not null).ToList())
        {
            utility.Drop(program, over);
        }
    }

    private Task Until(Instant at, CancellationToken ct) =>
        at > utility.Now ? Task.Delay((at - utility.Now).ToTimeSpan(), time, ct) : Task.CompletedTask;
}
