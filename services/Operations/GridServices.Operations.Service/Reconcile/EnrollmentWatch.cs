using System.Collections.Concurrent;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Reconcile;

/// <summary>Judges enrollments anew where what the services say may lead them on: in test, running, or suspended. The others are judged on the hourly round.</summary>
internal sealed class EnrollmentWatch(EnrollmentStore store, EnrollmentFactsReader facts, EnrollmentCommands commands, OperationsStore operations, ChangeFeed feed, IClock clock)
{
    private const int PerPass = 500;
    private static readonly EnrollmentState[] Watched = [EnrollmentState.Provisioning, EnrollmentState.Testing, EnrollmentState.Active];
    private readonly ConcurrentDictionary<string, string> _after = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Tenant, string Id), Lamps> _lamps = new();

    /// <summary>The lamps that were told last; null: not looked at since the start.</summary>
    internal Lamps? FindLamps(string tenant, string enrollmentId) => _lamps.GetValueOrDefault((tenant, enrollmentId));

    /// <summary>Some enrollments at a time, round and round.</summary>
    /// <exception cref="AggregateException">Some could not be judged; all others were.</exception>
    internal async Task CheckAsync(string tenant, CancellationToken ct)
    {
        var after = _after.GetValueOrDefault(tenant, string.Empty);
        var some = await store.ListByStatesAsync(tenant, Watched, after, PerPass, ct);
        _after[tenant] = some.Count < PerPass ? string.Empty : some[^1].Id;
        var faults = new RunFaults(ct);
        foreach (var enrollment in some)
        {
            await faults.IsolateAsync($"enrollment {enrollment.Id}", () => EvaluateAsync(enrollment, ct));
        }

        faults.ThrowIfAny();
    }

    private async Task EvaluateAsync(Enrollment held, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        var known = await operations.Store.SnapshotAsync(tx => facts.ReadAsync(tx, held), ct);
        PublishLamps(held, Lamps.Compute(held, known.Template.Protocol, known.Services, now));
        var judged = Lifecycle.Apply(held, new LifecycleCommand(CommandKind.Evaluate), known, now).Enrollment;
        if (judged is not null && !judged.Equals(held))
        {
            await operations.WriteAsync(Actor.Job(held.Tenant, "watch"), transaction => commands.EvaluateAsync(transaction, held.Id), ct);
        }
    }

    private void PublishLamps(Enrollment enrollment, Lamps lamps)
    {
        var before = _lamps.GetValueOrDefault((enrollment.Tenant, enrollment.Id));
        _lamps[(enrollment.Tenant, enrollment.Id)] = lamps;
        if (before is null || (before.Registered.State, before.OptedIn.State, before.Reporting.State) != (lamps.Registered.State, lamps.OptedIn.State, lamps.Reporting.State))
        {
            feed.Publish([new EntityChange(enrollment.Tenant, "lamps", enrollment.Id, "changed", enrollment.SiteId)]);
        }
    }
}
