using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Provisioning;

/// <summary>Saves a tenant's settings, and does at once what they decide about what is there already.</summary>
internal sealed class SettingsCommands(ConnectionLimits limits)
{
    /// <summary>In one commit: settings and, where publishing connection limits was switched on or off, the limit of every site.</summary>
    /// <exception cref="GridServices.Hosting.Refusals.ProblemException">412: saved by somebody else in between.</exception>
    internal async Task<TenantSettings> SaveAsync(AuditedTransaction transaction, TenantSettings settings)
    {
        var before = await SettingsStore.GetAsync(transaction.Tx, transaction.Actor.Tenant);
        var saved = await SettingsStore.SaveAsync(transaction, settings);
        if (saved.PublishConnectionLimit != before.PublishConnectionLimit)
        {
            await limits.PublishAllAsync(transaction, saved.PublishConnectionLimit);
        }

        return saved;
    }
}
