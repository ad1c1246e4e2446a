using System.Collections.Immutable;
using GridServices.Hosting;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Tariffs.Service.Prices;

/// <summary>Where day-ahead prices come from: <c>DayAhead:Url</c>, <c>DayAhead:Token</c>, <c>DayAhead:Zones:{name}</c> = EIC code, <c>DayAhead:TimeZone</c>, <c>DayAhead:After</c>.</summary>
internal sealed record DayAheadOptions(Uri Url, string? Token, ImmutableArray<BiddingZone> Zones, DayAheadTimetable Timetable)
{
    public static DayAheadOptions From(IConfiguration configuration)
    {
        var section = configuration.GetSection("DayAhead");
        var url = section["Url"] ?? "https://web-api.tp.entsoe.eu/api";
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || !(address.Scheme == Uri.UriSchemeHttps || address.IsLoopback))
        {
            throw new StartException("DayAhead:Url must be an https address: the token travels in it.");
        }

        var zone = section["TimeZone"] ?? "Europe/Brussels";
        var market = DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) ?? throw new StartException($"DayAhead:TimeZone '{zone}' is no IANA time zone; write e.g. Europe/Brussels.");
        var after = LocalTimePattern.CreateWithInvariantCulture("HH:mm").Parse(section["After"] ?? "13:00");
        ImmutableArray<BiddingZone> zones = [.. section.GetSection("Zones").GetChildren().Where(z => z.Value is { Length: > 0 }).Select(z => new BiddingZone(z.Key, z.Value!))];
        return zones.Any(z => !Contracts.Identifiers.IsSafe(z.Name) || z.Eic.Length is < 4 or > 20 || !z.Eic.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
            ? throw new StartException("DayAhead:Zones names each zone with its EIC code, e.g. DayAhead:Zones:DE-LU=10Y1001A1001A82H.")
            : new DayAheadOptions(address, section["Token"], zones, new DayAheadTimetable { Market = market, After = after.Success ? after.Value : throw new StartException("DayAhead:After is a local time like 13:00.") });
    }
}
