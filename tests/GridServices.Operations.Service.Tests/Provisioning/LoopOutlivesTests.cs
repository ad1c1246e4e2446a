using Dapper;
using GridServices.Hosting.Storage;
using GridServices.Operations.Service.Provisioning;
using GridServices.Operations.Service.Reconcile;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GridServices.Operations.Service.Tests.Provisioning;

/// <summary>A fault of the store, whatever it is, pauses a loop: it does not end it, and the service with it.</summary>
public sealed class LoopOutlivesTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(typeof(ProvisioningLoop), "enrollment_work", "Provisioning pauses")]
    [InlineData(typeof(Watcher), "service_states", "Since when services are away can't be read")]
    public async Task A_loop_tells_it_tries_again_and_stops_in_order(Type kind, string table, string told)
    {
        await using var parts = await OperationsParts.MakeAsync(null, "--Watch:Every=00:00:00.050");
        var log = new CapturingLogger();
        using var factory = LoggerFactory.Create(builder => builder.AddProvider(log));
        var logger = Activator.CreateInstance(typeof(Logger<>).MakeGenericType(kind), factory)!;
        using var loop = (BackgroundService)ActivatorUtilities.CreateInstance(parts.Get<IServiceProvider>(), kind, logger);
        await SqlAsync(parts, $"ALTER TABLE {table} RENAME TO away");
        await loop.StartAsync(Ct);
        await Until.HoldsAsync(() => Task.FromResult(log.Lines.Count(line => line.Contains(told, StringComparison.Ordinal))), lines => lines > 1);
        Assert.False(loop.ExecuteTask!.IsCompleted);
        await loop.StopAsync(Ct);
        Assert.True(loop.ExecuteTask.IsCompletedSuccessfully);
    }

    private static Task<int> SqlAsync(OperationsParts parts, string sql) => parts.Get<Store>().WriteAsync(tx => tx.Connection!.ExecuteAsync(sql, transaction: tx), Ct);
}
