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

    [Fact]
    public async Task Work_that_can_t_even_be_put_off_keeps_nothing_from_the_others()
    {
        await using var parts = await OperationsParts.MakeAsync();
        foreach (var id in new[] { "a-poison", "b-good" })
        {
            await SqlAsync(parts, $"INSERT INTO enrollment_work (tenant, enrollment_id, wanted_at, due_at, tries) VALUES ('default', '{id}', 1, 1, 0)");
        }

        foreach (var (name, change, row) in new[] { ("one", "DELETE", "OLD"), ("two", "UPDATE", "NEW") })
        {
            await SqlAsync(parts, $"CREATE TRIGGER {name} BEFORE {change} ON enrollment_work WHEN {row}.enrollment_id = 'a-poison' BEGIN SELECT RAISE(ABORT, 'broken'); END");
        }

        var log = new CapturingLogger();
        using var factory = LoggerFactory.Create(builder => builder.AddProvider(log));
        using var loop = ActivatorUtilities.CreateInstance<ProvisioningLoop>(parts.Get<IServiceProvider>(), new Logger<ProvisioningLoop>(factory));
        await loop.StartAsync(Ct);
        await Until.HoldsAsync(
            () => parts.Get<Store>().ReadAsync(async db => string.Join(' ', await db.QueryAsync<string>("SELECT enrollment_id FROM enrollment_work")), Ct), left => left == "a-poison");
        await Until.HoldsAsync(() => log.Lines.Any(line => line.Contains("Provisioning pauses", StringComparison.Ordinal) && line.Contains("enrollment a-poison", StringComparison.Ordinal)));
        Assert.False(loop.ExecuteTask!.IsCompleted);
        await loop.StopAsync(Ct);
    }

    private static Task<int> SqlAsync(OperationsParts parts, string sql) => parts.Get<Store>().WriteAsync(tx => tx.Connection!.ExecuteAsync(sql, transaction: tx), Ct);
}
