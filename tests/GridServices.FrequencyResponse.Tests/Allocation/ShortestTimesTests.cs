using GridServices.FrequencyResponse.Allocation;

namespace GridServices.FrequencyResponse.Tests.Allocation;

public sealed class ShortestTimesTests
{
    /// <summary>Plans rebuilt every second from what the plans before commanded: the charger obeys its shortest times whatever the total does.</summary>
    [Fact]
    public void ShortestTimesHoldFromPlanToPlan()
    {
        var charger = TestAssets.Charger(0) with { MinOnNanos = 30 * TestAssets.Second, MinOffNanos = 20 * TestAssets.Second };
        var (memory, random, switched) = (default(AllocationMemory), new Random(3), 0L);
        int[] setpoint = [-16 * 690];
        var (since, on) = (0, true);
        for (var second = 0; second < 2000; second++)
        {
            var now = TestAssets.Now + (second * TestAssets.Second);
            var told = charger.At(-16 * 690) with { LastCommandW = setpoint[0], SwitchedNanos = switched };
            AllocationPlan.Build([charger], [told], new AllocationRules(), now).Allocate(random.Next(2) * -16 * 690, setpoint, ref memory);
            if (on != (setpoint[0] != 0))
            {
                Assert.True(switched == 0 || second - since >= (on ? 30 : 20), $"{(on ? "on" : "off")} for {second - since} s");
                (since, on, switched) = (second, !on, now);
            }
        }

        Assert.True(since > 1900, "it switched to the end");
    }
}
