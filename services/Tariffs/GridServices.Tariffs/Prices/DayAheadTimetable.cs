using System.Collections.Immutable;
using GridServices.Contracts;
using NodaTime;

namespace GridServices.Tariffs.Prices;

/// <summary>A bidding zone to fetch prices of.</summary>
/// <param name="Name">The price series it becomes, e.g. <c>DE-LU</c>.</param>
/// <param name="Eic">Its EIC code, e.g. <c>10Y1001A1001A82H</c>.</param>
public sealed record BiddingZone(string Name, string Eic);

public enum DayAheadState
{
    /// <summary>All of the day is known.</summary>
    Complete,

    /// <summary>Part of it.</summary>
    Partial,
    NotPublished,
    Failed,

    /// <summary>Somebody must change a setting.</summary>
    Refused,
}

/// <summary>How fetching a day stands.</summary>
public sealed record DayAheadDay
{
    public required string Zone { get; init; }
    public required LocalDate Day { get; init; }
    public required DayAheadState State { get; init; }

    /// <summary>Tries since it last went well.</summary>
    public required int Tries { get; init; }

    public required Instant TriedAt { get; init; }

    /// <summary>Null = not again.</summary>
    public Instant? NextTryAt { get; init; }

    public string? Problem { get; init; }
}

/// <summary>
/// When which day is fetched. Market days run from local midnight to local midnight of the market's zone, so they have 23, 24 or 25 hours of UTC.
/// Today is wanted at once, tomorrow once it is out; what fails is tried again ever more rarely, what is not published yet every few minutes.
/// </summary>
public sealed record DayAheadTimetable
{
    private static readonly Duration LongestPause = Duration.FromHours(1);

    public DateTimeZone Market { get; init; } = DateTimeZoneProviders.Tzdb["Europe/Brussels"];

    /// <summary>Local time at which tomorrow's prices are out.</summary>
    public LocalTime After { get; init; } = new(13, 0);

    /// <summary>Pause while prices are late.</summary>
    public Duration WhileLate { get; init; } = Duration.FromMinutes(10);

    /// <summary>First pause after a failure; each next one is twice as long, an hour at the most.</summary>
    public Duration FirstPause { get; init; } = Duration.FromSeconds(30);

    /// <summary>[start, end) of a market day.</summary>
    public Interval Bounds(LocalDate day) => new(Market.AtStartOfDay(day).ToInstant(), Market.AtStartOfDay(day.PlusDays(1)).ToInstant());

    /// <summary>The days that should be known now.</summary>
    public ImmutableArray<LocalDate> GetWantedDays(Instant now)
    {
        var local = now.InZone(Market);
        return local.TimeOfDay >= After ? [local.Date, local.Date.PlusDays(1)] : [local.Date];
    }

    /// <summary>The (zone, day) pairs to fetch now, in order.</summary>
    public IEnumerable<(BiddingZone Zone, LocalDate Day)> Due(IEnumerable<BiddingZone> zones, IReadOnlyDictionary<(string Zone, LocalDate Day), DayAheadDay> known, Instant now) =>
        from zone in zones
        from day in GetWantedDays(now)
        where !known.TryGetValue((zone.Name, day), out var held) || held.NextTryAt <= now
        select (zone, day);

    /// <summary>How the day stands after a reply.</summary>
    public DayAheadDay Following(BiddingZone zone, LocalDate day, DayAheadReply reply, DayAheadDay? before, Instant now)
    {
        var tries = before is { State: not DayAheadState.Complete } ? before.Tries + 1 : 1;
        var (state, pause, problem) = reply switch
        {
            DayAheadReply.Prices { Document: var document } => Covers(document, Bounds(day))
                ? (DayAheadState.Complete, (Duration?)null, (string?)null)
                : (DayAheadState.Partial, WhileLate, "part of the day has no price yet"),
            DayAheadReply.NoData none => (DayAheadState.NotPublished, WhileLate, none.Reason),
            DayAheadReply.Refused refused => (DayAheadState.Refused, LongestPause, refused.Reason),
            DayAheadReply.Failed failed => (DayAheadState.Failed, Pause(tries, failed.RetryAfter), failed.Reason),
            _ => throw new ArgumentOutOfRangeException(nameof(reply), reply, "an unknown kind of reply"),
        };
        return new DayAheadDay { Zone = zone.Name, Day = day, State = state, Tries = tries, TriedAt = now, NextTryAt = now + pause, Problem = problem };
    }

    private Duration Pause(int tries, Duration? asked)
    {
        var pause = new Backoff(FirstPause, LongestPause, Spread: 0).After(tries);
        return asked > pause ? Duration.Min(asked.Value, Duration.FromHours(6)) : pause;
    }

    private static bool Covers(DayAheadDocument document, Interval day)
    {
        var at = day.Start;
        foreach (var point in document.Curve("day").Points)
        {
            at = point.From <= at && point.Until > at ? point.Until : at;
        }

        return at >= day.End;
    }
}
