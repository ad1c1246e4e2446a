using GridServices.Adapters.Ocpp;
using GridServices.Adapters.Schedules;
using static GridServices.Adapters.Tests.Some;

namespace GridServices.Adapters.Tests.Ocpp;

/// <summary>What a station may be doing is never less than it does.</summary>
public sealed class StationRecordTests
{
    private static readonly ChargingStation Station = new() { Id = "a", MaxA = 32, HighestVolts = 250 };

    // Profile 0 was taken, and its answer lost; 8 more go out unanswered, so that 0 and 1 count as one.
    [Fact]
    public void A_late_no_to_one_profile_takes_back_no_older_one()
    {
        var record = new StationRecord(Station).Sent(0, PowerCurve.Constant(Now, 0)).Accepted(0).Sent(1, PowerCurve.Constant(Now, 20_000));
        for (var number = 2; number <= 9; number++)
        {
            record = record.Sent(number, PowerCurve.Constant(Now, 5_000));
        }

        Assert.Equal(20_000, record.Refused(2).MayDo.At(Now));
        Assert.Equal(20_000, record.Refused(2).Sent(10, PowerCurve.Constant(Now, 5_000)).Refused(2).Refused(3).MayDo.At(Now));
        Assert.Equal(5_000, record.Refused(2).Accepted(9).MayDo.At(Now));
    }

    [Fact]
    public void What_was_under_way_beside_the_last_word_counts_over_a_restart()
    {
        var record = new StationRecord(Station).Sent(1, PowerCurve.Constant(Now, 7_000)).Sent(2, PowerCurve.Constant(Now, 2_000)).Accepted(2);
        Assert.Equal((2_000, 7_000), (record.MayDo.At(Now), record.Unordered().MayDo.At(Now)));
        Assert.Equal(3_000, record.Unordered().Sent(4, PowerCurve.Constant(Now, 3_000)).Accepted(4).MayDo.At(Now));
        Assert.Equal(record, record.Refused(1).Unordered().Sent(1, record.Offers[0].Curve) with { Offers = record.Offers });
    }

    [Fact]
    public void Who_takes_his_word_back_may_be_doing_anything()
    {
        var record = new StationRecord(Station).Sent(1, PowerCurve.Constant(Now, 5_000)).Sent(2, PowerCurve.Constant(Now, 6_000)).Accepted(2);
        Assert.Equal(6_000, record.MayDo.At(Now));
        Assert.Equal(Station.MaxW, record.Refused(2).MayDo.At(Now));
        Assert.Equal(Station.MaxW, record.Refused(2).Accepted(1).MayDo.At(Now));
        Assert.Equal(4_000, record.Refused(2).Sent(3, PowerCurve.Constant(Now, 4_000)).Accepted(3).MayDo.At(Now));
    }
}
