namespace GridServices.Hosting;

/// <summary>
/// Work of minutes or days that comes again: retention, price fetches, certificate checks. Each run is a re-entrant step over the service's own tables:
/// it may be cut off anywhere and run again, also twice at once on two machines.
/// </summary>
public interface IRecurringJob
{
    Task RunAsync(CancellationToken ct);
}

/// <summary>A job and when it runs.</summary>
/// <param name="Name">Lower case with dashes; the dashboard shows it.</param>
/// <param name="Cron">Five fields, in UTC.</param>
/// <param name="Job">The <see cref="IRecurringJob"/>.</param>
internal sealed record RecurringJob(string Name, string Cron, Type Job)
{
    /// <summary>Runs once when the service has come up, too.</summary>
    internal bool RunsAtStart { get; init; }
}
