using Dapper;
using GridServices.Hosting;

namespace GridServices.Operations.Service.Protection;

/// <summary>At the start: the keys are those that this store was written with, or the store is new.</summary>
internal sealed class ProtectionCheck(Store store, ColumnProtector protector, Standby standby) : IHostedLifecycleService
{
    private const string Text = "operations";
    private static readonly ColumnPlace Place = new("protection_check", "-", "1", "value");

    /// <exception cref="StartException">Personal data in the store can't be read with these keys.</exception>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (!standby.IsWaiting)
        {
            await store.WriteAsync(CheckAsync, cancellationToken);
        }
    }

    private async Task CheckAsync(System.Data.Common.DbTransaction tx)
    {
        var held = await tx.Connection!.QuerySingleOrDefaultAsync<string>("SELECT value FROM protection_check WHERE one = 1", transaction: tx);
        if (held is null)
        {
            await tx.Connection!.ExecuteAsync("INSERT INTO protection_check (one, value) VALUES (1, @value)", new { value = protector.Seal(Text, Place) }, tx);
            return;
        }

        try
        {
            protector.Open(held, Place);
        }
        catch (ProtectionException wrong)
        {
            throw new StartException($"The keys do not belong to the store {store.Place}: {wrong.Message}", wrong);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
