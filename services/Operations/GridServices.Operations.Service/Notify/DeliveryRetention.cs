using Dapper;
using GridServices.Hosting;
using GridServices.Hosting.Storage;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Notify;

/// <summary>Takes messages, deliveries, links and ended actions on many sites away once they are older than the tenant keeps them.</summary>
internal sealed class DeliveryRetention(ServiceTokens tokens, SettingsStore settings, Store store, IClock clock) : IRecurringJob
{
    public async Task RunAsync(CancellationToken ct)
    {
        var faults = new RunFaults(ct);
        foreach (var tenant in tokens.Tenants)
        {
            await faults.IsolateAsync($"tenant {tenant}", () => TenantAsync(tenant, ct));
        }

        faults.ThrowIfAny();
    }

    private async Task TenantAsync(string tenant, CancellationToken ct)
    {
        var before = (clock.GetCurrentInstant() - Duration.FromDays((await settings.GetAsync(tenant, ct)).DeliveryDays)).ToUnixTimeTicks();
        await store.WriteAsync(
            async tx =>
            {
                await tx.Connection!.ExecuteAsync("DELETE FROM notifications WHERE tenant = @tenant AND created_at < @before AND state <> 'queued'", new { tenant, before }, tx);
                await tx.Connection!.ExecuteAsync("DELETE FROM webhook_deliveries WHERE tenant = @tenant AND created_at < @before AND state <> 'queued'", new { tenant, before }, tx);
                await tx.Connection!.ExecuteAsync("DELETE FROM contact_messages WHERE tenant = @tenant AND at < @before", new { tenant, before }, tx);
                await tx.Connection!.ExecuteAsync(
                    "DELETE FROM site_action_rows WHERE tenant = @tenant AND action_id IN (SELECT id FROM site_actions WHERE site_actions.tenant = @tenant AND ended_at < @before)", new { tenant, before }, tx);
                await tx.Connection!.ExecuteAsync("DELETE FROM site_actions WHERE tenant = @tenant AND ended_at < @before", new { tenant, before }, tx);
                await tx.Connection!.ExecuteAsync("DELETE FROM ack_tokens WHERE tenant = @tenant AND issued_at < @before", new { tenant, before }, tx);
            },
            ct);
    }
}
