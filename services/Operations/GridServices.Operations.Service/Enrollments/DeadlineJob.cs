using System.Collections.Concurrent;
using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Programs;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Programs;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Enrollments;

/// <summary>Every hour: judges every enrollment anew, so that what falls due is said in time, applies the nominations of a new day, and looks which certificates end.</summary>
internal sealed class DeadlineJob(
    ServiceTokens tokens, EnrollmentStore enrollments, CertificateStore certificates, EnrollmentCommands commands, EnrollmentWork work, OperationsStore operations, IClock clock)
    : IRecurringJob
{
    /// <summary>The day whose nominations were applied last; forgotten by a restart, for applying them twice changes nothing.</summary>
    private readonly ConcurrentDictionary<string, LocalDate> _applied = new(StringComparer.Ordinal);

    private const int AtOnce = 200;
    private static readonly EnrollmentState[] Living =
        [.. Enum.GetValues<EnrollmentState>().Where(s => s is not (EnrollmentState.Ended or EnrollmentState.Withdrawn))];

    public async Task RunAsync(CancellationToken ct)
    {
        var faults = new RunFaults(ct);
        foreach (var tenant in tokens.Tenants)
        {
            await faults.IsolateAsync($"enrollments of tenant {tenant}", () => EnrollmentsAsync(tenant, faults, ct));
            await faults.IsolateAsync($"forgotten work of tenant {tenant}", () => operations.WriteAsync(Actor.Job(tenant, "deadline-watch"), work.EnqueueForgottenAsync, ct));
            await faults.IsolateAsync($"certificates of tenant {tenant}", () => CertificatesAsync(tenant, ct));
        }

        faults.ThrowIfAny();
    }

    private async Task EnrollmentsAsync(string tenant, RunFaults faults, CancellationToken ct)
    {
        var after = string.Empty;
        while (await enrollments.ListByStatesAsync(tenant, Living, after, AtOnce, ct) is { Count: > 0 } some)
        {
            foreach (var enrollment in some)
            {
                await faults.IsolateAsync($"enrollment {enrollment.Id}", () => operations.WriteAsync(Actor.Job(tenant, "deadline-watch"), transaction => EvaluateAsync(transaction, enrollment.Id), ct));
            }

            after = some[^1].Id;
        }
    }

    private async Task EvaluateAsync(AuditedTransaction transaction, string id)
    {
        var enrollment = await commands.EvaluateAsync(transaction, id);
        var template = await ProgramStore.FindAsync(transaction.Tx, enrollment.Tenant, enrollment.Template.Code, enrollment.Template.Version);
        if (template is null or { Nomination.Rule: NominationRule.None })
        {
            return;
        }

        var today = transaction.Now.InZone(DateTimeZoneProviders.Tzdb[template.TimeZone]).Date;
        if (!_applied.TryGetValue(id, out var day) || day != today)
        {
            await work.FollowContentAsync(transaction, [enrollment]);
            transaction.AfterCommit(() => _applied[id] = today);
        }
    }

    private async Task CertificatesAsync(string tenant, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        foreach (var certificate in await certificates.ListExpiringAsync(tenant, now + Duration.FromDays(CertificateWatch.AlarmDays[0]), ct: ct))
        {
            var state = CertificateWatch.GetState(certificate, now);
            if (state != certificate.State)
            {
                await operations.WriteAsync(Actor.Job(tenant, "deadline-watch"), transaction => transaction.UpdateAsync(certificates, certificate, certificate with { State = state }, EnumNames<CertificateState>.GetName(state)), ct);
            }
        }
    }
}
