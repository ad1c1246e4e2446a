using System.Globalization;
using GridServices.Hosting.Health;
using GridServices.Hosting.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;

namespace GridServices.Hosting.Systemd;

/// <summary>
/// Tells systemd (<c>WatchdogSec=</c>) that every watched loop turns. Where one is stuck nothing is told, and systemd starts the service anew.
/// </summary>
internal sealed class SystemdWatchdog(Liveness liveness, WatchdogSpan span, TimeProvider time, IServiceProvider services) : BackgroundService, IRunsInStandby
{
    private const int TellsPerSpan = 3;
    private static readonly ServiceState Alive = new("WATCHDOG=1");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // There is a notifier only in a process that systemd started.
        if (span.Value is not { } within || services.GetService<ISystemdNotifier>() is not { IsEnabled: true } systemd)
        {
            return;
        }

        while (!stoppingToken.IsCancellationRequested)
        {
            if (liveness.Checks().All(loop => loop.Ok))
            {
                systemd.Notify(Alive);
            }

            await Task.Delay(within / TellsPerSpan, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}

/// <summary>How long systemd waits for a sign of life before it ends the process; null: it does not.</summary>
internal sealed record WatchdogSpan(TimeSpan? Value)
{
    /// <summary>As systemd has said it to this process.</summary>
    internal static WatchdogSpan FromEnvironment() => From(Environment.GetEnvironmentVariable("WATCHDOG_USEC"), Environment.GetEnvironmentVariable("WATCHDOG_PID"), Environment.ProcessId);

    /// <param name="microseconds">WATCHDOG_USEC.</param>
    /// <param name="meant">WATCHDOG_PID: the process it is meant for; null: any.</param>
    /// <param name="self">This process.</param>
    internal static WatchdogSpan From(string? microseconds, string? meant, int self) =>
        long.TryParse(microseconds, NumberStyles.None, CultureInfo.InvariantCulture, out var span) && span > 0 && (meant is null || meant == self.ToString(CultureInfo.InvariantCulture))
            ? new(TimeSpan.FromMicroseconds(span))
            : new((TimeSpan?)null);
}
