using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Storage;
using GridServices.Operations.Opt;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Events;

/// <summary>Our opt schedules on disk: before they are sent, and until the service has forgotten them.</summary>
internal sealed class OptScheduleStore(Store store, OperationsStore operations)
{
    /// <summary>Ended ones too.</summary>
    internal Task<IReadOnlyList<OptSchedule>> ListAsync(string tenant, CancellationToken ct) => store.ReadAsync<IReadOnlyList<OptSchedule>>(
        async db => [.. (await db.QueryAsync<string>("SELECT body FROM opt_schedules WHERE tenant = @tenant ORDER BY id", new { tenant })).Select(StoredJson.Read<OptSchedule>)], ct);

    /// <summary>Those that are wanted, of one enrollment.</summary>
    internal Task<IReadOnlyList<OptSchedule>> ListByEnrollmentAsync(string tenant, string enrollmentId, CancellationToken ct) => store.ReadAsync<IReadOnlyList<OptSchedule>>(
        async db =>
        {
            var bodies = await db.QueryAsync<string>("SELECT body FROM opt_schedules WHERE tenant = @tenant AND enrollment_id = @enrollmentId ORDER BY id", new { tenant, enrollmentId });
            return [.. bodies.Select(StoredJson.Read<OptSchedule>).Where(s => s.EndedAt is null)];
        },
        ct);

    /// <summary>Those that are wanted and that an opt plan speaks in.</summary>
    internal async Task<IReadOnlyList<OptSchedule>> ListByPlanAsync(string tenant, string planId, CancellationToken ct) =>
        [.. (await ListAsync(tenant, ct)).Where(s => s.EndedAt is null && s.Plans.Any(p => p.Id == planId))];

    /// <summary>Writes what is different, with its audit entries, in one transaction.</summary>
    internal async Task SaveAsync(string tenant, IReadOnlyList<OptSchedule> before, IReadOnlyList<OptSchedule> after, CancellationToken ct)
    {
        var was = before.ToDictionary(s => s.Id, StringComparer.Ordinal);
        var (changed, gone) = (after.Where(s => !s.Equals(was.GetValueOrDefault(s.Id))).ToList(), was.Keys.Except(after.Select(s => s.Id), StringComparer.Ordinal).ToList());
        if (changed.Count == 0 && gone.Count == 0)
        {
            return;
        }

        await operations.WriteAsync(
            Actor.Job(tenant, "opt"),
            async transaction =>
            {
                foreach (var schedule in changed)
                {
                    await WriteAsync(transaction, was.GetValueOrDefault(schedule.Id), schedule);
                }

                await transaction.Tx.Connection!.ExecuteAsync("DELETE FROM opt_schedules WHERE tenant = @tenant AND id = @id", gone.Select(id => new { tenant, id }), transaction.Tx);
            },
            ct);
    }

    private static async Task WriteAsync(AuditedTransaction transaction, OptSchedule? before, OptSchedule after)
    {
        await transaction.Tx.Connection!.ExecuteAsync(
            """
            INSERT INTO opt_schedules (tenant, id, enrollment_id, body) VALUES (@Tenant, @Id, @EnrollmentId, @body)
            ON CONFLICT (tenant, id) DO UPDATE SET body = excluded.body
            """,
            new { transaction.Actor.Tenant, after.Id, after.Target.EnrollmentId, body = StoredJson.Write(after) },
            transaction.Tx);
        var action = before is null ? "made" : after.EndedAt is not null ? "ended" : EnumNames<OptScheduleState>.GetName(after.State);
        await transaction.AuditAsync("optSchedule", after.Id, action, before is null ? null : StoredJson.Write(before), StoredJson.Write(after), after.Problem, after.Target.SiteId);
    }
}
