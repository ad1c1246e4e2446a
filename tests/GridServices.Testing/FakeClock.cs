using NodaTime;

namespace GridServices.Testing;

/// <summary>A NodaTime clock that reads a <see cref="ManualTimeProvider"/>, so that both tell the same time.</summary>
public sealed class FakeClock(ManualTimeProvider time) : IClock
{
    public FakeClock(Instant now)
        : this(new ManualTimeProvider(now))
    {
    }

    public ManualTimeProvider Time { get; } = time;

    public Instant GetCurrentInstant() => Time.Now;

    public void Advance(Duration by) => Time.Advance(by);
}
