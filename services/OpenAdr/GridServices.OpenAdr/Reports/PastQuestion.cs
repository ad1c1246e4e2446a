using GridServices.OpenAdr.Configuration;
using NodaTime;

namespace GridServices.OpenAdr.Reports;

/// <summary>What is to be fetched before a message about the past can be sent.</summary>
public sealed record PastQuestion
{
    private static readonly Duration OneSecond = Duration.FromSeconds(1);

    /// <summary>The report and, with <see cref="Due"/>, which of its messages.</summary>
    public required string ReportRequestId { get; init; }

    public required Instant Due { get; init; }

    /// <summary>The period asked for, half-open.</summary>
    public required Instant From { get; init; }

    public required Instant Until { get; init; }

    /// <summary>Length of the intervals; null: as they are kept.</summary>
    public Duration? Step { get; init; }

    /// <summary>At most so many, the latest.</summary>
    public required int MostIntervals { get; init; }

    /// <summary>Channels whose meters are asked.</summary>
    public required IReadOnlyList<ReportConfig> Metered { get; init; }

    /// <summary>Channels of which the hub's readings are asked.</summary>
    public required IReadOnlyList<ReportConfig> Sampled { get; init; }

    /// <summary>From here on something may be of use, where intervals are kept in this length.</summary>
    public Instant ComputeEarliest(Duration kept) => Instant.Max(From, Until - ((Step ?? kept) * (MostIntervals + 1)));

    /// <summary>The intervals of the message.</summary>
    /// <param name="kept">The length in which they are kept; it counts where none is asked for.</param>
    /// <param name="anchor">
    /// The start of any interval kept; null: there is none. Intervals as kept lie on the meter's own grid, and those that are not wholly within the
    /// period are left out.
    /// </param>
    public PastGrid ComputeGrid(Duration kept, Instant? anchor)
    {
        if (Step is { } step)
        {
            return Latest(From, Until, step);
        }

        var from = anchor is { } start ? From + After(start - From, kept) : Until;
        var whole = (long)Math.Floor((Until - from) / kept);
        return whole > 0 ? Latest(from, from + (kept * whole), kept) : new PastGrid(From, Until, Duration.Max(Until - From, OneSecond));
    }

    private PastGrid Latest(Instant from, Instant until, Duration step)
    {
        var tooMany = (long)Math.Ceiling((until - from) / step) - MostIntervals;
        return new PastGrid(tooMany > 0 ? from + (step * tooMany) : from, until, step);
    }

    // The distance to the next point of the grid, zero where it is on it.
    private static Duration After(Duration distance, Duration step)
    {
        var (ticks, length) = (distance.BclCompatibleTicks, step.BclCompatibleTicks);
        return Duration.FromTicks(((ticks % length) + length) % length);
    }
}
