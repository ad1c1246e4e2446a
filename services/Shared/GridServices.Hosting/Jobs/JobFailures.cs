using System.Collections.Concurrent;
using NodaTime;

namespace GridServices.Hosting.Jobs;

/// <summary>Recurring jobs whose latest runs failed, since this process started.</summary>
public sealed class JobFailures(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, FailingJob> _failing = new(StringComparer.Ordinal);

    /// <summary>Those that have not succeeded since.</summary>
    public IReadOnlyList<FailingJob> Current => [.. _failing.Values.OrderBy(job => job.Name, StringComparer.Ordinal)];

    internal void Note(string name, string reason)
    {
        var now = Instant.FromDateTimeOffset(time.GetUtcNow());
        _failing.AddOrUpdate(name, _ => new FailingJob(name, 1, now, now, reason), (_, job) => job with { Failures = job.Failures + 1, LastAt = now, Reason = reason });
    }

    internal void Forget(string name) => _failing.TryRemove(name, out _);
}

/// <summary>A job that fails.</summary>
/// <param name="Name">As the dashboard shows it.</param>
/// <param name="Failures">In a row.</param>
/// <param name="Since">The first of them.</param>
/// <param name="LastAt">The latest.</param>
/// <param name="Reason">Of the latest, one line.</param>
public sealed record FailingJob(string Name, int Failures, Instant Since, Instant LastAt, string Reason);
