using GridServices.Ieee2030Dot5.Configuration;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Driver;

/// <summary>Notices when the machine's clock was set or the machine slept: every client then states its limits anew by it, and asks its server for the time again.</summary>
internal sealed partial class ClockStepMonitor(ClientHost host, JournalOptions options, SteadyClock clock, TimeProvider time, ILogger<ClockStepMonitor> log)
    : BackgroundService
{
    private Duration _knownStep;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(options.WriteInterval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            CheckClock();
        }
    }

    private void CheckClock()
    {
        var step = clock.Step;
        if (step != _knownStep)
        {
            LogStepped((step - _knownStep).TotalSeconds);
            _knownStep = step;
            foreach (var client in host.Loops)
            {
                client.Offer(new EngineWork<DerClientConfig, DerInput, NoteKind>.Apply(new DerInput.ClockStepped(step)));
            }
        }
    }

    [LoggerMessage(EventId = EventIds.ClockStepMonitorStepped, Level = LogLevel.Warning, Message = "The machine's clock was set by {Seconds:F0} s, or the machine slept; every client states its limits anew by it and asks its server for the time again")]
    private partial void LogStepped(double seconds);
}
