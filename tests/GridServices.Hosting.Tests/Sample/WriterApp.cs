using System.Globalization;
using System.Text;
using Dapper;
using GridServices.Hosting.Publishing;
using GridServices.Hosting.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NodaTime;

namespace GridServices.Hosting.Tests.Sample;

/// <summary>
/// A service whose every step is: state and publications in one commit, then the acknowledgement (a line <c>ack n</c>).
/// It ends by itself when all steps are done and the outbox is empty.
/// </summary>
internal static class WriterApp
{
    internal const int Sites = 3;

    internal static WebApplication Build(string[] args) => SampleApp.Build(args, builder => builder.Services.AddHostedService<Writer>());

    internal static OutboxItem Item(long step, int site) => new(
        $"site-{site}",
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""{"specversion":"1.0","id":"{{step}}-{{site}}","subject":"tenants/default/sites/site-{{site}}","data":{"step":{{step}} } }""")));

    private sealed class Writer(Store store, Outbox outbox, OutboxQueue queue, IClock clock, IConfiguration configuration, IHostApplicationLifetime lifetime) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            var steps = configuration.GetValue<long>("Steps");
            for (var step = await NextAsync(); step <= steps; step++)
            {
                await store.WriteAsync(tx => WriteAsync(tx, step), stoppingToken);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ack {step}"));
                outbox.Wake();
                if (step % 2 == 0)
                {
                    await SentAsync(stoppingToken);
                }
            }

            await SentAsync(stoppingToken);

            lifetime.StopApplication();
        }

        private async Task SentAsync(CancellationToken ct)
        {
            while ((await queue.CountAsync(ct)).Pending > 0)
            {
                await Task.Delay(5, ct);
            }
        }

        private Task<long> NextAsync() => store.ReadAsync(async db =>
            await db.ExecuteScalarAsync<long?>("SELECT value FROM counter WHERE name = 'step'") + 1 ?? 1);

        private async Task WriteAsync(System.Data.Common.DbTransaction tx, long step)
        {
            await tx.Connection!.ExecuteAsync(
                "INSERT INTO counter (name, value) VALUES ('step', @step) ON CONFLICT (name) DO UPDATE SET value = excluded.value", new { step }, tx);
            await outbox.AddAsync(tx, [.. Enumerable.Range(0, Sites).Select(site => Item(step, site))], clock.GetCurrentInstant());
        }
    }
}
