using Dapper;
using GridServices.EnvelopeHub.Service.Nodes;
using GridServices.EnvelopeHub.Service.Sites;
using GridServices.EnvelopeHub.Sites;
using GridServices.Hosting;
using GridServices.Hosting.Storage;
using Microsoft.Extensions.Options;
using NodaTime;

namespace GridServices.EnvelopeHub.Service.Retention;

/// <summary>Lets the logs go of what is too old or too much. What is live stays, tombstones too.</summary>
internal sealed class LogTrimmer(Store store, SiteCache sites, FeedbackTrimmer feedback, CommitNotices notices, IClock clock, TimeProvider time, IOptions<EnvelopeHubOptions> options)
    : IRecurringJob
{
    // Small steps: nobody who publishes waits long for a trim.
    private const int SitesPerStep = 200;
    private readonly SettledClock _clock = new(clock, time);
    private long? _trimmedAt;
    private Instant? _known;

    /// <summary>One round over all logs.</summary>
    public async Task TrimAsync(CancellationToken ct)
    {
        var now = _clock.Now(_known ??= await NewestAsync(ct));
        while (await TrimSitesAsync(now - Duration.FromTimeSpan(options.Value.LogMaxAge), ct) == SitesPerStep)
        {
            await Task.Yield();
        }

        await feedback.TrimAsync(now, ct);
    }

    /// <summary>A round where the last one is long enough ago.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        if (notices.IsShared)
        {
            // However seldom the logs are trimmed, and by each instance: one that is stopped in its turn keeps no other from it.
            await notices.TrimAsync(clock.GetCurrentInstant(), ct);
        }

        if (_trimmedAt is { } last && time.GetElapsedTime(last) < options.Value.RetentionInterval)
        {
            return;
        }

        _trimmedAt = time.GetTimestamp();

        // Of several instances on one store one is enough.
        await using var turn = await store.TryLockAsync("trimming", ct);
        if (turn is not null)
        {
            await TrimAsync(ct);
        }
    }

    // Publishers report each half minute; where none does, the log itself tells.
    private Task<Instant> NewestAsync(CancellationToken ct) => store.ReadAsync(
        async db => Instant.FromUnixTimeTicks(await db.ExecuteScalarAsync<long>(
            """
            SELECT MAX(at) FROM (SELECT began_at AS at FROM hub_epoch UNION ALL SELECT MAX(at) FROM upstream_report
                UNION ALL SELECT MAX(at) FROM entry UNION ALL SELECT MAX(at) FROM feedback) newest
            """)),
        ct);

    private async Task<int> TrimSitesAsync(Instant cutoff, CancellationToken ct)
    {
        var due = (await store.ReadAsync(
            db => db.QueryAsync<DueRow>(
                """
                SELECT s.id, s.tenant, s.site, MAX(d.upto) AS upto FROM (
                    SELECT e.site_id, MAX(e.sequence) AS upto FROM entry e WHERE e.at < @cutoff
                        AND NOT EXISTS (SELECT 1 FROM live l WHERE l.site_id = e.site_id AND l.sequence = e.sequence) GROUP BY e.site_id
                    UNION ALL
                    SELECT c.id, (SELECT n.sequence FROM entry n WHERE n.site_id = c.id ORDER BY n.sequence DESC LIMIT 1 OFFSET @most) FROM site c
                        WHERE c.sequence - c.trimmed_to > @most AND c.trimmed_to < (SELECT n.sequence FROM entry n WHERE n.site_id = c.id ORDER BY n.sequence DESC LIMIT 1 OFFSET @most)) d
                JOIN site s ON s.id = d.site_id GROUP BY s.id, s.tenant, s.site ORDER BY s.id LIMIT @step
                """,
                new { cutoff = cutoff.ToUnixTimeTicks(), most = (long)options.Value.LogMaxPerSite, step = SitesPerStep }),
            ct)).ToList();
        if (due.Count == 0)
        {
            return 0;
        }

        await store.WriteAsync(
            async tx =>
            {
                foreach (var site in due)
                {
                    await tx.Connection!.ExecuteAsync("UPDATE site SET trimmed_to = @UpTo WHERE id = @Id AND trimmed_to < @UpTo", site, tx);
                    await tx.Connection!.ExecuteAsync("DELETE FROM entry WHERE site_id = @Id AND sequence <= @UpTo AND sequence NOT IN (SELECT sequence FROM live WHERE site_id = @Id)", site, tx);
                }
            },
            ct);
        foreach (var site in due)
        {
            sites.Find(new SiteKey(site.Tenant, site.Site))?.Trim(site.UpTo);
        }

        return due.Count;
    }

    private sealed class DueRow
    {
        public long Id { get; set; }
        public string Tenant { get; set; } = string.Empty;
        public string Site { get; set; } = string.Empty;
        public long UpTo { get; set; }
    }
}
