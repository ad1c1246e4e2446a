using NodaTime;

namespace GridServices.Tariffs.Ocpi;

/// <summary>Part of a charging period in which no restriction of the tariff changes.</summary>
internal sealed record OcpiStretch
{
    public required int Period { get; init; }
    public required Instant From { get; init; }
    public required Instant Until { get; init; }
    public required decimal Energy { get; init; }
    public required decimal ChargingSeconds { get; init; }
    public required decimal ParkingSeconds { get; init; }

    /// <summary>What holds in its middle; its edges are where things change.</summary>
    public required LocalDateTime Local { get; init; }

    public required decimal EnergySoFar { get; init; }
    public required decimal Elapsed { get; init; }
    public required OcpiPeriod Source { get; init; }

    public bool Satisfies(OcpiRestriction restriction) => restriction switch
    {
        OcpiRestriction.WallTime time => Within(time, Local.Hour * 60 + Local.Minute),
        OcpiRestriction.Dates dates => (dates.From is null || Local.Date >= dates.From) && (dates.Until is null || Local.Date < dates.Until),
        OcpiRestriction.Weekdays days => days.Days.Contains(Local.DayOfWeek),
        OcpiRestriction.Energy energy => Within(EnergySoFar, EnergySoFar, energy.From, energy.Until),
        OcpiRestriction.Elapsed elapsed => Within(Elapsed, Elapsed, elapsed.From, elapsed.Until),
        OcpiRestriction.Power power => Within(
            Source.MinPower ?? Source.MaxPower ?? Source.MeanPower, Source.MaxPower ?? Source.MinPower ?? Source.MeanPower, power.From, power.Until),
        OcpiRestriction.Current current => Within(Source.MinCurrent ?? Source.MaxCurrent, Source.MaxCurrent ?? Source.MinCurrent, current.From, current.Until),
        _ => true,
    };

    private static bool Within(OcpiRestriction.WallTime time, int minute) => time.From.Minutes < time.Until.Minutes
        ? minute >= time.From.Minutes && minute < time.Until.Minutes
        : minute >= time.From.Minutes || minute < time.Until.Minutes;

    /// <summary>Interpretation: a bound on a quantity that the CDR does not give is not met, so a wrong price is never picked for lack of data.</summary>
    private static bool Within(decimal? low, decimal? high, decimal? from, decimal? until) =>
        (from is null || low >= from) && (until is null || high < until);
}

/// <summary>Splits charging periods at the edges of every restriction: wall clock, midnight, kWh and elapsed time.</summary>
internal static class OcpiStretches
{
    /// <summary>Digits of kWh and seconds that a stretch has where an edge cuts its period.</summary>
    private const int Digits = 12;

    /// <summary>The stretches of the periods that are priced by the tariff; energy and time count from the session's start, whoever prices them.</summary>
    public static IEnumerable<OcpiStretch> Split(OcpiTariff tariff, OcpiSession session)
    {
        var energy = 0m;
        for (var i = 0; i < session.Periods.Length; i++)
        {
            foreach (var stretch in tariff.Prices(session, session.Periods[i].TariffId) ? Split(tariff, session, session.Periods[i], i, energy, session.Start) : [])
            {
                yield return stretch;
            }

            energy += session.Periods[i].Energy;
        }
    }

    public static IEnumerable<OcpiStretch> Split(OcpiTariff tariff, OcpiSession session, OcpiReservation reservation) => Split(
        tariff,
        session,
        new OcpiPeriod { Start = reservation.Start, End = reservation.Start + Duration.FromNanoseconds((long)(reservation.Seconds * 1_000_000_000)), ChargingSeconds = reservation.Seconds },
        -1,
        0,
        reservation.Start);

    private static IEnumerable<OcpiStretch> Split(OcpiTariff tariff, OcpiSession session, OcpiPeriod period, int number, decimal energySoFar, Instant start)
    {
        var length = Seconds(period.End - period.Start);
        var edges = Edges(tariff, session.Zone, period, length, energySoFar, Seconds(period.Start - start)).Where(e => e is > 0 and < 1).Append(0).Append(1).Distinct().Order().ToArray();
        for (var i = 0; i + 1 < edges.Length; i++)
        {
            var (from, until) = (edges[i], edges[i + 1]);
            var middle = (from + until) / 2;
            yield return new OcpiStretch
            {
                Period = number,
                From = At(period, length, from),
                Until = At(period, length, until),
                Energy = Between(period.Energy, from, until),
                ChargingSeconds = Between(period.ChargingSeconds, from, until),
                ParkingSeconds = Between(period.ParkingSeconds, from, until),
                Local = At(period, length, middle).InZone(session.Zone).LocalDateTime,
                EnergySoFar = energySoFar + period.Energy * middle,
                Elapsed = Seconds(period.Start - start) + length * middle,
                Source = period,
            };
        }
    }

    /// <summary>What of a quantity lies between two shares of the period. Differences of what was reached: the stretches of a period sum to it exactly, and no step is begun by a rounding.</summary>
    private static decimal Between(decimal quantity, decimal from, decimal until) => Reached(quantity, until) - Reached(quantity, from);

    private static decimal Reached(decimal quantity, decimal share) => share is 0 or 1 ? quantity * share : decimal.Round(quantity * share, Digits);

    /// <summary>Edges as shares of the period, 0..1.</summary>
    private static IEnumerable<decimal> Edges(OcpiTariff tariff, DateTimeZone zone, OcpiPeriod period, decimal length, decimal energy, decimal elapsed)
    {
        foreach (var restriction in tariff.Elements.SelectMany(e => e.Restrictions))
        {
            switch (restriction)
            {
                case OcpiRestriction.Energy bound when period.Energy > 0:
                    yield return ((bound.From ?? energy) - energy) / period.Energy;
                    yield return ((bound.Until ?? energy) - energy) / period.Energy;
                    break;
                case OcpiRestriction.Elapsed bound when length > 0:
                    yield return ((bound.From ?? elapsed) - elapsed) / length;
                    yield return ((bound.Until ?? elapsed) - elapsed) / length;
                    break;
                case OcpiRestriction.WallTime time when length > 0:
                    foreach (var edge in Clock(zone, period, [time.From.Minutes, time.Until.Minutes]))
                    {
                        yield return Seconds(edge - period.Start) / length;
                    }

                    break;
                case OcpiRestriction.Weekdays or OcpiRestriction.Dates when length > 0:
                    foreach (var edge in Clock(zone, period, [0]))
                    {
                        yield return Seconds(edge - period.Start) / length;
                    }

                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>The moments in the period at which the wall clock shows one of the minutes; a clock change can bring one twice or skip it.</summary>
    private static IEnumerable<Instant> Clock(DateTimeZone zone, OcpiPeriod period, int[] minutes)
    {
        var last = period.End.InZone(zone).Date;
        for (var date = period.Start.InZone(zone).Date; date <= last; date = date.PlusDays(1))
        {
            foreach (var minute in minutes)
            {
                var mapping = zone.MapLocal(date.AtMidnight().PlusMinutes(minute));
                yield return mapping.Count == 0 ? mapping.EarlyInterval.End : mapping.First().ToInstant();
                if (mapping.Count == 2)
                {
                    yield return mapping.Last().ToInstant();
                    yield return mapping.LateInterval.Start;
                }
            }
        }
    }

    private static decimal Seconds(Duration duration) => duration.ToInt64Nanoseconds() / 1_000_000_000m;

    private static Instant At(OcpiPeriod period, decimal length, decimal share) =>
        period.Start + Duration.FromNanoseconds((long)decimal.Round(length * share * 1_000_000_000));
}
