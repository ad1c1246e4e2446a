using System.Collections.Concurrent;
using System.Data;
using System.Data.Common;
using System.Globalization;
using Dapper;
using GridServices.EnvelopeHub.History;
using GridServices.EnvelopeHub.Nodes;
using GridServices.EnvelopeHub.Sites;
using GridServices.Hosting.Clustering;
using GridServices.Hosting.Storage;
using NodaTime;

namespace GridServices.EnvelopeHub.Service.Nodes;

/// <summary>What instances on one store tell each other through it: which sites each commit changed, and that other things changed.</summary>
internal sealed class CommitNotices(Store store, ClusterOptions cluster)
{
    /// <summary>Topic: what is known of publishers.</summary>
    public const string Publishers = "publishers";

    /// <summary>Topic: what publishers say of the utilities behind streams.</summary>
    public const string Upstream = "upstream";

    /// <summary>Notices of one look: with the most sites that each names some ten megabytes.</summary>
    public const int Most = 200;

    private static readonly Duration KeptFor = Duration.FromHours(1);

    // The counter's row is held from here to the end of the transaction: numbers appear in their order. The site rows of the same transaction keep a new
    // epoch from beginning between its start and its end.
    private const string Raise =
        """
        WITH raised AS (UPDATE commit_count SET commits = commits + 1, sites = sites + @MadeSites, names = names + @MadeNames WHERE writer = 'publications' RETURNING commits),
            noted AS (INSERT INTO commit_news (commits, previous, node, sites, at) SELECT commits, commits - 1, @Name, @Sites, @At FROM raised
                ON CONFLICT (commits) DO UPDATE SET previous = excluded.previous, node = excluded.node, sites = excluded.sites, at = excluded.at)
        SELECT commits, (SELECT epoch FROM hub_epoch WHERE one = 1) AS epoch FROM raised
        """;

    // One statement sees one moment.
    private const string Look =
        """
        SELECT p.commits AS publications, f.commits AS feedback, e.epoch, k.changes AS publishers, u.changes AS upstream,
            n.commits AS notice, n.previous, n.node, n.sites
        FROM commit_count p JOIN commit_count f ON f.writer = 'feedback' JOIN hub_epoch e ON e.one = 1
        JOIN node_topic k ON k.topic = 'publishers' JOIN node_topic u ON u.topic = 'upstream'
        LEFT JOIN commit_news n ON n.commits > @after
        WHERE p.writer = 'publications' ORDER BY n.commits LIMIT @most
        """;

    private readonly ConcurrentDictionary<long, byte> _shown = new();

