using GridServices.Ieee2030Dot5.Service.Driver;
using GridServices.Testing;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Tests.Driver;

/// <summary>What is a step of the machine's clock, and what two readings differ by anyway.</summary>
public sealed class SteadyClockTests
{
    [Fact]
    public void Only_a_step_is_a_step_and_one_that_is_taken_back_leaves_nothing()
    {
        var (machine, time) = (new FakeClock(Instant.FromUtc(2027, 1, 15, 18, 0)), new ManualTimeProvider());
        var clock = new SteadyClock(machine, time);
        Pass(Duration.FromMinutes(5));
        machine.Advance(Duration.FromMilliseconds(3));
        Assert.Equal(Duration.Zero, clock.Step);

        machine.Advance(Duration.FromHours(1));
        var step = clock.Step;
        Assert.InRange(step.TotalSeconds, 3600, 3601);
        Pass(Duration.FromMinutes(5));
        machine.Advance(Duration.FromMilliseconds(3));
        Assert.Equal(step, clock.Step);

        // Set back by as much, as seen from here.
        time.Advance(Duration.FromHours(1));
        Assert.Equal(Duration.Zero, clock.Step);

        void Pass(Duration by)
        {
            machine.Advance(by);
            time.Advance(by);
        }
    }
}
