using System.Text;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Ocpi;
using GridServices.Tariffs.Prices;
using GridServices.Tariffs.Requests;
using GridServices.Tariffs.Urdb;
using NodaTime;

namespace GridServices.Tariffs.Tests;

/// <summary>Valid documents with bytes changed, cut and doubled: each is read or refused, none throws anything else.</summary>
public sealed class MutatedDocuments
{
    private const string Request = """
        {"tariff":{"schemaVersion":1,"id":"t","currency":"EUR","timeZone":"Europe/Paris","seasons":[{"id":"s","ranges":[{"from":"06-01","until":"10-01"}]}],
         "holidays":[{"annual":"12-25"},{"nth":{"month":11,"weekday":"thursday","n":4}}],"dayTypes":[{"id":"w","days":["monday","friday"],"holidays":"exclude"}],
         "schedules":[{"id":"x","rules":[{"period":"on","seasons":["s"],"dayTypes":["w"],"months":[6,7],"from":"12:00","until":"18:30"},{"period":"off"}]}],
         "energy":[{"id":"e","schedule":"x","fill":"prorated","rates":[{"period":"on","tiers":[{"upTo":10,"unit":"kwhPerKw","price":0.3,"adjustment":0.01},{"unit":"kwhPerKw","price":0.1}]},{"period":"off","tiers":[{"price":0.2,"sell":0.05}]}]}],
         "demand":[{"id":"d","schedule":"x","rates":[{"period":"on","tiers":[{"upTo":5,"price":3},{"price":4}]}],"window":{"minutes":60,"kind":"rolling","stepMinutes":15},"ratchet":{"percent":80,"lookbackMonths":11},"minimumKw":2}],
         "contractedPower":[{"id":"c","rates":[{"period":"all","contractedKw":10,"price":1}]}],"fixed":[{"id":"f","amount":5,"per":"month"}],"export":{"mode":"netMetering","credit":"kwh","trueUpPrice":0.03},
         "minimums":[{"id":"m","amount":3}],"adjustments":[{"id":"v","percent":20,"base":["energy","d"]}],"rounding":{"scale":3,"level":"line","kwDigits":1}},
         "intervals":{"start":"2026-06-30","minutes":15,"kW":[1,2,3,4,-5,6.5,7,8,null,10,11,12]},"cycles":[{"from":"2026-06-30","until":"2026-07-01"}],
         "account":{"priorPeaks":[{"month":"2026-03","kw":9}]},"options":{"energyTierFill":"chronological"}}
        """;

    [Fact]
    public void A_request_changed_anywhere_is_billed_or_refused() => Mutate(Encoding.UTF8.GetBytes(Request), bytes =>
    {
        var outcome = BillRequestJson.Read(bytes);
        if (outcome.Ok)
        {
            try
            {
                var bill = outcome.Value!.Bill();
                Assert.Equal(bill.Total, bill.Replay());
                _ = BillJson.Write(bill);
            }
            catch (BillRefusedException e)
            {
                Assert.NotEmpty(e.Message);
            }
        }

        return outcome.Ok || !outcome.Refusals.IsEmpty;
    });

    [Fact]
    public void The_request_that_is_mutated_is_a_good_one() => Assert.NotEmpty(BillRequestJson.Read(Encoding.UTF8.GetBytes(Request)).OrThrow().Bill().Months[0].LineItems);

    [Fact]
    public void A_rate_changed_anywhere_is_imported_or_refused() =>
        Mutate(File.ReadAllBytes(KnownData.GetPath("tariffs/urdb_api_test_data.json")), bytes => UrdbImport.Read(bytes) is var o && (o.Ok || !o.Refusals.IsEmpty), 400);

    [Fact]
    public void An_ocpi_tariff_changed_anywhere_is_read_or_refused() => Mutate(
        Encoding.UTF8.GetBytes(KnownData.Json(KnownData.GetPath("ocpi/priced-sessions.json")).EnumerateArray().Single(c => c.GetProperty("id").ValueEquals("restrictions_by_current_and_weekday")).GetProperty("tariff").GetRawText()),
        bytes => OcpiJson.ReadTariff(bytes) is var o && (o.Ok || !o.Refusals.IsEmpty));

    [Fact]
    public void A_cdr_changed_anywhere_is_read_or_refused() => Mutate(
        """{"start_date_time":"2026-01-12T08:30:00Z","end_date_time":"2026-01-12T10:00:00Z","charging_periods":[{"start_date_time":"2026-01-12T08:30:00Z","dimensions":[{"type":"RESERVATION_TIME","volume":0.4}]},{"start_date_time":"2026-01-12T09:00:00Z","dimensions":[{"type":"TIME","volume":1}]}]}"""u8.ToArray(),
        bytes => OcpiJson.ReadCdr(bytes, DateTimeZone.Utc) is var o && (o.Ok || !o.Refusals.IsEmpty));

    [Fact]
    public void Xml_and_csv_changed_anywhere_are_read_or_refused()
    {
        Mutate(File.ReadAllBytes(KnownData.GetPath("formats/entsoe_dst_spring.xml")), bytes => DayAheadPrices.Read(bytes) is var o && (o.Ok || !o.Refusals.IsEmpty), 400);
        Mutate(File.ReadAllBytes(KnownData.GetPath("formats/espi_test_usage_data_01.xml")), bytes => GreenButton.Read(bytes) is var o && (o.Ok || !o.Refusals.IsEmpty), 200);
        var csv = Encoding.UTF8.GetBytes("timestamp,kwh\n" + string.Concat(Enumerable.Range(0, 20).Select(i => $"{Instant.FromUtc(2026, 1, 1, 0, 0) + Duration.FromHours(i)},{i}.5\n")));
        Mutate(csv, bytes => CsvIntervals.Read(new MemoryStream(bytes), new IntervalOptions()) is var o && (o.Ok || !o.Refusals.IsEmpty));
    }

    private static void Mutate(byte[] document, Func<byte[], bool> ends, int times = 1500)
    {
        var random = new Random(document.Length);
        for (var i = 0; i < times; i++)
        {
            var bytes = document.ToList();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                var at = random.Next(bytes.Count);
                switch (random.Next(5))
                {
                    case 0: bytes[at] = (byte)random.Next(256); break;
                    case 1: bytes.RemoveRange(at, Math.Min(random.Next(1, 30), bytes.Count - at)); break;
                    case 2: bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 30), bytes.Count - at))); break;
                    case 3: bytes.InsertRange(at, Encoding.UTF8.GetBytes(new[] { "0", "9999999999", "-1", "1e25", "null", "\"\"", "[]", "{}", "e", "00:00" }[random.Next(10)])); break;
                    default: bytes[at] = (byte)"0123456789"[random.Next(10)]; break;
                }

                if (bytes.Count == 0)
                {
                    bytes.Add(0);
                }
            }

            var mutated = bytes.ToArray();
            var record = Record.Exception(() => Assert.True(ends(mutated)));
            Assert.True(record is null, $"{record}\n{Encoding.UTF8.GetString(mutated.AsSpan(0, Math.Min(mutated.Length, 4000)))}");
        }
    }
}