    /// <summary>This start of this instance.</summary>
    public string Name { get; } = Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture)[..16];

    /// <summary>Several instances work on the store at once.</summary>
    public bool IsShared { get; } = cluster.IsOn && store.Dialect == Dialect.PostgreSql;

    /// <summary>One more commit of publications; inside its transaction, last, and only where others are to hear of it.</summary>
    /// <param name="tx">The transaction.</param>
    /// <param name="made">The sites that it has made.</param>
    /// <param name="sites">The sites that it changed.</param>
    /// <param name="epoch">The history that its entries are of.</param>
    /// <param name="now">The present.</param>
    /// <returns>The number of the commit.</returns>
    /// <exception cref="EpochMovedException">Another instance has begun another history.</exception>
    public async Task<long> RaiseAsync(DbTransaction tx, SiteCensus made, IReadOnlyCollection<SiteKey> sites, string epoch, Instant now)
    {
        var row = await tx.Connection!.QuerySingleAsync<RaisedRow>(
            Raise, new { MadeSites = made.Sites, MadeNames = made.Names, Name, Sites = CommitNotice.Text(sites), At = now.ToUnixTimeTicks() }, tx);
        return string.Equals(row.Epoch, epoch, StringComparison.Ordinal) ? row.Commits : throw new EpochMovedException(row.Epoch);
    }

    /// <summary>A commit of this instance is shown here, so its notice is no news.</summary>
    public void Shown(long commits)
    {
        if (IsShared && commits > 0)
        {
            _shown.TryAdd(commits, 0);
        }
    }

    /// <summary>Whether this instance made the commit and has shown it. One whose connection broke may be there all the same, and later than the store was asked.</summary>
    public bool HasShown(CommitNotice notice) => string.Equals(notice.Node, Name, StringComparison.Ordinal) && _shown.ContainsKey(notice.Commits);

    /// <summary>Looks go on after this number.</summary>
    public void SeenTo(long commits)
    {
        foreach (var shown in _shown.Keys.Where(shown => shown <= commits))
        {
            _shown.TryRemove(shown, out _);
        }
    }

    /// <summary>What was judged in memory counts where the store is still of the history that it was judged by.</summary>
    /// <exception cref="EpochMovedException">Another instance has begun another history.</exception>
    public async Task RequireAsync(string epoch, CancellationToken ct)
    {
        var stored = await store.ReadAsync(db => db.ExecuteScalarAsync<string?>("SELECT epoch FROM hub_epoch WHERE one = 1"), ct);
        if (!string.Equals(stored, epoch, StringComparison.Ordinal))
        {
            throw new EpochMovedException(stored);
        }
    }

    /// <summary>Inside the transaction that changes it.</summary>
    /// <returns>The number of the change.</returns>
    public static Task<long> RaiseAsync(DbTransaction tx, string topic) =>
        tx.Connection!.ExecuteScalarAsync<long>("UPDATE node_topic SET changes = changes + 1 WHERE topic = @topic RETURNING changes", new { topic }, tx);

    /// <summary>What was committed after a number, by anybody.</summary>
    /// <param name="after">Null: no notices, the counters only.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<StoreMoment> ReadAsync(long? after, CancellationToken ct)
    {
        var rows = await store.ReadAsync(async db => (await db.QueryAsync<CommitRow>(Look, new { after = after ?? long.MaxValue, most = Most })).AsList(), ct);
        return rows.Count == 0
            ? throw new StoreUnavailableException("The store has no history of its own any more; it is being restored, or its rows were deleted.")
            : new StoreMoment(
                rows[0].Epoch,
                rows[0].Publications,
                rows[0].Feedback,
                rows[0].Publishers,
                rows[0].Upstream,
                [.. rows.Where(row => row.Notice is not null).Select(row => new CommitNotice(row.Notice!.Value, row.Previous!.Value, row.Node!, CommitNotice.Read(row.Sites!)))]);
    }

    /// <summary>Lets go of what every instance has seen long ago; one that was away for longer reads its sites anew.</summary>
    public Task TrimAsync(Instant now, CancellationToken ct) => store.WriteAsync(
        tx => tx.Connection!.ExecuteAsync("DELETE FROM commit_news WHERE at < @cutoff", new { cutoff = (now - KeptFor).ToUnixTimeTicks() }, tx), IsolationLevel.ReadCommitted, ct);

    private sealed class RaisedRow
    {
        public long Commits { get; set; }
        public string? Epoch { get; set; }
    }

    private sealed class CommitRow
    {
        public long Publications { get; set; }
        public long Feedback { get; set; }
        public string Epoch { get; set; } = string.Empty;
        public long Publishers { get; set; }
        public long Upstream { get; set; }
        public long? Notice { get; set; }
        public long? Previous { get; set; }
        public string? Node { get; set; }
        public string? Sites { get; set; }
    }
}

/// <summary>The store at one moment, as far as instances tell each other of it.</summary>
internal sealed record StoreMoment(string Epoch, long Publications, long Feedback, long Publishers, long Upstream, IReadOnlyList<CommitNotice> Notices);

/// <summary>Another instance has begun another history; nothing was stored.</summary>
internal sealed class EpochMovedException(string? epoch) : Exception($"Another instance has begun epoch {epoch ?? "(none)"}.");
