using FsCheck;
using FsCheck.Fluent;
using GridServices.EnvelopeHub.Nodes;
using GridServices.EnvelopeHub.Sites;

namespace GridServices.EnvelopeHub.Tests.Nodes;

public sealed class CommitCursorTests
{
    private const string Own = "n0";

    private enum Act
    {
        Commit,
        CommitTwice,
        Start,
        Trim,
        Look,
    }

    // Whatever the nodes commit, however many start, and however short a look is: each site that another node changed is named, or all of them are.
    [Fact]
    public void No_change_of_another_node_is_ever_missed() => Prop.ForAll(
        Gen.Frequency((5, Gen.Constant(Act.Commit)), (3, Gen.Constant(Act.CommitTwice)), (1, Gen.Constant(Act.Start)), (1, Gen.Constant(Act.Trim)), (4, Gen.Constant(Act.Look))).ListOf(60).ToArbitrary(),
        Gen.Choose(0, 1_000).ToArbitrary(),
        Gen.Choose(1, 4).ToArbitrary(),
        (acts, seed, most) =>
        {
            var store = new StoreModel(new Random(seed));
            var node = new NodeModel(most);
            foreach (var act in acts)
            {
                store.Do(act);
                if (act == Act.Look)
                {
                    node.LookToTheEnd(store);
                    if (store.Sites.Any(site => node.Held.GetValueOrDefault(site.Key) != site.Value))
                    {
                        return false;
                    }
                }
            }

            return true;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Notices_that_are_gone_and_a_store_that_was_put_back_concern_all_sites()
    {
        var gone = new CommitCursor(5).Next(9, [Notice(9, 8)], 10, IsOwn);
        Assert.Equal((true, false, 9L), (gone.AllSites, gone.WentBack, gone.Cursor.Seen));

        var silent = new CommitCursor(5).Next(6, [], 10, IsOwn);
        Assert.Equal((true, false, 6L), (silent.AllSites, silent.WentBack, silent.Cursor.Seen));

        var back = new CommitCursor(5).Next(3, [], 10, IsOwn);
        Assert.Equal((true, true, 3L), (back.AllSites, back.WentBack, back.Cursor.Seen));
    }

    [Fact]
    public void A_look_that_found_nothing_changes_nothing_and_own_commits_are_no_news()
    {
        var nothing = new CommitCursor(5).Next(5, [], 10, IsOwn);
        Assert.Equal((false, 5L, false), (nothing.AllSites, nothing.Cursor.Seen, nothing.HasMore));

        var own = new CommitCursor(5).Next(6, [Notice(6, 5, Own)], 10, IsOwn);
        Assert.Empty(own.Sites);
        Assert.Equal((false, 6L), (own.AllSites, own.Cursor.Seen));
    }

    [Fact]
    public void A_start_of_another_node_is_seen_and_misses_nothing()
    {
        var step = new CommitCursor(5).Next(1_001, [Notice(1_000, 5), Notice(1_001, 1_000)], 10, IsOwn);
        Assert.Equal((false, true, 1_001L), (step.AllSites, step.Restarted, step.Cursor.Seen));
        Assert.Single(step.Sites);
    }

    [Fact]
    public void The_sites_of_a_notice_read_as_they_were_written()
    {
        SiteKey[] sites = [new("default", "site-1"), new("other.tenant", "a:b~c")];
        Assert.Equal(sites, CommitNotice.Read(CommitNotice.Text(sites)));
        Assert.Empty(CommitNotice.Read(CommitNotice.Text([]))!);
    }

    // A commit whose connection broke may be there later than the store was asked for it.
    [Fact]
    public void An_own_commit_that_was_never_shown_is_followed_like_anothers()
    {
        var step = new CommitCursor(5).Next(6, [Notice(6, 5, Own)], 10, _ => false);
        Assert.Equal(new SiteKey("default", "site-1"), Assert.Single(step.Sites));
    }

    [Fact]
    public void A_notice_that_names_too_many_sites_or_cant_be_read_concerns_all()
    {
        var most = Enumerable.Range(0, CommitNotice.MostNamed).Select(n => new SiteKey("default", $"site-{n}")).ToList();
        Assert.Equal(most, CommitNotice.Read(CommitNotice.Text(most)));
        foreach (var text in new[] { CommitNotice.Text([.. most, new SiteKey("default", "one-more")]), "no slash", "/site", "tenant/" })
        {
            Assert.Null(CommitNotice.Read(text));
            var step = new CommitCursor(5).Next(6, [new CommitNotice(6, 5, "n1", CommitNotice.Read(text))], 10, IsOwn);
            Assert.Equal((true, false, 6L), (step.AllSites, step.WentBack, step.Cursor.Seen));
        }
    }

    private static bool IsOwn(CommitNotice notice) => string.Equals(notice.Node, Own, StringComparison.Ordinal);

    private static CommitNotice Notice(long commits, long previous, string node = "n1") => new(commits, previous, node, [new SiteKey("default", "site-1")]);

    private sealed class StoreModel(Random random)
    {
        private readonly List<CommitNotice> _notices = [];

        public long Commits { get; private set; }

        public Dictionary<SiteKey, int> Sites { get; } = [];

        public void Do(Act act)
        {
            if (act == Act.Trim)
            {
                _notices.RemoveRange(0, random.Next(_notices.Count + 1));
            }

            for (var i = 0; i < (act == Act.Commit ? 1 : act == Act.CommitTwice ? 2 : 0); i++)
            {
                var site = new SiteKey("default", $"site-{random.Next(4)}");
                Sites[site] = Sites.GetValueOrDefault(site) + 1;
                Add(1, [site]);
            }

            if (act == Act.Start)
            {
                Add(1 + random.Next(1_000), []);
            }
        }

        public IReadOnlyList<CommitNotice> After(long seen, int most) => [.. _notices.Where(notice => notice.Commits > seen).Take(most)];

        private void Add(long by, IReadOnlyList<SiteKey> sites)
        {
            _notices.Add(new CommitNotice(Commits + by, Commits, "n1", sites));
            Commits += by;
        }
    }

    private sealed class NodeModel(int most)
    {
        private CommitCursor _cursor = new(0);

        public Dictionary<SiteKey, int> Held { get; } = [];

        public void LookToTheEnd(StoreModel store)
        {
            CommitStep step;
            do
            {
                step = _cursor.Next(store.Commits, store.After(_cursor.Seen, most), most, IsOwn);
                foreach (var site in step.AllSites ? store.Sites.Keys.ToHashSet() : step.Sites)
                {
                    Held[site] = store.Sites[site];
                }

                _cursor = step.Cursor;
            }
            while (step.HasMore);
        }
    }
}
