using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using GridServices.Tariffs.Ocpi;
using GridServices.Testing;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Tariffs.Tests.Ocpi;

/// <summary>Sessions with the figures of the priced examples of OCPI 2.3.0, and derived ones.</summary>
public sealed class KnownOcpiCosts
{
    [Fact]
    public void Every_priced_example_of_the_specification_is_exact()
    {
        var cases = KnownData.Json(KnownData.GetPath("ocpi/priced-sessions.json")).EnumerateArray().ToArray();
        Assert.Equal(18, cases.Length);
        var failures = cases.SelectMany(c => Check(c.GetProperty("id").GetString()!, c)).ToList();
        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    /// <summary>The examples in the words of the specification, whose licence forbids changed copies.</summary>
    [Fact]
    public void The_published_examples_cost_the_same()
    {
        var files = Directory.GetFiles(TestData.NotCarried("tariff/ocpi"), "*.json");
        Assert.Empty(files.SelectMany(f => Check(Path.GetFileName(f), KnownData.Json(f))));
    }

    private static IEnumerable<string> Check(string id, JsonElement known)
    {
        var tariff = OcpiJson.ReadTariff(Encoding.UTF8.GetBytes(known.GetProperty("tariff").GetRawText())).OrThrow();
        var report = OcpiCost.Compute(tariff, Session(known));
        var expected = known.GetProperty("expected");
        foreach (var (name, actual) in new (string, decimal)[]
        {
            ("excl", report.Total.BeforeTaxes),
            ("incl", report.Total.AfterTaxes),
            ("excl_rounded", report.Total.Rounded(2).BeforeTaxes),
            ("incl_rounded", report.Total.Rounded(2).AfterTaxes),
            ("excl_rounded_3", report.Total.Rounded(3).BeforeTaxes),
            ("reservation_excl", report.Reservation.BeforeTaxes),
            ("flat", report.GetPrice(OcpiDimension.Flat).BeforeTaxes),
            ("time", report.GetPrice(OcpiDimension.Time).BeforeTaxes),
            ("parking", report.GetPrice(OcpiDimension.ParkingTime).BeforeTaxes),
            ("billed_kwh", report.BilledKwh),
            ("billed_time_minutes", report.BilledSeconds(OcpiDimension.Time) / 60),
            ("billed_parking_minutes", report.BilledSeconds(OcpiDimension.ParkingTime) / 60),
            ("night_minutes", report.Lines.Where(l => l.Element == 0).Sum(l => l.Volume) / 60),
            ("day_minutes", report.Lines.Where(l => l.Element == 1).Sum(l => l.Volume) / 60),
        })
        {
            if (expected.TryGetProperty(name, out var wanted) && Math.Abs(wanted.GetDecimal() - actual) > 0.0000000001m)
            {
                yield return $"{id}: {name}: expected {wanted.GetDecimal()}, got {actual}";
            }
        }

        if (report.Unlimited != report.Lines.Aggregate(default(OcpiPrice), (sum, line) => sum + line.Cost))
        {
            yield return $"{id}: the lines do not add up to the total";
        }
    }

    private static OcpiSession Session(JsonElement known)
    {
        var zone = DateTimeZoneProviders.Tzdb[known.GetProperty("time_zone").GetString()!];
        var at = LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm").Parse(known.GetProperty("start_local").GetString()!).Value.InZoneStrictly(zone).ToInstant();
        var start = at;
        var periods = ImmutableArray.CreateBuilder<OcpiPeriod>();
        foreach (var period in known.GetProperty("charging_periods").EnumerateArray())
        {
            var end = at + Duration.FromMinutes(period.GetProperty("minutes").GetInt32());
            decimal? Volume(string name) => period.TryGetProperty(name, out var value) ? value.GetDecimal() : null;
            periods.Add(new OcpiPeriod
            {
                Start = at,
                End = end,
                Energy = Volume("ENERGY") ?? 0,
                ChargingSeconds = OcpiCdrReader.Seconds(Volume("TIME") ?? 0),
                ParkingSeconds = OcpiCdrReader.Seconds(Volume("PARKING_TIME") ?? 0),
                MinPower = Volume("MIN_POWER"),
                MaxPower = Volume("MAX_POWER"),
                MinCurrent = Volume("MIN_CURRENT"),
                MaxCurrent = Volume("MAX_CURRENT"),
            });
            at = end;
        }

        var reservation = known.TryGetProperty("reservation", out var r)
            ? new OcpiReservation(start - Duration.FromMinutes(r.GetProperty("minutes").GetInt32()), r.GetProperty("minutes").GetInt32() * 60, r.GetProperty("expired").GetBoolean())
            : null;
        return new OcpiSession { Zone = zone, Start = start, Periods = periods.ToImmutable(), Reservation = reservation };
    }
}
