using GridServices.Hosting;
using GridServices.Operations.Compliance;
using GridServices.Operations.Events;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Compliance;

/// <summary>Makes the reports that are due: five minutes after an event's end, and daily until they are final.</summary>
internal sealed class ComplianceJob(ServiceTokens tokens, EventStore events, ComplianceReader reader, ComplianceStore reports, OperationsStore operations, IClock clock) : IRecurringJob
{
    private static readonly Duration AfterEnd = Duration.FromMinutes(5);
    private static readonly Duration Again = Duration.FromHours(24);
    private static readonly Duration GivesUp = Duration.FromDays(90);

    public async Task RunAsync(CancellationToken ct)
    {
        var faults = new RunFaults(ct);
        foreach (var tenant in tokens.Tenants)
        {
            await faults.IsolateAsync($"tenant {tenant}", () => TenantAsync(tenant, faults, ct));
        }

        faults.ThrowIfAny();
    }

    private async Task TenantAsync(string tenant, RunFaults faults, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        foreach (var held in await events.ListReadableAsync(tenant, now - GivesUp, ct, one => faults.Note($"event {one.Id}", one.Fault)))
        {
            if (held.Event.Over is { } over && over + AfterEnd <= now && held.Event.PhaseAt(now) == EventPhase.Ended)
            {
                await ReportAsync(held, faults, ct);
            }
        }
    }

    private async Task ReportAsync(HeldEvent held, RunFaults faults, CancellationToken ct)
    {
        var made = (await reports.ListByEventAsync(held.Event.Tenant, held.Id, ct)).ToDictionary(r => r.Head.SiteId, StringComparer.Ordinal);
        foreach (var site in held.Event.Sites.Where(s => s.EnrollmentId is not null))
        {
            if (made.TryGetValue(site.SiteId, out var last) && (last.Status == ReportStatus.Final || clock.GetCurrentInstant() - last.Head.MadeAt < Again))
            {
                continue;
            }

            await faults.IsolateAsync($"{held.Event.Source} at {site.SiteId}", async () =>
            {
                if (await reader.ReadAsync(held, site.SiteId, ct) is { } report)
                {
                    await operations.WriteAsync(Actor.Job(held.Event.Tenant, "compliance"), transaction => ComplianceStore.SaveAsync(transaction, held, report), ct);
                }
            });
        }
    }
}
