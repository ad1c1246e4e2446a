using GridServices.Adapters.Ocpp;
using GridServices.Adapters.Schedules;
using GridServices.Adapters.Service.Ocpp;
using GridServices.Testing;
using NodaTime;

namespace GridServices.Adapters.Service.Tests.Ocpp;

/// <summary>When a station is sent what, and when it counts as one that does not answer.</summary>
public sealed class StationLinkTests
{
    private static readonly Instant Now = Instant.FromUtc(2027, 1, 15, 18, 0);
    private static readonly PowerCurve More = PowerCurve.Constant(Now, 8_000);
    private static readonly PowerCurve Less = PowerCurve.Constant(Now, 2_000);
    private static readonly ProfileAnswer Accepted = new(ProfileOutcome.Accepted, string.Empty);
    private static readonly ProfileAnswer Refused = new(ProfileOutcome.Refused, "no");
    private readonly ManualTimeProvider time = new(Now);
    private readonly StationLink link;

    public StationLinkTests() => link = new StationLink(new StationRecord(new ChargingStation { Id = "a", MaxA = 32, Phases = 1, HighestVolts = 250 }), time, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(10));

    [Fact]
    public void After_a_long_trouble_a_lower_limit_goes_out_soon_and_a_higher_one_waits()
    {
        for (var number = 1; number <= 8; number++)
        {
            Send(number, PowerCurve.Constant(Now, 4_000), new ProfileAnswer(ProfileOutcome.NotSent, "away"));
            time.Advance(Duration.FromSeconds(60));
        }

        Send(9, PowerCurve.Constant(Now, 4_000), new ProfileAnswer(ProfileOutcome.NotSent, "away"));
        Assert.False(link.IsDue(Less, Now));
        time.Advance(Duration.FromSeconds(2));
        Assert.Equal((true, false, false), (link.IsDue(Less, Now), link.IsDue(More, Now), link.IsDue(PowerCurve.Constant(Now, 4_000), Now)));
        time.Advance(Duration.FromSeconds(58));
        Assert.True(link.IsDue(More, Now));
    }

    [Fact]
    public void A_silent_station_loses_patience_though_it_is_told_something_else_again_and_again()
    {
        for (var number = 1; number <= 3; number++)
        {
            Send(number, number % 2 == 0 ? More : Less, null);
            Assert.False(link.CheckTimeout());
            time.Advance(Duration.FromSeconds(4));
        }

        Assert.True(link.CheckTimeout());
        Assert.Equal((false, "the station has not answered within 10 s"), (link.Answers, link.Trouble));
    }

    [Fact]
    public void A_station_that_answers_the_one_before_the_last_answers()
    {
        Send(1, Less, null);
        for (var number = 2; number <= 8; number++)
        {
            time.Advance(Duration.FromSeconds(4));
            Send(number, number % 2 == 0 ? More : Less, null);
            link.Answered(number - 1, Accepted);
            Assert.False(link.CheckTimeout());
        }

        Assert.True(link.Answers);
    }

    [Fact]
    public void The_systems_trouble_after_the_stations_yes_is_none_and_the_stations_no_takes_it_back()
    {
        Send(1, Less, Accepted);
        link.Answered(1, new ProfileAnswer(ProfileOutcome.NotSent, "the charge-station system answers 500"));
        Assert.True(link.Has(Less, Now, TimeSpan.FromMinutes(1)));
        link.Answered(1, Refused);
        Assert.Equal((false, false, 8_000), (link.Has(Less, Now, TimeSpan.FromMinutes(1)), link.Answers, link.Record.MayDo.At(Now)));
    }

    // It may have taken the profile all the same: the others are not given what that leaves.
    [Fact]
    public void An_answer_that_nobody_can_read_leaves_what_was_sent_counted()
    {
        Send(1, Less, Accepted);
        Send(2, More, ProfileAnswer.FromStation("""{"status":"Acc"""));
        Assert.Equal((8_000, false), (link.Record.MayDo.At(Now), link.Has(More, Now, TimeSpan.FromMinutes(1))));
    }

