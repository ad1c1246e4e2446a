using GridServices.Contracts;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Enrollments;
using NodaTime;

namespace GridServices.Operations.Service.Provisioning;

/// <summary>
/// Applies what is due, several enrollments at a time but never two that may share a document: at once when something is wanted, and again when a pause is over.
/// What was wanted before a restart is a row, and is done after it.
/// </summary>
internal sealed partial class ProvisioningLoop(
    EnrollmentWork work, WorkSignal signal, Provisioner provisioner, EnrollmentGroups groups, IClock clock, TimeProvider time,
    ILogger<ProvisioningLoop> logger)
    : BackgroundService
{
    private const int AtOnce = 8;
    private const int PerTurn = 200;
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var some = 0;
            try
            {
                some = await TurnAsync(stoppingToken);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                // Whatever it is: the service must not end for what one row holds.
                LogFailed(logger, fault);
            }

            if (some == 0)
            {
                await signal.WaitAsync(LookAgain, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<int> TurnAsync(CancellationToken ct)
    {
        var (due, faults) = (await work.ListDueAsync(clock.GetCurrentInstant(), PerTurn, ct), new RunFaults(ct));
        await Parallel.ForEachAsync(await groups.GroupAsync(due, ct), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (group, token) =>
        {
            foreach (var row in group)
            {
                await faults.IsolateAsync($"enrollment {row.EnrollmentId}", () => ExecuteItemAsync(row, token));
            }
        });

        // One that can't even be put off is due again at once: the loop pauses.
        faults.ThrowIfAny();
        return due.Count;
    }

    private async Task ExecuteItemAsync(WorkRow row, CancellationToken ct)
    {
        try
        {
            await provisioner.ExecuteAsync(row, ct);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException && !ct.IsCancellationRequested)
        {
            // One enrollment that can't be done does not hold up the others; it is tried again after a pause.
            LogFailedOne(logger, row.EnrollmentId, fault);
            await work.DelayAsync(row, SafeText.Line(fault.Message), clock.GetCurrentInstant(), ct);
        }
    }

    [LoggerMessage(EventIds.ProvisioningLoopPauses, LogLevel.Error, "Provisioning pauses")]
    private static partial void LogFailed(ILogger logger, Exception fault);

    [LoggerMessage(EventIds.ProvisioningLoopFailed, LogLevel.Error, "Enrollment {Enrollment} could not be applied; it is tried again")]
    private static partial void LogFailedOne(ILogger logger, string enrollment, Exception fault);
}
