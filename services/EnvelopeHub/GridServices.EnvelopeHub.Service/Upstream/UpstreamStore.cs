using System.Data;
using System.Text.Json;
using Dapper;
using GridServices.Contracts;
using GridServices.Hosting;
using NodaTime;

namespace GridServices.EnvelopeHub.Service.Upstream;

/// <summary>Keeps the last report of each source, so that a restarted hub does not take a link for well that was lost before.</summary>
internal sealed partial class UpstreamStore(Store store, UpstreamReports reports, ILogger<UpstreamStore> logger) : IHostedService
{
    /// <summary>What was said before the hub stopped holds as long as it was promised to, and is shown as lost from then on.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var rows = await store.ReadAsync(db => db.QueryAsync<ReportRow>("SELECT tenant, report, at FROM upstream_report ORDER BY at"), cancellationToken);
        foreach (var row in rows)
        {
            if (JsonSerializer.Deserialize<UpstreamReport>(row.Report, ContractJson.Options) is { } report)
            {
                reports.Restore(row.Tenant, report, row.At);
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task SaveAsync(string tenant, UpstreamReport report, Instant now)
    {
        try
        {
            await store.WriteAsync(
                tx => tx.Connection!.ExecuteAsync(
                    """
                    INSERT INTO upstream_report (tenant, source, report, at) VALUES (@tenant, @Source, @json, @now)
                    ON CONFLICT (tenant, source) DO UPDATE SET report = excluded.report, at = excluded.at
                    """,
                    new { tenant, report.Source, json = JsonSerializer.Serialize(report, ContractJson.Options), now },
                    tx),
                IsolationLevel.ReadCommitted,
                CancellationToken.None);
        }
        catch (StoreUnavailableException away)
        {
            // It is shown all the same; the next report is due within half a minute.
            LogNotKept(logger, report.Source, away.Message);
        }
    }

    public async Task DeleteAsync(string tenant, string source)
    {
        try
        {
            await store.WriteAsync(
                tx => tx.Connection!.ExecuteAsync("DELETE FROM upstream_report WHERE tenant = @tenant AND source = @source", new { tenant, source }, tx),
                IsolationLevel.ReadCommitted,
                CancellationToken.None);
        }
        catch (StoreUnavailableException)
        {
            // It is forgotten once more after the next start.
        }
    }

    private sealed class ReportRow
    {
        public string Tenant { get; set; } = string.Empty;
        public string Report { get; set; } = string.Empty;
        public Instant At { get; set; }
    }

    [LoggerMessage(EventIds.UpstreamStoreNotKept, LogLevel.Warning, "What {Source} said of its utility links is shown but could not be kept: {Reason}")]
    private static partial void LogNotKept(ILogger logger, string source, string reason);
}
