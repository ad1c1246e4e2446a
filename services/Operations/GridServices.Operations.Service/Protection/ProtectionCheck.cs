using Dapper;
using GridServices.Hosting;
using GridServices.Hosting.Storage;

namespace GridServices.Operations.Service.Protection;

/// <summary>At the start: the keys are those that this store was written with, or the store is new.</summary>
internal sealed class ProtectionCheck(Store store, ColumnProtector protector) : IHostedService
{
    private const string Text = "operations";
    private static readonly ColumnPlace Place = new("protection_check", "-", "1", "value");

    /// <exception cref="StartException">Personal data in the store can't be read with these keys.</exception>
    public Task StartAsync(CancellationToken cancellationToken) => store.WriteAsync(CheckAsync, cancellationToken);

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

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
