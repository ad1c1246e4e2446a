using System.Data.Common;
using System.Globalization;
using Dapper;
using GridServices.Contracts;
using GridServices.EnvelopeHub.Service.Feedback;
using GridServices.EnvelopeHub.Service.History;
using GridServices.EnvelopeHub.Service.Upstream;
using GridServices.EnvelopeHub.Sites;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Web;
using NodaTime;

namespace GridServices.EnvelopeHub.Service.Sites;

/// <summary>The sites of a tenant: those that were ever published for or fed something back.</summary>
internal sealed class SiteDirectory(Store store, SiteCache cache, UpstreamReports upstreams, DamagedSites damage, ControllerSightings controllers, HubHistory history, IClock clock)
{
    private const int SitesPerRead = 1_000;

    /// <summary>A reading that is dated further ahead is a wrong clock's: it is not the newest until its instant has come, and hides no true one.</summary>
    private static readonly Duration MostAhead = Duration.FromMinutes(3);

    /// <summary>A page of those that the caller may see.</summary>
    public async Task<SiteList> ListAsync(Caller caller, Paging paging, CancellationToken ct)
    {
        var rows = await store.ReadAsync(
            async db =>
            {
                var found = new List<IdRow>();
                var after = paging.After ?? string.Empty;
                List<IdRow> read;
                do
                {
                    read = [.. await db.QueryAsync<IdRow>(
                        "SELECT id, site, sequence FROM site WHERE tenant = @Tenant AND site > @after ORDER BY site LIMIT @most", new { caller.Tenant, after, most = SitesPerRead })];
                    found.AddRange(read.Where(row => caller.MayAct(row.Site)));
                    after = read.Count > 0 ? read[^1].Site : after;
                }
                while (read.Count == SitesPerRead && found.Count <= paging.Limit);
                return found;
            },
            ct);
        var page = rows.Take(paging.Limit).ToList();
        var states = await StatesAsync(page, ct);
        var about = history.GetTenantHistory(caller.Tenant);
        return new SiteList
        {
            Items = [.. page.Select(row => Overview(new SiteKey(caller.Tenant, row.Site), row, states[row.Id], about.Incomplete))],
            Next = rows.Count > paging.Limit ? page[^1].Site : null,
            Incomplete = about.Incomplete ? true : null,
            WaitingFor = about.Incomplete ? about.WaitingFor : null,
        };
    }

    private async Task<Dictionary<long, StateRow>> StatesAsync(List<IdRow> page, CancellationToken ct)
    {
        var states = new Dictionary<long, StateRow>();
        var before = FeedbackDraft.ReadingPrefix + (clock.GetCurrentInstant() + MostAhead).ToUnixTimeTicks().ToString(CultureInfo.InvariantCulture);
        await store.ReadAsync(
            async db =>
            {
                // What the head points to is live, and so is never trimmed.
                await RowsCommand.RunAsync(
                    db,
                    null,
                    """
                    SELECT s.id, e.at,
                        (SELECT k.feedback_key FROM feedback_key k WHERE k.site_id = s.id AND k.feedback_key >= 'reading/' AND k.feedback_key < v.column2 ORDER BY k.feedback_key DESC LIMIT 1),
                        (SELECT r.received_at FROM site_receipt r WHERE r.site_id = s.id ORDER BY r.at DESC, r.sequence DESC LIMIT 1),
                        s.tenant, s.site, f.at, f.item, f.proof
                    FROM (VALUES {rows}) AS v JOIN site s ON s.id = v.column1 LEFT JOIN entry e ON e.site_id = s.id AND e.sequence = s.sequence
                    LEFT JOIN feedback f ON f.tenant = s.tenant AND f.sequence = (
                        SELECT n.sequence FROM (
                            SELECT k.feedback_key, k.sequence FROM feedback_key k WHERE k.site_id = s.id AND k.feedback_key >= 'reading/' AND k.feedback_key < v.column2 ORDER BY k.feedback_key DESC LIMIT 20) AS n
                        WHERE n.feedback_key LIKE '%/' ORDER BY n.feedback_key DESC LIMIT 1)
                    """,
                    page,
                    row => [row.Id, before],
                    row => states[row.GetInt64(0)] = new StateRow(Ticks(row, 1), row.IsDBNull(2) ? null : row.GetString(2), Ticks(row, 3), Power(row)),
                    ct);
                return 0;
            },
            ct);
        return states;
    }

    /// <summary>The newest of the last readings that is of the site itself, not of an asset behind it; null where it was changed in the store.</summary>
    private static Reading? Power(DbDataReader row) => row.IsDBNull(7) ? null
        : FeedbackProof.Read(new SiteKey(row.GetString(4), row.GetString(5)), row.GetInt64(6), row.GetString(7), row.IsDBNull(8) ? null : row.GetString(8))?.Reading is { NetPowerW: not null } reading ? reading
        : null;

    private static long? Ticks(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

    private SiteOverview Overview(SiteKey key, IdRow row, StateRow state, bool waits) => new()
    {
        SiteId = key.SiteId,
        Sequence = row.Sequence.ToString(CultureInfo.InvariantCulture),
        LastChangeAt = At(state.ChangedAt),
        Subscribers = cache.Find(key)?.SubscriberCount ?? 0,
        LastReadingAt = state.Reading is { } reading ? At(long.Parse(reading[FeedbackDraft.ReadingPrefix.Length..].Split('/')[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)) : null,
        LastReceiptAt = At(state.ReceiptAt),
        NetPowerW = state.Power?.NetPowerW,
        NetPowerAt = state.Power?.At,
        Controller = controllers.Find(key),
        Unheard = [.. upstreams.GetHealth(key, cache.Find(key)?.Loaded is { } site ? site.Set.Lives : null).Where(stream => stream.Status != UpstreamStatus.Ok)],
        Incomplete = waits || damage.IsDamaged(key) ? true : null,
    };

    private static Instant? At(long? ticks) => ticks is { } known ? Instant.FromUnixTimeTicks(known) : null;

    private sealed class IdRow
    {
        public long Id { get; set; }
        public string Site { get; set; } = string.Empty;
        public long Sequence { get; set; }
    }

    private sealed record StateRow(long? ChangedAt, string? Reading, long? ReceiptAt, Reading? Power);
}
