using FsCheck;
using FsCheck.Fluent;

namespace GridServices.Contracts.Tests.Merging;

public sealed class LiveSetLawTests
{
    /// <summary>What each stream said in each revision: equal (key, revision) is equal content, as the hub enforces.</summary>
    private static readonly IReadOnlyList<object> Said =
    [
        .. from key in new[] { "a", "b", "c" }
           from revision in Enumerable.Range(1, 5)
           select key == "c" ? Prices(key, revision) : (revision + key[0]) % 3 == 0 ? Withdraw(key, revision) : (object)State(key, revision),
    ];

    private static readonly Gen<IReadOnlyList<object>> Histories = Gen.Elements(Said.ToArray()).ListOf().Select(l => (IReadOnlyList<object>)[.. l]);

    [Fact]
    public void Order_and_duplication_of_delivery_are_irrelevant() =>
        (from history in Histories from again in Gen.Shuffle(history.Concat(history).ToArray()) select (history, again))
            .Holds(p => Same(Fold(LiveSet.Empty, p.history), Fold(LiveSet.Empty, p.again)));

    [Fact]
    public void A_snapshot_and_the_changes_after_any_cursor_not_later_give_the_full_replay() =>
        (from history in Histories
         from taken in Gen.Choose(0, history.Count)
         from cursor in Gen.Choose(0, taken)
         select (history, taken, cursor))
            .Holds(p =>
            {
                var snapshot = ToSnapshot(Fold(LiveSet.Empty, p.history.Take(p.taken)));
                return Same(Fold(LiveSet.From(snapshot), p.history.Skip(p.cursor)), Fold(LiveSet.Empty, p.history));
            });

    [Fact]
    public void A_lower_revision_never_brings_anything_back() =>
        (from history in Histories from late in Gen.Elements(Said.ToArray()) select (history, late))
            .Holds(p =>
            {
                var set = Fold(LiveSet.Empty, p.history);
                var highest = p.history.Where(d => GetKey(d) == GetKey(p.late)).Select(GetRevision).DefaultIfEmpty(0).Max();
                var after = Apply(set, p.late);
                return after.Verdict == (GetRevision(p.late) > highest ? Supersession.Accepted : GetRevision(p.late) == highest ? Supersession.Duplicate : Supersession.Stale)
                    && (after.Verdict == Supersession.Accepted || ReferenceEquals(after.Next, set));
            });

    [Fact]
    public void What_is_live_is_the_highest_revision_of_each_stream() =>
        Histories.Holds(history =>
        {
            var newest = history.GroupBy(GetKey).Select(g => g.MaxBy(GetRevision)!).ToList();
            var set = Fold(LiveSet.Empty, history);
            return set.Envelopes.Count == newest.OfType<Envelope>().Count() && set.Envelopes.All(newest.Contains)
                && set.Withdrawals.Count == newest.OfType<Withdrawal>().Count() && set.Withdrawals.All(newest.Contains)
                && set.Prices.Count == newest.OfType<PriceSeries>().Count() && set.Prices.All(newest.Contains);
        });

    [Fact]
    public void The_same_revision_with_other_content_is_a_conflict_and_changes_nothing()
    {
        var set = Apply(LiveSet.Empty, State("a", 3)).Next;

        Assert.Equal(Supersession.Conflict, Apply(set, State("a", 3) with { Tier = Tier.Safety }).Verdict);
        Assert.Equal(Supersession.Conflict, Apply(set, Withdraw("a", 3)).Verdict);
        Assert.Equal(Supersession.Duplicate, Apply(set, State("a", 3)).Verdict);
        Assert.Equal(Supersession.Accepted, Apply(set, Withdraw("a", 4)).Verdict);
        Assert.Equal(Supersession.Stale, Apply(Apply(set, Withdraw("a", 4)).Next, State("a", 3)).Verdict);
    }

    [Fact]
    public void Streams_targets_and_prices_do_not_supersede_each_other()
    {
        var other = State("a", 1) with { Target = new EnvelopeTarget(TargetKind.Ess, "ess-1") };
        var set = Fold(LiveSet.Empty, [State("a", 5), State("b", 1), other, Prices("a", 1)]);

        Assert.Equal(3, set.Envelopes.Count);
        Assert.Single(set.Prices);
    }

    private static LiveSet Fold(LiveSet start, IEnumerable<object> history) => history.Aggregate(start, (set, data) => Apply(set, data).Next);

    private static LiveChange Apply(LiveSet set, object data) => data switch
    {
        Envelope e => set.Apply(e),
        Withdrawal w => set.Apply(w),
        _ => set.Apply((PriceSeries)data),
    };

    private static StreamKey GetKey(object data) => data switch
    {
        Envelope e => StreamKey.From(e),
        Withdrawal w => StreamKey.From(w),
        _ => StreamKey.From((PriceSeries)data),
    };

    private static long GetRevision(object data) => data switch
    {
        Envelope e => e.Revision,
        Withdrawal w => w.Revision,
        _ => ((PriceSeries)data).Revision,
    };

    private static bool Same(LiveSet a, LiveSet b) => CanonicalJson.SameContent(ToSnapshot(a), ToSnapshot(b));

    private static SiteSnapshot ToSnapshot(LiveSet set) => new()
    {
        SiteId = "site-1",
        Epoch = "e",
        Sequence = "1",
        AsOf = Sample.Start,
        Envelopes = set.Envelopes,
        Withdrawn = set.Withdrawals,
        Prices = set.Prices,
        Effective = EffectiveEnvelope.Merge("site-1", set.Envelopes, Sample.Start),
    };

    private static Envelope State(string key, long revision) =>
        Sample.Envelope(key, Tier.Market, Sample.Segment(0, null, new Limits { ImportLimitW = 1000 * revision })) with { Revision = revision, EnvelopeId = Sample.CreateId(key, revision) };

    private static Withdrawal Withdraw(string key, long revision) =>
        new() { SiteId = "site-1", Target = new EnvelopeTarget(TargetKind.Site, "site-1"), Stream = new StreamId("test", key), Revision = revision };

    private static PriceSeries Prices(string key, long revision) => new()
    {
        SeriesId = Sample.CreateId(key, revision),
        Revision = revision,
        SiteId = "site-1",
        Stream = new StreamId("test", key),
        Currency = "EUR",
        Unit = "kWh",
        Segments = [new PriceSegment { From = Sample.Start, ImportPrice = revision / 10m }],
        Provenance = new Provenance { Protocol = "test", Authority = "test" },
    };
}
