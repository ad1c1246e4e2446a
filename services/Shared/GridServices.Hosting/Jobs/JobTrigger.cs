using GridServices.Contracts;
using Hangfire;
using Hangfire.Storage;
using Microsoft.Extensions.Logging;

namespace GridServices.Hosting;

/// <summary>Has a recurring job run now, beside its plan: a hint, for what is due is in the service's own tables and the plan comes by anyway.</summary>
public sealed partial class JobTrigger
{
    private readonly JobStore _store;
    private readonly ILogger<JobTrigger> _logger;

    internal JobTrigger(JobStore store, ILogger<JobTrigger> logger) => (_store, _logger) = (store, logger);

    /// <param name="name">Of a job that was added by <see cref="JobServices.AddRecurringJob{TJob}"/>.</param>
    public void Run(string name)
    {
        try
        {
            // Noted first: the plan may come about between the look and the note.
            _store.Asked[name] = true;
            using var plan = _store.Storage.GetConnection();
            if (plan.GetRecurringJobs([name]).Exists(job => !job.Removed))
            {
                new RecurringJobManager(_store.Storage).TriggerJob(name);
                _store.Asked.TryRemove(name, out _);
            }
        }
        catch (Exception away) when (away is not OutOfMemoryException)
        {
            LogAway(name, SafeText.Line(away.Message));
        }
    }

    [LoggerMessage(EventIds.JobTriggerAway, LogLevel.Warning, "Job {Name} could not be started at once; it runs by its plan: {Reason}")]
    private partial void LogAway(string name, string reason);
}
