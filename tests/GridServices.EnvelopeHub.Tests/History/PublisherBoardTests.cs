using GridServices.EnvelopeHub.History;
using NodaTime;

namespace GridServices.EnvelopeHub.Tests.History;

public sealed class PublisherBoardTests
{
    private static readonly Instant Start = Instant.FromUtc(2027, 1, 15, 18, 0);
    private static readonly Duration Settle = Duration.FromSeconds(30);
    private static readonly PublisherId OpenAdr = new("default", "/gridservices/openadr/1");
    private static readonly PublisherId Stranger = new("default", "/others/1");

    [Fact]
    public void With_nobody_known_a_new_history_is_incomplete_until_the_time_to_come_by_is_over()
    {
        var board = Begun();

        Assert.True(board.GetTenantHistory("default", Start).Incomplete);
        Assert.True(board.GetTenantHistory("default", Start + Settle - Duration.Epsilon).Incomplete);
        Assert.False(board.GetTenantHistory("default", Start + Settle).Incomplete);
    }

    [Fact]
    public void A_known_publisher_is_waited_for_until_it_says_restated_in_this_epoch_however_long_that_takes()
    {
        var board = Begun(Known(OpenAdr));

        Assert.Equal([OpenAdr.Source], board.GetTenantHistory("default", Start + Duration.FromDays(3)).WaitingFor);
        board.Hello(OpenAdr, "e1", Start);
        Assert.True(board.GetTenantHistory("default", Start).Incomplete);
        board.Published(OpenAdr, Start);
        Assert.True(board.GetTenantHistory("default", Start).Incomplete);
        board.Hello(OpenAdr, "e2", Start);
        Assert.False(board.GetTenantHistory("default", Start).Incomplete);
    }

    [Fact]
    public void One_that_never_says_hello_has_restated_with_its_first_publication()
    {
        var board = Begun(Known(Stranger) with { Speaks = false });

        Assert.True(board.GetTenantHistory("default", Start).Incomplete);
        board.Published(Stranger, Start);
        Assert.False(board.GetTenantHistory("default", Start).Incomplete);
    }

    [Fact]
    public void A_publisher_heard_in_the_time_to_come_by_is_waited_for_and_one_that_comes_later_is_not()
    {
        var board = Begun();
        board.Hello(OpenAdr, null, Start);
        Assert.Equal([OpenAdr.Source], board.GetTenantHistory("default", Start + Settle).WaitingFor);
        board.Hello(OpenAdr, "e2", Start);
        var settled = board.Settle(Start + Settle);
        Assert.Equal("e2", settled.Epoch);
        Assert.Equal(["default"], settled.Tenants);

        board.Hello(new PublisherId("default", "/gridservices/tariffs/1"), null, Start + Settle);

        Assert.False(board.GetTenantHistory("default", Start + Settle).Incomplete);
    }

    [Fact]
    public void A_struck_publisher_is_not_waited_for()
    {
        var board = Begun(Known(OpenAdr));
        Assert.True(board.Remove(OpenAdr));
        Assert.False(board.GetTenantHistory("default", Start + Settle).Incomplete);
        Assert.False(board.Remove(OpenAdr));
    }

    // Its store was lost with the hub's, or was put back empty: that it has nothing to say proves nothing.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void One_that_knew_the_hub_and_comes_back_without_a_memory_is_waited_for_until_it_publishes(bool sameHistory)
    {
        var board = sameHistory ? Restarted() : Begun(Known(OpenAdr) with { KnewHub = true });

        Assert.True(board.Hello(OpenAdr, null, Start, knowsHub: false)!.Forgot);
        board.Hello(OpenAdr, "e2", Start + Duration.FromSeconds(25));
        Assert.Equal([OpenAdr.Source], board.GetTenantHistory("default", Start + Duration.FromDays(1)).WaitingFor);

        Assert.False(board.Published(OpenAdr, Start + Duration.FromDays(1))!.Forgot);
        Assert.True(board.GetTenantHistory("default", Start + Duration.FromDays(1)).Incomplete);
        board.Hello(OpenAdr, "e2", Start + Duration.FromDays(1));
        Assert.False(board.GetTenantHistory("default", Start + Duration.FromDays(1)).Incomplete);
    }

    [Fact]
    public void One_without_a_memory_is_let_go_by_a_person_and_does_not_forget_twice()
    {
        var board = Begun(Known(OpenAdr) with { KnewHub = true });
        board.Hello(OpenAdr, null, Start, knowsHub: false);
        Assert.True(board.Remove(OpenAdr));
        board.Hello(OpenAdr, "e2", Start + Settle);
        Assert.False(board.GetTenantHistory("default", Start + Settle).Incomplete);
    }

