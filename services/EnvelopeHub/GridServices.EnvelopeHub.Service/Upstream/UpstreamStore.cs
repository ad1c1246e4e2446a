using System.Data;
using System.Text.Json;
using Dapper;
using GridServices.Contracts;
using GridServices.EnvelopeHub.Service.Nodes;
using GridServices.Hosting.Storage;
using NodaTime;

namespace GridServices.EnvelopeHub.Service.Upstream;

/// <summary>Keeps the last report of each source, so that a restarted hub does not take a link for well that was lost before.</summary>
internal sealed partial class UpstreamStore(Store store, UpstreamReports reports, CommitNotices notices, CommitHints hints, ILogger<UpstreamStore> logger) : IHostedService
{
    /// <summary>The last change that was taken at the start.</summary>
    public long RestoredTo { get; private set; }

    /// <summary>What was said before the hub stopped holds as long as it was promised to, and is shown as lost from then on.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var rows = await store.ReadAsync(db => db.QueryAsync<ReportRow>("SELECT tenant, source, report, at, change FROM upstream_report ORDER BY at"), cancellationToken);
        foreach (var row in rows)
        {
            if (Read(row) is { } report)
            {
                reports.Restore(row.Tenant, report, row.At);
            }

            RestoredTo = Math.Max(RestoredTo, row.Change);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>What other instances were told after a change; of a report that can't be read its source counts as silent.</summary>
    public async Task<IReadOnlyList<(string Tenant, string Source, UpstreamReport? Report)>> ReadAfterAsync(long change, CancellationToken ct) =>
    [
        .. (await store.ReadAsync(
            db => db.QueryAsync<ReportRow>("SELECT tenant, source, report, at, change FROM upstream_report WHERE change > @change AND node <> @Name ORDER BY change",
                new { change, notices.Name }), ct))
            .Select(row => (row.Tenant, row.Source, Read(row))),
    ];

    /// <exception cref="StoreUnavailableException">Other instances show it from the store, and it is not there.</exception>
    public async Task SaveAsync(string tenant, UpstreamReport report, Instant now)
    {
        try
        {
            await store.WriteAsync(
                async tx => await tx.Connection!.ExecuteAsync(
                    """
                    INSERT INTO upstream_report (tenant, source, report, at, change, node) VALUES (@tenant, @Source, @json, @now, @change, @Name)
                    ON CONFLICT (tenant, source) DO UPDATE SET report = excluded.report, at = excluded.at, change = excluded.change, node = excluded.node
                    """,
                    new { tenant, report.Source, json = JsonSerializer.Serialize(report, ContractJson.Options), now, change = await CommitNotices.RaiseAsync(tx, CommitNotices.Upstream), notices.Name },
                    tx),
                IsolationLevel.ReadCommitted,
                CancellationToken.None);
            hints.Send();
        }
        catch (StoreUnavailableException away) when (!notices.IsShared)
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

    // Damaged, or of a newer version: all others are told all the same.
    private UpstreamReport? Read(ReportRow row)
    {
        try
        {
            return JsonSerializer.Deserialize<UpstreamReport>(row.Report, ContractJson.Options);
        }
        catch (JsonException unreadable)
        {
            LogUnreadable(logger, row.Source, row.Tenant, unreadable.Message);
            return null;
        }
    }

    private sealed class ReportRow
    {
        public string Source { get; set; } = string.Empty;
        public string Tenant { get; set; } = string.Empty;
        public string Report { get; set; } = string.Empty;
        public Instant At { get; set; }
        public long Change { get; set; }
    }

    [LoggerMessage(EventIds.UpstreamStoreUnreadable, LogLevel.Error,
        "What {Source} of tenant {Tenant} said of its utility links can't be read from the store, and it counts as silent until it reports again: {Reason}")]
    private static partial void LogUnreadable(ILogger logger, string source, string tenant, string reason);

    [LoggerMessage(EventIds.UpstreamStoreNotKept, LogLevel.Warning, "What {Source} said of its utility links is shown but could not be kept: {Reason}")]
    private static partial void LogNotKept(ILogger logger, string source, string reason);
}
