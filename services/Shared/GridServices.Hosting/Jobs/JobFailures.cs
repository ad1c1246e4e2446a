using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using NodaTime;

namespace GridServices.Hosting.Jobs;

/// <summary>Recurring jobs whose latest runs failed, since this process started.</summary>
public sealed class JobFailures
{
    private readonly ConcurrentDictionary<string, FailingJob> _failing = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;

    /// <summary>None yet; how many there are is told as <c>jobs_failing</c>.</summary>
    public JobFailures(TimeProvider time, IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        _time = time;
        meters.Create("GridServices.Jobs").CreateObservableGauge("jobs.failing", () => _failing.Count, description: "Recurring jobs whose latest run failed; see GET /jobs.");
    }

    /// <summary>Those that have not succeeded since.</summary>
    public IReadOnlyList<FailingJob> Current => [.. _failing.Values.OrderBy(job => job.Name, StringComparer.Ordinal)];

    internal void Note(string name, string reason)
    {
        var now = Instant.FromDateTimeOffset(_time.GetUtcNow());
        _failing.AddOrUpdate(name, _ => new FailingJob(name, 1, now, now, reason), (_, job) => job with { Failures = job.Failures + 1, LastAt = now, Reason = reason });
    }

    internal void Remove(string name) => _failing.TryRemove(name, out _);
}

/// <summary>A job that fails.</summary>
/// <param name="Name">As the dashboard shows it.</param>
/// <param name="Failures">In a row.</param>
/// <param name="Since">The first of them.</param>
/// <param name="LastAt">The latest.</param>
/// <param name="Reason">Of the latest, one line.</param>
public sealed record FailingJob(string Name, int Failures, Instant Since, Instant LastAt, string Reason);
