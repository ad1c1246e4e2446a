using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using GridServices.Contracts;
using GridServices.EnvelopeHub.Sites;

namespace GridServices.EnvelopeHub.Tests.Sites;

public sealed class SiteSetTests
{
    private static readonly Gen<PublicationEntry> AnySubmission =
        from stream in Gen.Elements("A", "B", "C")
        from revision in Gen.Choose(1, 6)
        from watts in Gen.Choose(1, 2)
        from withdrawn in Gen.Frequency((4, Gen.Constant(false)), (1, Gen.Constant(true)))
        select withdrawn ? Some.Withdrawal(stream, revision) : Some.Envelope(stream, revision, watts * 1000);

    [Fact]
    public void Sequences_are_gapless_and_only_accepted_submissions_take_one() => Prop.ForAll(AnySubmission.ListOf().ToArbitrary(), submissions =>
    {
        var set = SiteSet.Empty;
        var entries = new List<Entry>();
        foreach (var submission in submissions)
        {
            if (set.Evaluate(submission) == Verdict.Accepted)
            {
                var entry = set.Apply(submission, "e1");
                entries.Add(entry);
                set = set.With(entry);
            }
        }

        return entries.Select(entry => entry.Sequence).SequenceEqual(Enumerable.Range(1, entries.Count).Select(n => (long)n)) && set.Sequence == entries.Count;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_highest_revision_of_every_key_is_held_whatever_the_order() => Prop.ForAll(AnySubmission.ListOf().ToArbitrary(), submissions =>
    {
        var set = Apply(submissions);
        var expected = submissions.GroupBy(s => s.Publication.Key).ToDictionary(g => g.Key, g => g.Max(s => s.Publication.Revision));
        return set.Entries.Count() == expected.Count && set.Entries.All(entry => entry.Revision == expected[entry.Key]);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Publishing_everything_again_changes_nothing() => Prop.ForAll(AnySubmission.ListOf().ToArbitrary(), submissions =>
    {
        var set = Apply(submissions);
        return submissions.All(submission => set.Evaluate(submission) != Verdict.Accepted);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_set_loaded_from_its_entries_judges_as_the_set_that_was_stored() => Prop.ForAll(AnySubmission.ListOf().ToArbitrary(), AnySubmission.ToArbitrary(), (submissions, next) =>
    {
        var set = Apply(submissions);
        return SiteSet.Create(set.Sequence, set.Entries).Evaluate(next) == set.Evaluate(next);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_same_revision_with_another_content_is_a_conflict()
    {
        var set = Apply([Some.Envelope("A", 3, 1000)]);
        Assert.Equal(Verdict.Duplicate, set.Evaluate(Some.Envelope("A", 3, 1000)));
        Assert.Equal(Verdict.Conflict, set.Evaluate(Some.Envelope("A", 3, 2000)));
        Assert.Equal(Verdict.Stale, set.Evaluate(Some.Envelope("A", 2, 2000)));
        Assert.Equal(Verdict.Accepted, set.Evaluate(Some.Envelope("A", 4, 1000)));
    }

    [Fact]
    public void A_withdrawal_stays_as_a_tombstone_and_keeps_lower_revisions_out()
    {
        var set = Apply([Some.Envelope("A", 1), Some.Withdrawal("A", 2)]);
        Assert.Empty(set.Envelopes);
        Assert.Equal(2, Assert.Single(set.Data<Withdrawal>()).Revision);
        Assert.Equal(Verdict.Stale, set.Evaluate(Some.Envelope("A", 1)));
        Assert.Equal(Verdict.Accepted, set.Evaluate(Some.Envelope("A", 3)));
    }

    [Fact]
    public void A_site_takes_no_more_than_its_share_of_keys()
    {
        var set = Enumerable.Range(0, SiteSet.MostKeys).Aggregate(SiteSet.Empty, (held, n) => held.With(held.Apply(Some.Envelope($"S{n}", 1), "e1")));
        Assert.Equal(Verdict.TooMany, set.Evaluate(Some.Envelope("one-more", 1)));
        Assert.Equal(Verdict.Accepted, set.Evaluate(Some.Envelope("S0", 2)));
    }

    [Fact]
    public void An_admitted_event_carries_the_epoch_and_its_sequence()
    {
        var entry = SiteSet.Empty.Apply(Some.Envelope("A", 1), "e1");
        using var json = JsonDocument.Parse(entry.Event);
        Assert.Equal("e1", json.RootElement.GetProperty("epoch").GetString());
        Assert.Equal("1", json.RootElement.GetProperty("sequence").GetString());
        Assert.Equal("A-1", json.RootElement.GetProperty("id").GetString());
        Assert.StartsWith("{\"epoch\":\"e1\",\"sequence\":\"1\",", Encoding.UTF8.GetString(entry.Event.Span), StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_of_one_site_have_different_texts()
    {
        var stream = new StreamId("a", "b");
        string[] texts =
        [
            KeyText.Format(new StreamKey("s", null, stream)),
            KeyText.Format(new StreamKey("s", new EnvelopeTarget(TargetKind.Site, "s"), stream)),
            KeyText.Format(new StreamKey("s", new EnvelopeTarget(TargetKind.Ess, "s"), stream)),
            KeyText.Format(new StreamKey("s", new EnvelopeTarget(TargetKind.Site, "s"), new StreamId("a", "c"))),
        ];
        Assert.Equal(texts.Length, texts.Distinct(StringComparer.Ordinal).Count());
    }

    private static SiteSet Apply(IEnumerable<PublicationEntry> submissions) => submissions.Aggregate(
        SiteSet.Empty, (set, submission) => set.Evaluate(submission) == Verdict.Accepted ? set.With(set.Apply(submission, "e1")) : set);
}
