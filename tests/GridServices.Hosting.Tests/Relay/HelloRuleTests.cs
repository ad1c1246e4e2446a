using GridServices.Contracts;
using GridServices.Hosting.Publishing;

namespace GridServices.Hosting.Tests.Relay;

/// <summary>When a publisher says everything again, and when it tells the hub that it has.</summary>
public sealed class HelloRuleTests
{
    private const string Source = "/gridservices/openadr/1";
    private static readonly HelloState Known = HelloState.From(new HubSeen { Epoch = "e1", Head = 7, Restated = "e1" });

    [Fact]
    public void A_new_store_claims_to_have_seen_nothing() =>
        Assert.Equal(new PublisherHello { Source = Source }, HelloRule.Hello(HelloState.From(new HubSeen()), Source));

    [Fact]
    public void A_known_hub_is_told_what_was_seen_of_it() =>
        Assert.Equal(new PublisherHello { Source = Source, RestatedEpoch = "e1", Epoch = "e1", Head = 7 }, HelloRule.Hello(Known, Source));

    [Fact]
    public void Another_epoch_has_everything_said_again_at_once() => Assert.Equal(HelloStep.Begin, HelloRule.Next(Known, "e2", hadTimeToHear: false));

    [Fact]
    public void The_same_epoch_does_so_once_the_utility_had_time_to_be_heard()
    {
        Assert.Equal(HelloStep.Rest, HelloRule.Next(Known, "e1", hadTimeToHear: false));
        Assert.Equal(HelloStep.Begin, HelloRule.Next(Known, "e1", hadTimeToHear: true));
        Assert.Equal(HelloStep.Look, HelloRule.Next(HelloRule.Began(Known, "e1"), "e1", hadTimeToHear: true));
    }

    [Fact]
    public void A_higher_count_is_kept_and_a_lower_one_of_the_same_epoch_is_not()
    {
        Assert.Equal(9, HelloRule.Answered(Known, new PublisherAnswer { Epoch = "e1", Head = 9 }, Source).State.Seen.Head);
        Assert.Equal(7, HelloRule.Answered(Known, new PublisherAnswer { Epoch = "e1", Head = 3 }, Source).State.Seen.Head);
        var (other, isNew) = HelloRule.Answered(Known, new PublisherAnswer { Epoch = "e2", Head = 3 }, Source);
        Assert.Equal(("e2", 3L, true), (other.Seen.Epoch, other.Seen.Head, isNew));
    }

    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(0, 1, 0)]
    [InlineData(0, 0, 1)]
    public void What_waits_is_parked_or_damaged_keeps_the_hub_waiting(long pending, long parked, long damaged)
    {
        var began = HelloRule.Began(Known, "e2");
        var progress = new RestatementProgress { Pending = pending, Parked = parked, Damaged = damaged, Streams = 2 };
        Assert.Equal(HelloStep.Rest, HelloRule.Decide(began, "e2", progress, hadTimeToHear: true).Step);
    }

    [Fact]
    public void It_is_told_once_all_that_waited_by_then_is_taken()
    {
        var began = HelloRule.Began(Known, "e2");
        var (later, step) = HelloRule.Decide(began, "e2", new RestatementProgress { Streams = 2, Oldest = 5, Newest = 6 }, hadTimeToHear: true);
        Assert.Equal((HelloStep.Rest, 6L), (step, later.UpTo));

        // What came after that moment is not waited for.
        (later, step) = HelloRule.Decide(later, "e2", new RestatementProgress { Streams = 2, Oldest = 7, Newest = 9 }, hadTimeToHear: true);
        Assert.Equal((HelloStep.Restated, "e2"), (step, later.Seen.Restated));
        Assert.Equal(HelloStep.Rest, HelloRule.Next(later, "e2", hadTimeToHear: true));
    }

    [Fact]
    public void An_empty_store_says_so_only_once_the_utility_had_time_to_be_heard()
    {
        var began = HelloRule.Began(HelloState.From(new HubSeen()), "e1");
        Assert.Equal(HelloStep.Rest, HelloRule.Decide(began, "e1", new RestatementProgress(), hadTimeToHear: false).Step);
        var (state, step) = HelloRule.Decide(began, "e1", new RestatementProgress(), hadTimeToHear: true);
        Assert.Equal((HelloStep.Restated, true), (step, state.IsBlank));

        // The hub waits for it all the same: its store may have been lost.
        Assert.True(HelloRule.Answered(state, new PublisherAnswer { Epoch = "e1", Head = 1, WaitingFor = [Source] }, Source).State.IsBlank);
        Assert.False(HelloRule.Answered(state, new PublisherAnswer { Epoch = "e1", Head = 1 }, Source).State.IsBlank);
    }
}
