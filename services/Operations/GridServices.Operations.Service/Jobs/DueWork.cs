using GridServices.Operations.Service.Import;
using Hangfire;

namespace GridServices.Operations.Service.Jobs;

/// <summary>At the start: the standing rounds, and what was under way when the program ended.</summary>
internal sealed class DueWork(IRecurringJobManager recurring, IBackgroundJobClient jobs, ImportStore imports) : IHostedService
{
    private const string EveryMinute = "* * * * *";
    private const string Hourly = "3 * * * *";

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        recurring.AddOrUpdate<OperationsJobs>("reconcile", j => j.ReconcileAsync(CancellationToken.None), EveryMinute);
        recurring.AddOrUpdate<OperationsJobs>("deadline-watch", j => j.DeadlineWatchAsync(CancellationToken.None), Hourly);
        recurring.AddOrUpdate<OperationsJobs>("compliance", j => j.ComplianceAsync(CancellationToken.None), EveryMinute);
        recurring.AddOrUpdate<OperationsJobs>("notify", j => j.NotifyAsync(CancellationToken.None), EveryMinute);
        foreach (var (tenant, id) in await imports.UnfinishedAsync(cancellationToken))
        {
            jobs.Enqueue<OperationsJobs>(j => j.ImportRowsAsync(tenant, id, CancellationToken.None));
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
