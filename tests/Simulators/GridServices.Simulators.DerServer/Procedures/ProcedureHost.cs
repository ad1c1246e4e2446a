namespace GridServices.Simulators.DerServer.Procedures;

/// <summary>Plays a procedure in real time and ends the process with its verdict.</summary>
internal sealed class ProcedureHost(Procedure procedure, SimulatedUtility utility, IHostApplicationLifetime lifetime, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var run = new ProcedureRun(procedure, utility);
        Environment.ExitCode = 1;
        lifetime.ApplicationStopping.Register(() =>
        {
            if (run.Verdict is null)
            {
                utility.Log.Write($"{procedure.Name} is not over; open: {string.Join(", ", run.Open)}");
            }
        });
        while (run.Verdict is null)
        {
            await Task.Delay(Second, time, stoppingToken);
            run.Tick();
        }

        Environment.ExitCode = run.Verdict.Passed ? 0 : 1;
        lifetime.StopApplication();
    }
}