    [Fact]
    public void That_it_forgot_outlives_a_restart_of_the_hub()
    {
        var board = Begun(Known(OpenAdr) with { Forgot = true });
        board.Hello(OpenAdr, "e2", Start);
        Assert.True(board.GetTenantHistory("default", Start + Duration.FromDays(1)).Incomplete);
    }

    // A new hub and new publishers, also where the configuration names them: nobody has forgotten anything.
    [Fact]
    public void A_new_publisher_knows_no_hub_and_its_first_hello_is_no_loss()
    {
        var named = Begun(Known(OpenAdr) with { Restated = null });
        named.Hello(OpenAdr, null, Start, knowsHub: false);
        named.Hello(OpenAdr, "e2", Start + Duration.FromSeconds(20));
        Assert.False(named.GetTenantHistory("default", Start + Settle).Incomplete);

        var unnamed = Begun();
        unnamed.Hello(OpenAdr, null, Start, knowsHub: false);
        unnamed.Hello(OpenAdr, null, Start, knowsHub: false); // the answer was lost
        unnamed.Hello(OpenAdr, "e2", Start + Duration.FromSeconds(20));
        Assert.False(unnamed.GetTenantHistory("default", Start + Settle).Incomplete);
    }

    // The hub holds what it stated, and counts it in: an ordinary start of the hub later must not wait for it for ever.
    [Fact]
    public void One_that_loses_its_store_while_nobody_waits_for_it_stays_counted_in()
    {
        var board = Restarted();
        board.Hello(OpenAdr, "e2", Start);
        board.Hello(OpenAdr, null, Start + Settle, knowsHub: false);
        board.Hello(OpenAdr, "e2", Start + Settle);

        board.Begin("e2", Start - Duration.FromDays(1), [.. board.Known], ["default"], ownRun: 2, newestRun: 2);
        Assert.True(board.GetTenantHistory("default", Start).Incomplete);
        board.Hello(OpenAdr, "e2", Start);
        Assert.False(board.GetTenantHistory("default", Start).Incomplete);
    }

    // Each instance waits for whoever has not confirmed the store since its own start, at whichever instance.
    [Fact]
    public void What_another_instance_heard_counts_where_it_heard_it_after_the_start_of_this_one()
    {
        var board = new PublisherRegistry(Settle);
        var stored = Known(OpenAdr) with { Restated = "e2", ConfirmedRun = 6 };
        board.Begin("e2", Start - Duration.FromDays(1), [stored], ["default"], ownRun: 7, newestRun: 7);
        Assert.True(board.GetTenantHistory("default", Start).Incomplete);

        board.Merge([stored], ["default"], newestRun: 8, isNewer: _ => false);
        Assert.True(board.GetTenantHistory("default", Start).Incomplete);
        board.Merge([stored with { ConfirmedRun = 7 }], ["default"], newestRun: 8, isNewer: _ => false);
        Assert.False(board.GetTenantHistory("default", Start).Incomplete);

        // Its next hello here is news to one that started later.
        Assert.Equal(8, board.Hello(OpenAdr, "e2", Start)!.ConfirmedRun);
    }

    [Fact]
    public void What_another_instance_heard_of_restating_forgetting_and_striking_counts_unless_more_is_known_here()
    {
        var board = Begun(Known(OpenAdr));
        board.Hello(OpenAdr, null, Start);
        board.Merge([Known(OpenAdr) with { Restated = "e2", ConfirmedRun = 1 }], [], newestRun: 1, isNewer: _ => false);
        Assert.False(board.GetTenantHistory("default", Start).Incomplete);

        board.Merge([], [], newestRun: 1, isNewer: _ => true);
        Assert.Single(board.Known);
        Assert.Equal([OpenAdr], board.Merge([], [], newestRun: 1, isNewer: _ => false));
        Assert.Empty(board.Known);

        board.Merge([Known(OpenAdr) with { Forgot = true, KnewHub = true, ConfirmedRun = 1 }], [], newestRun: 1, isNewer: _ => false);
        board.Hello(OpenAdr, "e2", Start);
        Assert.True(board.GetTenantHistory("default", Start).Incomplete);
        board.Merge([Known(OpenAdr) with { KnewHub = true, ConfirmedRun = 1 }], [], newestRun: 1, isNewer: _ => false);
        board.Hello(OpenAdr, "e2", Start);
        Assert.False(board.GetTenantHistory("default", Start).Incomplete);
    }

