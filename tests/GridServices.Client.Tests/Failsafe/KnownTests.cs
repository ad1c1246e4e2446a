using GridServices.Contracts;
using static GridServices.Client.Tests.Samples;

namespace GridServices.Client.Tests.FailsafeMachines;

/// <summary>When what nobody states means "no limit", and when it may only have been lost on the way.</summary>
public sealed class KnownTests
{
    private static readonly FailsafeOptions Init = new() { InitLimits = new Limits { ImportLimitW = 4_200 } };

    [Fact]
    public void A_set_alone_says_neither_the_hubs_time_nor_which_utilities_are_lost() =>
        Script.Start().Knows(false).Hears(Set(1)).Allows(null, SitePhase.Controlled).Knows(false).Most(4_200)
            .Hears(Beat(1)).Knows(true).Most(null)
            .At(119).Knows(true).At(120).Knows(false).Most(4_200)
            .Hears(Set(1)).Knows(false).Hears(Beat(1)).Knows(true);

    [Fact]
    public void A_utility_that_is_lost_while_its_stream_states_nothing_may_have_begun_something() =>
        Script.Start().Hears(Set(1)).Hears(Beat(1, Site, Lost(Dr, sinceS: 60))).Allows(null, SitePhase.Controlled).Knows(true)
            .At(60).Hears(Beat(1, Site, Lost(Dr, sinceS: 120))).Allows(null, SitePhase.Holding).Knows(false).Most(4_200)
            .At(70).Hears(Beat(1, Site, Stale(Dr))).Allows(null, SitePhase.Holding).Knows(false)
            .At(80).Hears(Beat(1, Site, Ok(Dr))).Allows(null, SitePhase.Controlled).Knows(true);

    [Fact]
    public void A_stream_that_was_withdrawn_while_its_utility_is_lost_is_not_known_to_be_over() =>
        Script.Start().Hears(Set(1, Envelope(Dr, 1, 9_000, Holds()))).Hears(Beat(1, Site, Lost(Dr, sinceS: 600))).Allows(9_000, SitePhase.Holding)
            .Hears(Withdraw(2, Dr, 2)).Hears(Beat(2, Site, Lost(Dr, sinceS: 600))).Allows(null, SitePhase.Holding).Knows(false)
            .At(15).Hears(Beat(2)).Allows(null, SitePhase.Controlled).Knows(true);

    [Fact]
    public void A_site_that_the_hub_has_never_heard_of_has_no_known_limits_although_an_empty_set_was_held() =>
        Script.Start(options: Init).Hears(Set(1)).Hears(Beat(1)).Knows(true)
            .Hears(Unknown("F")).Allows(4_200, SitePhase.Init).Knows(false)
            .Hears(Beat(0).In("F")).Allows(4_200, SitePhase.Init).Knows(false)
            .Hears(Change(1, Envelope(Dr, 1, 9_000, Holds())).In("F")).Allows(9_000, SitePhase.Controlled).Knows(false)
            .Hears(Beat(1).In("F")).Knows(true);

    [Fact]
    public void A_site_that_became_unknown_is_told_with_what_holds_then()
    {
        var before = Script.Start(options: Init).Hears(Set(1)).State;
        var after = FailsafeMachine.Apply(before, Unknown("F"), new Moment(T0, NodaTime.Duration.FromDays(3)));
        Assert.Contains(HistoryNotices.Between(before, after), notice => notice.Contains("limits of the beginning", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_known_to_have_been_missed_is_not_known_once_asking_for_it_takes_too_long() =>
        Script.Start().Hears(Set(1)).Hears(Beat(1)).Hears(Beat(2)).NeedsSet(true).Knows(true)
            .At(4).Hears(Beat(2)).Knows(true).At(5).Knows(false).At(20).Hears(Beat(3)).Knows(false)
            .Hears(Set(3)).Knows(true);

    [Fact]
    public void A_hub_that_starts_anew_in_the_same_history_counts_as_silence() =>
        Script.Start().Hears(Set(1)).Hears(Beat(1)).At(30).Hears(Incomplete(Epoch, 1)).Hears(Beat(1).In(Epoch, incomplete: true)).Knows(true)
            .At(119).Hears(Beat(1).In(Epoch, incomplete: true)).Knows(true)
            .At(120).Knows(false).Hears(Beat(1)).Knows(true);

    [Fact]
    public void Another_history_is_known_only_when_it_is_complete() =>
        Script.Start().Hears(Set(1)).Hears(Beat(1)).Knows(true).Hears(Incomplete("F", 0)).Knows(false)
            .Hears(Beat(0).In("F", incomplete: true)).Knows(false).Hears(Beat(0).In("F")).Knows(true);

    [Fact]
    public void A_hub_that_was_incomplete_from_the_first_is_not_known() =>
        Script.Start().Hears(Incomplete(Epoch, 1)).Hears(Beat(1).In(Epoch, incomplete: true)).Knows(false).Hears(Beat(1)).Knows(true);

    [Fact]
    public void A_hub_that_knows_less_than_it_once_said_is_not_known() =>
        Script.Start().Hears(Set(7)).Hears(Beat(7)).Knows(true).Hears(Complete(Epoch, 3)).Hears(Beat(3)).Knows(false).Hears(Complete("F", 0)).Hears(Beat(0).In("F")).Knows(true);

    [Theory]
    [InlineData(false, null, 0L)]
    [InlineData(false, 9_000L, 0L)]
    [InlineData(true, 9_000L, 9_000L)]
    [InlineData(true, null, null)]
    public void The_most_of_a_site_that_is_told_to_disconnect_is_0(bool connect, long? importW, long? most)
    {
        var envelope = Envelope(Dr, 1, null, Holds());
        foreach (var limits in new[] { new Limits { ImportLimitW = importW, Connect = connect }, new Limits { ImportLimitW = importW, Energize = connect } })
        {
            Script.Start().Hears(Set(1, envelope with { Segments = [envelope.Segments[0] with { Limits = limits }] })).Hears(Beat(1)).Most(most);
        }
    }

    [Fact]
    public void What_is_given_goes_by_its_own_limit()
    {
        var limits = FailsafeMachine.LimitsAt(FailsafeMachine.Start(Site, null, Init, new Moment(T0, NodaTime.Duration.Zero)), new Moment(T0, NodaTime.Duration.Zero));
        Assert.Equal((4_200, 500), (limits.MostImportW(1), limits.MostExportW(500)));
        Assert.Throws<ArgumentOutOfRangeException>(() => limits.MostExportW(-1));
    }

    [Fact]
    public void Whether_all_is_known_is_a_change_that_handlers_are_told()
    {
        var limits = FailsafeMachine.LimitsAt(FailsafeMachine.Start(Site, null, Init, new Moment(T0, NodaTime.Duration.Zero)), new Moment(T0, NodaTime.Duration.Zero));
        Assert.False(limits.SaysSameAs(limits with { IsKnown = true }));
    }
}
