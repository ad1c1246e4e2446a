using System.Collections.Immutable;
using GridServices.Tariffs.Intensity;
using NodaTime;

namespace GridServices.Tariffs.Carbon;

/// <summary>What a session's energy emitted.</summary>
public sealed record SessionCarbon
{
    public required string Id { get; init; }

    public required decimal Kwh { get; init; }

    /// <summary>g; absent where an hour of it is not known.</summary>
    public decimal? Grams { get; init; }

    /// <summary>Energy in hours whose intensity is not known, kWh.</summary>
    public required decimal KwhWithoutIntensity { get; init; }

    /// <summary>Share of its energy that renewables of the site matched in its hours, 0 to 1; absent where that is not known, or no site is given.</summary>
    public decimal? MatchedShare { get; init; }

    /// <summary>Hour by hour of the local clock.</summary>
    public required IReadOnlyList<SessionHour> Hours { get; init; }

    /// <param name="session">The session.</param>
    /// <param name="zone">Whose clock the hours are of.</param>
    /// <param name="curve">Of the grid zone.</param>
    /// <param name="site">The site's hours by their start: a kWh emits what each kWh used there did; null = by the grid's mix alone.</param>
    public static SessionCarbon Compute(ChargedSession session, DateTimeZone zone, IntensityCurve curve, IReadOnlyDictionary<Instant, CarbonHour>? site)
    {
        var hours = session.Parts.SelectMany(p => Cut(p, zone)).GroupBy(p => CarbonHours.GetStart(zone, p.From)).OrderBy(g => g.Key)
            .Select(g => site is null ? ByGrid(g.Key, [.. g], curve) : BySite(g.Key, [.. g], site.GetValueOrDefault(g.Key))).ToImmutableArray();
        var kwh = session.Parts.Sum(p => p.Kwh);
        return new SessionCarbon
        {
            Id = session.Id,
            Kwh = kwh,
            Grams = hours.All(h => h.Grams is not null) ? hours.Sum(h => h.Grams) : null,
            KwhWithoutIntensity = decimal.Round(hours.Where(h => h.Grams is null).Sum(h => h.Kwh), 9),
            MatchedShare = kwh > 0 && hours.All(h => h.MatchedShare is not null || h.Kwh == 0) ? decimal.Round(hours.Sum(h => h.Kwh * (h.MatchedShare ?? 0)) / kwh, 6) : null,
            Hours = hours,
        };
    }

    private static SessionHour ByGrid(Instant hour, SessionPart[] parts, IntensityCurve curve)
    {
        var means = parts.Select(p => (p.Kwh, Mean: curve.Mean(p.From, p.Until))).ToArray();
        var kwh = parts.Sum(p => p.Kwh);
        return new SessionHour(hour, decimal.Round(kwh, 9), means.All(m => m.Mean is not null) ? decimal.Round(means.Sum(m => m.Kwh * m.Mean!.Value), 6) : null, null);
    }

    /// <summary>By the site's hour; where its data begin or end inside the hour, they say nothing of a part that lies beyond them.</summary>
    private static SessionHour BySite(Instant hour, SessionPart[] parts, CarbonHour? site)
    {
        var kwh = parts.Sum(p => p.Kwh);
        var known = site is not null && parts.All(p => p.From >= site.From && p.Until <= site.Until) ? site : null;
        return new SessionHour(hour, decimal.Round(kwh, 9), known?.GramsPerKwhUsed is { } grams ? decimal.Round(kwh * grams, 6) : null, known?.MatchedShare);
    }

    /// <summary>The part cut at the hours of the clock; what division leaves over goes to the last piece.</summary>
    private static IEnumerable<SessionPart> Cut(SessionPart part, DateTimeZone zone)
    {
        var (at, left, length) = (part.From, part.Kwh, (part.Until - part.From).ToInt64Nanoseconds());
        while (at < part.Until)
        {
            var end = Instant.Min(NextHour(zone, at), part.Until);
            var kwh = end == part.Until ? left : part.Kwh * (end - at).ToInt64Nanoseconds() / length;
            yield return new SessionPart(at, end, kwh);
            (at, left) = (end, left - kwh);
        }
    }

    /// <summary>Where the hour of the clock ends: after 60 minutes, or where clocks change inside it.</summary>
    private static Instant NextHour(DateTimeZone zone, Instant at)
    {
        var (next, change) = (CarbonHours.GetStart(zone, at) + Duration.FromHours(1), zone.GetZoneInterval(at));
        return change.HasEnd && change.End < next ? change.End : next;
    }
}

/// <summary>A session's energy in one hour.</summary>
/// <param name="From">Start of the hour.</param>
/// <param name="Kwh">Energy.</param>
/// <param name="Grams">g; absent = not known.</param>
/// <param name="MatchedShare">Of the site's energy in this hour; absent = not known.</param>
public sealed record SessionHour(Instant From, decimal Kwh, decimal? Grams, decimal? MatchedShare);
