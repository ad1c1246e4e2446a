using GridServices.Contracts;
using GridServices.Operations.Compliance;
using GridServices.Operations.Events;
using NodaTime;

namespace GridServices.Operations.Tests.Compliance;

/// <summary>An event from 16:00 to 20:00 in Los Angeles with 60 kW nominated, 100 kW of baseline and a limit of 50 kW.</summary>
internal static class ComplianceCase
{
    public static readonly DateTimeZone Zone = DateTimeZoneProviders.Tzdb["America/Los_Angeles"];
    public static readonly Instant Start = Local(2027, 7, 1, 16);
    public static readonly Instant End = Local(2027, 7, 1, 20);
    public static readonly Instant Finality = End + Duration.FromDays(10);

    public static readonly ComplianceTerms Terms = new() { ProgramCode = "PGE-CBP", IntervalMinutes = 15, NominatedKw = 60, DataFinalityDays = 10 };

    public static Instant Local(int year, int month, int day, int hour, int minute = 0, DateTimeZone? zone = null) =>
        new LocalDateTime(year, month, day, hour, minute).InZoneLeniently(zone ?? Zone).ToInstant();

    public static ComplianceInput Input(Instant? now = null, Instant? from = null, Instant? until = null, DateTimeZone? zone = null)
    {
        var (start, end) = (from ?? Start, until ?? End);
        return new ComplianceInput
        {
            Event = CreateEvent(start, end),
            SiteId = "site-1",
            SiteName = "Oakland Depot",
            Zone = zone ?? Zone,
            Terms = Terms,
            Baseline = [new BaselineInterval(start, end, 100)],
            Meter = [.. Meter(start, end, 15, _ => 40)],
            Limits = [new LimitStep(start, end, Known: true, ImportW: 50_000)],
            Readings = [.. Readings(start, end, 60, _ => 40_000)],
            Now = now ?? end + Duration.FromDays(10),
        };
    }

    public static Event CreateEvent(Instant start, Instant end, SiteOpt? opt = null) => new()
    {
        Tenant = "t1",
        Source = "openadr:pge/e17",
        Origin = EventOrigin.OpenAdr,
        AnnouncedAt = start - Duration.FromHours(3),
        From = start,
        Until = end,
        Revisions = [new EventRevision { Number = 0, ToldAt = start - Duration.FromHours(3), From = start, Until = end, Messages = ["aa"] }],
        Sites = [new EventSite { SiteId = "site-1", Through = "ven-a", From = start, Until = end, Revision = 0, ToldAt = start - Duration.FromHours(3), State = SiteEventState.Held, Opt = opt ?? new SiteOpt(OptState.In, OptSource.Rule) }],
    };

    public static IEnumerable<MeterInterval> Meter(Instant from, Instant until, int minutes, Func<int, decimal?> kw, bool isEstimate = false)
    {
        var step = Duration.FromMinutes(minutes);
        for (var (at, i) = (from, 0); at < until; (at, i) = (at + step, i + 1))
        {
            yield return new MeterInterval(at, at + step, kw(i) * minutes / 60, isEstimate);
        }
    }

    public static IEnumerable<Reading> Readings(Instant from, Instant until, int seconds, Func<int, long?> watts)
    {
        for (var (at, i) = (from, 0); at < until; (at, i) = (at + Duration.FromSeconds(seconds), i + 1))
        {
            if (watts(i) is { } w)
            {
                yield return new Reading { At = at, NetPowerW = w };
            }
        }
    }
}
