using System.Text.Json;
using GridServices.Contracts;
using GridServices.Hosting.Publishing;
using NodaTime;

namespace GridServices.Hosting.Tests.Relay;

public sealed class RaiseRuleTests
{
    private static readonly Instant Now = Instant.FromUtc(2027, 1, 15, 18, 0);

    [Fact]
    public void The_latest_word_goes_one_above_what_the_hub_holds() =>
        Assert.Equal(new RaiseVerdict.Raise(3, Now, 1), Decide(revision: 1, Stream(1), held: 3));

    [Fact]
    public void A_second_raise_counts_from_the_services_own_revision() =>
        Assert.Equal(new RaiseVerdict.Raise(7, Now, 2), Decide(revision: 1, Stream(1) with { RaisedBy = 3, RaisedSince = Now, RaisedTimes = 1 }, held: 7));

    [Fact]
    public void An_older_word_is_done_because_a_newer_one_follows() =>
        Assert.IsType<RaiseVerdict.Superseded>(Decide(revision: 1, Stream(2), held: 3));

    [Fact]
    public void A_word_waits_until_the_service_has_heard_its_utility()
    {
        Assert.Equal(new RaiseVerdict.Later("the VTN was not heard"), RaiseRule.Decide(1, Stream(1), 3, "the VTN was not heard", Now));
        Assert.IsType<RaiseVerdict.Raise>(RaiseRule.Decide(1, Stream(1), 3, whyUnheard: null, Now));
        Assert.IsType<RaiseVerdict.Superseded>(RaiseRule.Decide(1, Stream(2), 3, "the VTN was not heard", Now));
    }

    [Fact]
    public void A_hub_that_does_not_say_what_it_holds_is_approached_by_doubling_steps()
    {
        var stream = Stream(1);
        var steps = new List<long>();
        while (steps.Count < 5 && Decide(1, stream, held: null) is RaiseVerdict.Raise raise)
        {
            steps.Add(raise.By);
            stream = stream with { RaisedBy = raise.By, RaisedSince = raise.Since, RaisedTimes = raise.Times };
        }

        Assert.Equal([1, 2, 4, 8, 16], steps);
    }

    [Fact]
    public void Two_publishers_that_go_above_one_another_do_not_climb_without_end()
    {
        var stream = Stream(1);
        for (var i = 0; i < RaiseRule.MostKnown; i++)
        {
            var raise = Assert.IsType<RaiseVerdict.Raise>(Decide(1, stream, held: (2 * i) + 1));
            stream = stream with { RaisedBy = raise.By, RaisedSince = raise.Since, RaisedTimes = raise.Times };
        }

        Assert.IsType<RaiseVerdict.GiveUp>(Decide(1, stream, held: 99));
        Assert.IsType<RaiseVerdict.Raise>(RaiseRule.Decide(1, stream, 99, null, Now + RaiseRule.Window));
    }

    [Fact]
    public void Nothing_goes_above_the_highest_revision_of_the_contract() =>
        Assert.IsType<RaiseVerdict.GiveUp>(Decide(1, Stream(1), held: 1L << 53));

    [Fact]
    public void A_raised_body_is_another_event_of_the_same_envelope()
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new { specversion = "1.0", id = new string('i', 128), data = new { envelopeId = "e", revision = 2, segments = Array.Empty<int>() } });

        using var raised = JsonDocument.Parse(RaisedBody.WithRevision(body, 5));

        Assert.Equal(5, raised.RootElement.GetProperty("data").GetProperty("revision").GetInt64());
        Assert.Equal("e", raised.RootElement.GetProperty("data").GetProperty("envelopeId").GetString());
        var id = raised.RootElement.GetProperty("id").GetString()!;
        Assert.EndsWith("~5", id, StringComparison.Ordinal);
        Assert.Equal(Identifiers.MaxLength, id.Length);
    }

    [Fact]
    public void It_applies_to_stale_and_to_a_revision_used_for_other_content_only()
    {
        Assert.True(RaiseRule.Applies(new PublishResult { Status = PublishStatus.Stale }));
        Assert.True(RaiseRule.Applies(new PublishResult { Status = PublishStatus.Rejected, Problem = Problems.Create(ErrorClass.IdConflict, "x") }));
        Assert.False(RaiseRule.Applies(new PublishResult { Status = PublishStatus.Rejected, Problem = Problems.Create(ErrorClass.SemanticTime, "x") }));
        Assert.False(RaiseRule.Applies(new PublishResult { Status = PublishStatus.Duplicate }));
    }

    private static RaiseVerdict Decide(long revision, StreamState stream, long? held) => RaiseRule.Decide(revision, stream, held, whyUnheard: null, Now);

    private static StreamState Stream(long revision) => new() { Revision = revision, RaisedSince = NodaConstants.UnixEpoch };
}
