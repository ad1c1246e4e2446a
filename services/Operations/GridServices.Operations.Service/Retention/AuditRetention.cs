using Dapper;
using GridServices.Hosting;
using GridServices.Operations.Service.Audit;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Retention;

/// <summary>
/// Takes entries away once they are older than the tenant keeps its audit. What is left begins at a kept head, and an entry of its own says what was taken:
/// a chain that begins late without one was cut by somebody else.
/// </summary>
internal sealed class AuditRetention(ServiceTokens tokens, SettingsStore settings, OperationsStore operations, IClock clock) : IRecurringJob
{
    public async Task RunAsync(CancellationToken ct)
    {
        var faults = new RunFaults(ct);
        foreach (var tenant in tokens.Tenants)
        {
            await faults.IsolateAsync($"tenant {tenant}", async () =>
            {
                var years = (await settings.GetAsync(tenant, ct)).AuditYears;
                var before = clock.GetCurrentInstant().InUtc().LocalDateTime.PlusYears(-years).InUtc().ToInstant();
                await operations.WriteAsync(Actor.Job(tenant, "audit-retention"), transaction => RemoveAsync(transaction, before), ct);
            });
        }

        faults.ThrowIfAny();
    }

    private static async Task RemoveAsync(AuditedTransaction transaction, Instant before)
    {
        var (tx, tenant) = (transaction.Tx, transaction.Actor.Tenant);
        // Without a gap: an entry that a wrong clock made old goes when those before it do.
        var cut = await tx.Connection!.QuerySingleOrDefaultAsync<AuditCut>(
            """
            SELECT seq AS Sequence, hash AS Hash FROM audit
            WHERE tenant = @tenant AND seq < (SELECT COALESCE(MIN(seq), 0) FROM audit WHERE tenant = @tenant AND at >= @before)
            ORDER BY seq DESC LIMIT 1
            """,
            new { tenant, before },
            tx);
        if (cut is null)
        {
            return;
        }

        await tx.Connection!.ExecuteAsync("DELETE FROM audit WHERE tenant = @tenant AND seq <= @Sequence", new { tenant, cut.Sequence }, tx);
        await tx.Connection!.ExecuteAsync(
            "INSERT INTO audit_cuts (tenant, seq, hash) VALUES (@tenant, @Sequence, @Hash) ON CONFLICT (tenant) DO UPDATE SET seq = excluded.seq, hash = excluded.hash",
            new { tenant, cut.Sequence, cut.Hash },
            tx);
        await transaction.AuditAsync("audit", tenant, AuditCut.Removed, null, StoredJson.Write(cut), $"entries up to {cut.Sequence} are older than {before}");
    }
}
