using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Hosting.Configuration;
using GridServices.Tariffs.Prices;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Tariffs.Service.Prices;

/// <summary>Where day-ahead prices come from.</summary>
internal sealed record DayAheadOptions : ISettings
{
    private static readonly LocalTimePattern Clock = LocalTimePattern.CreateWithInvariantCulture("HH:mm");

    public static string Section => "DayAhead";

    /// <summary>The ENTSO-E platform, or what answers like it; https.</summary>
    public string Url { get; init; } = "https://web-api.tp.entsoe.eu/api";

    /// <summary>The platform's security token; without it nothing is fetched.</summary>
    public string? Token { get; init; }

    /// <summary>EIC codes of bidding zones by the name of their price series: `DayAhead:Zones:DE-LU=10Y1001A1001A82H`.</summary>
    public IReadOnlyDictionary<string, string?> Zones { get; init; } = ImmutableDictionary<string, string?>.Empty;

    /// <summary>The market's time zone.</summary>
    public string TimeZone { get; init; } = "Europe/Brussels";

    /// <summary>Local time from which on tomorrow is asked for.</summary>
    public string After { get; init; } = "13:00";

    public Uri Address => new(Url);

    public ImmutableArray<BiddingZone> BiddingZones =>
        [.. Zones.Where(z => z.Value is { Length: > 0 }).OrderBy(z => z.Key, StringComparer.OrdinalIgnoreCase).Select(z => new BiddingZone(z.Key, z.Value!))];

    public DayAheadTimetable Timetable => new() { Market = DateTimeZoneProviders.Tzdb[TimeZone], After = Clock.Parse(After).Value };

    public IEnumerable<string> Validate()
    {
        if (!Uri.TryCreate(Url, UriKind.Absolute, out var address) || !(address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback)))
        {
            yield return "DayAhead:Url must be an https address: the token travels in it.";
        }

        if (DateTimeZoneProviders.Tzdb.GetZoneOrNull(TimeZone) is null)
        {
            yield return $"DayAhead:TimeZone '{TimeZone}' is no IANA time zone; write e.g. Europe/Brussels.";
        }

        if (!Clock.Parse(After).Success)
        {
            yield return "DayAhead:After is a local time like 13:00.";
        }

        if (BiddingZones.Any(z => !Identifiers.IsSafe(z.Name) || z.Eic.Length is < 4 or > 20 || !z.Eic.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')))
        {
            yield return "DayAhead:Zones names each zone with its EIC code, e.g. DayAhead:Zones:DE-LU=10Y1001A1001A82H.";
        }
    }
}