    // By a clock that is two seconds slow the old profile still allows what is forbidden at once.
    [Fact]
    public void A_lower_limit_goes_out_though_the_last_profile_has_just_come_to_it()
    {
        var slow = new StationLink(link.Record, time, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(10), Duration.FromSeconds(2));
        Assert.Empty(slow.Sends(1, PowerCurve.Create([Now, Now + Duration.FromSeconds(5)], at => at == Now ? 8_000 : 0), null));
        slow.EndSend();
        slow.Answered(1, Accepted);
        Assert.Equal((true, true, false), (IsDue(5), IsDue(6), IsDue(7)));

        bool IsDue(int seconds) => slow.IsDue(PowerCurve.Constant(Now + Duration.FromSeconds(seconds), 0), Now + Duration.FromSeconds(seconds));
    }

    // The system takes one after the other: how long that lasts says nothing about the station.
    [Fact]
    public void The_time_until_its_turn_is_no_silence_of_the_station()
    {
        Assert.Empty(link.Sends(1, Less, null));
        time.Advance(Duration.FromSeconds(12));
        link.BeginWait(1);
        link.EndSend();
        Assert.Equal((false, true, false), (link.CheckTimeout(), link.IsWaiting, link.IsDue(Less, Now)));
        time.Advance(Duration.FromSeconds(10));
        Assert.True(link.CheckTimeout());
    }

    [Fact]
    public void What_is_withdrawn_before_its_turn_leaves_all_as_it_was_and_the_lower_one_due()
    {
        Send(1, PowerCurve.Constant(Now, 4_000), Accepted);
        Assert.Empty(link.Sends(2, More, null));
        link.Withdrawn(2);
        link.EndSend();
        link.Answered(2, new ProfileAnswer(ProfileOutcome.NotSent, "withdrawn"));
        Assert.Equal((4_000, true, null), (link.Record.MayDo.At(Now), link.Has(PowerCurve.Constant(Now, 4_000), Now, TimeSpan.FromMinutes(1)), link.Trouble));
        Assert.Equal((true, true, false), (link.IsDue(Less, Now), link.IsToHaveLess(Less, Now), link.IsDue(PowerCurve.Constant(Now, 4_000), Now)));
    }

    [Fact]
    public void A_silent_station_loses_patience_though_what_it_is_to_have_next_is_withdrawn_again_and_again()
    {
        Send(1, Less, null);
        for (var number = 2; number <= 3; number++)
        {
            time.Advance(Duration.FromSeconds(5));
            Assert.Empty(link.Sends(number, More, null));
            link.Withdrawn(number);
            link.EndSend();
        }

        Assert.True(link.CheckTimeout());
    }

    [Fact]
    public void An_answer_that_comes_while_the_next_waits_for_its_turn_ends_the_wait()
    {
        Send(1, Less, null);
        Assert.Empty(link.Sends(2, More, null));
        link.Answered(1, Accepted);
        link.Withdrawn(2);
        link.EndSend();
        time.Advance(Duration.FromSeconds(20));
        Assert.Equal((false, false, 2_000), (link.CheckTimeout(), link.IsWaiting, link.Record.MayDo.At(Now)));
    }

    // It still holds the higher one.
    [Fact]
    public void A_lower_limit_that_never_came_to_its_turn_is_tried_soon_however_often()
    {
        Send(1, More, Accepted);
        for (var number = 2; number <= 9; number++)
        {
            time.Advance(Duration.FromSeconds(5));
            Assert.True(link.IsDue(Less, Now));
            Assert.Empty(link.Sends(number, Less, null));
            link.EndSend();
            link.Answered(number, new ProfileAnswer(ProfileOutcome.NotSent, "the system hangs"));
        }

        Assert.Equal((true, false, "the system hangs"), (link.IsToHaveLess(Less, Now), link.Answers, link.Trouble));
    }

    private void Send(long number, PowerCurve curve, ProfileAnswer? answer)
    {
        Assert.Empty(link.Sends(number, curve, null));
        link.BeginWait(number);
        link.EndSend();
        if (answer is not null)
        {
            link.Answered(number, answer);
        }
    }
}
