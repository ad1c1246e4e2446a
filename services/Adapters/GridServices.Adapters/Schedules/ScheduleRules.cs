using NodaTime;

namespace GridServices.Adapters.Schedules;

/// <summary>How far and how finely a peer is told ahead.</summary>
public sealed record ScheduleRules
{
    /// <summary>From then on the peer goes by the last entry: what is told holds no longer without being told again.</summary>
    public Duration ValidFor { get; init; } = Duration.FromMinutes(15);

    /// <summary>By so much the peer's clock may be wrong, either way: limits begin earlier and end later by it.</summary>
    public Duration Margin { get; init; } = Duration.FromSeconds(2);

    /// <summary>Entries begin at multiples of this.</summary>
    public Duration Grain { get; init; } = Duration.FromSeconds(1);

    /// <summary>Most entries before the last; what does not fit shortens the validity.</summary>
    public int MostEntries { get; init; } = 96;

    /// <summary>The same, ending at a multiple of half the validity: what is said to several peers, and to one again and again, ends at the same time, and changes no oftener than that.</summary>
    public ScheduleRules EndingTogether(Instant now)
    {
        var half = (long)ValidFor.TotalSeconds / 2;
        return this with { ValidFor = Instant.FromUnixTimeSeconds((now + ValidFor).ToUnixTimeSeconds() / half * half) - now };
    }
}
