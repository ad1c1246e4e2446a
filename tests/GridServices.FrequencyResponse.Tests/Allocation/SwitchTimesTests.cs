using GridServices.FrequencyResponse.Allocation;

namespace GridServices.FrequencyResponse.Tests.Allocation;

public sealed class SwitchTimesTests
{
    [Fact]
    public void ASwitchIsACrossingOfZeroAfterTheFirstLook()
    {
        var times = new SwitchTimes(3);
        times.Note([0, -4140, 5000], 10);
        Assert.All(Enumerable.Range(0, 3), i => Assert.True(times[i] < -PoolOf.Second));
        times.Note([-4140, -6900, 0], 20);
        Assert.Equal(20, times[0]);
        Assert.True(times[1] < 0);
        Assert.Equal(20, times[2]);
    }

    /// <summary>Plans rebuilt every second from what the plans before commanded: the charger obeys its shortest times whatever the total does.</summary>
    [Fact]
    public void ShortestTimesHoldFromPlanToPlan()
    {
        var charger = PoolOf.Charger(0) with { MinOnNanos = 30 * PoolOf.Second, MinOffNanos = 20 * PoolOf.Second };
        var (times, memory, random) = (new SwitchTimes(1), default(AllocationMemory), new Random(3));
        int[] setpoint = [-16 * 690];
        var (since, on) = (0, true);
        for (var second = 0; second < 2000; second++)
        {
            var now = PoolOf.Now + (second * PoolOf.Second);
            times.Note(setpoint, now);
            var told = charger.At(-16 * 690) with { LastCommandW = setpoint[0], SwitchedNanos = times[0] };
            AllocationPlan.Build([charger], [told], new AllocationRules(), now).Allocate(random.Next(2) * -16 * 690, setpoint, ref memory);
            if (on != (setpoint[0] != 0))
            {
                Assert.True(second < 60 || second - since >= (on ? 30 : 20), $"{(on ? "on" : "off")} for {second - since} s");
                (since, on) = (second, !on);
            }
        }

        Assert.True(since > 1900, "it switched to the end");
    }
}