    // Named ones too: that they are kept where the store lacks them says nothing of what others heard.
    [Fact]
    public void What_another_instance_heard_of_a_lost_store_counts_of_a_named_publisher_and_beside_news_of_here()
    {
        foreach (var (isNewer, isNamed) in new[] { (false, true), (true, false) })
        {
            var board = Begun(Known(OpenAdr));
            board.Merge([Known(OpenAdr) with { Forgot = true, KnewHub = true }], [], newestRun: 1, isNewer: _ => isNewer, isNamed: _ => isNamed);
            board.Hello(OpenAdr, "e2", Start);
            Assert.True(board.GetTenantHistory("default", Start).Incomplete);

            board.Published(OpenAdr, Start);
            board.Hello(OpenAdr, "e2", Start);
            Assert.False(board.GetTenantHistory("default", Start).Incomplete);
        }

        var named = Begun(Known(OpenAdr));
        Assert.Empty(named.Merge([], [], newestRun: 1, isNewer: _ => false, isNamed: _ => true));
        Assert.Single(named.Known);
    }

    // The epoch is optional: a publisher that never gives it can't be told from one that forgot it, and says "restated" all the same.
    [Fact]
    public void One_that_never_gave_an_epoch_does_not_forget_by_giving_none()
    {
        var board = Begun(Known(OpenAdr) with { Restated = "e2" });
        board.Begin("e2", Start, [.. board.Known], ["default"]);
        board.Hello(OpenAdr, "e2", Start, knowsHub: false);
        Assert.False(board.GetTenantHistory("default", Start).Incomplete);

        board.Begin("e3", Start, [.. board.Known], []);
        board.Hello(OpenAdr, "e3", Start, knowsHub: false);
        Assert.False(board.GetTenantHistory("default", Start).Incomplete);
    }

    [Fact]
    public void To_have_come_with_an_epoch_is_news_to_be_stored()
    {
        var board = Begun();
        Assert.False(board.Hello(OpenAdr, "e2", Start, knowsHub: false)!.KnewHub);
        Assert.True(board.Hello(OpenAdr, "e2", Start)!.KnewHub);
        Assert.Null(board.Hello(OpenAdr, "e2", Start));
    }

    [Fact]
    public void One_that_published_since_the_start_has_shown_what_it_has()
    {
        var board = Restarted();
        board.Published(OpenAdr, Start);
        board.Hello(OpenAdr, null, Start, knowsHub: false);
        Assert.False(board.GetTenantHistory("default", Start).Incomplete);
    }

    [Fact]
    public void Tenants_do_not_wait_for_one_another()
    {
        var board = Begun(Known(OpenAdr), Known(new PublisherId("other", "/x")) with { Restated = "e2", Speaks = false });
        Assert.True(board.GetTenantHistory("default", Start).Incomplete);
        Assert.False(board.GetTenantHistory("other", Start).Incomplete);
    }

    [Fact]
    public void After_a_start_in_the_same_history_limits_are_complete_only_when_each_publisher_has_confirmed_the_store_or_is_struck()
    {
        var board = Restarted();
        Assert.Equal([OpenAdr.Source], board.GetTenantHistory("default", Start + Duration.FromDays(1)).WaitingFor);
        board.Hello(OpenAdr, "e2", Start);
        Assert.False(board.GetTenantHistory("default", Start).Incomplete);

        var abandoned = Restarted();
        abandoned.Remove(OpenAdr);
        Assert.False(abandoned.GetTenantHistory("default", Start).Incomplete);
    }

    [Fact]
    public void Invented_sources_are_bounded()
    {
        var board = Begun();
        for (var i = 0; i < PublisherRegistry.MostSources + 10; i++)
        {
            board.Published(new PublisherId("default", $"/invented/{i}"), Start);
        }

        Assert.Equal(PublisherRegistry.MostSources, board.Known.Count());
    }

    [Fact]
    public void One_that_was_heard_by_a_clock_behind_was_not_known_before_the_history_began()
    {
        var board = Begun();
        board.Hello(OpenAdr, "e2", Start - Duration.FromSeconds(5));
        Assert.True(board.GetTenantHistory("default", Start + Settle - Duration.Epsilon).Incomplete);
        Assert.Empty(board.Settle(Start + Settle - Duration.Epsilon).Tenants);
        Assert.False(board.GetTenantHistory("default", Start + Settle).Incomplete);
    }

    private static PublisherRegistry Begun(params KnownPublisher[] known)
    {
        var board = new PublisherRegistry(Settle);
        board.Begin("e2", Start, known, []);
        return board;
    }

    private static PublisherRegistry Restarted()
    {
        var board = new PublisherRegistry(Settle);
        board.Begin("e2", Start - Duration.FromDays(1), [Known(OpenAdr) with { Restated = "e2", KnewHub = true }], ["default"]);
        return board;
    }

    private static KnownPublisher Known(PublisherId id) => new() { Id = id, Speaks = true, FirstHeard = Start - Duration.FromDays(1), Restated = "e1" };
}
