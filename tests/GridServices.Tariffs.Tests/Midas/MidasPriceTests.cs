using System.Text;
using GridServices.Contracts;
using GridServices.Tariffs.Midas;
using NodaTime;

namespace GridServices.Tariffs.Tests.Midas;

/// <summary>Rates of MIDAS 2.0 become prices of their own time, and of no other.</summary>
public sealed class MidasPriceTests
{
    private static readonly MidasSignal Rate = new(MidasKind.Prices, "ev", "USCA-PGPG-EV2A-0000");
    private static readonly Instant Now = Instant.FromUtc(2026, 6, 30, 12, 0);

    [Fact]
    public void Import_and_export_prices_are_told_apart_and_other_units_are_left_out()
    {
        var read = MidasReader.Prices(Answer(
            Value("2026-06-30", "07:00:00", "2026-06-30", "22:59:59", "0.31"), Value("2026-06-30", "23:00:00", "2026-07-01", "03:59:59", "62", "¢/kWh"),
            Value("2026-06-30", "07:00:00", "2026-06-30", "22:59:59", "0.08", "export $/kWh"), Value("2026-06-30", "07:00:00", "2026-06-30", "22:59:59", "19", "$/kW")));
        var prices = read.OrThrow();
        Assert.Equal([0.31m, 0.62m], prices.Import.Select(v => v.Value));
        Assert.Equal((Instant.FromUtc(2026, 6, 30, 7, 0), Instant.FromUtc(2026, 6, 30, 23, 0), "summer off peak"), (prices.Import[0].From, prices.Import[0].Until, prices.Import[0].Name));
        Assert.Equal(0.08m, Assert.Single(prices.Export).Value);
        Assert.Contains("$/kW", Assert.Single(read.Warnings).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_season_put_early_gives_no_moment_a_price()
    {
        var season = Value("2026-10-01", "16:00:00", "2027-05-31", "20:59:59", "0.22");
        var read = MidasReader.Prices(Answer(Value("2026-06-30", "07:00:00", "2026-06-30", "22:59:59", "0.31"), season));
        Assert.Equal([0.31m], read.OrThrow().Import.Select(v => v.Value));
        Assert.Contains("season", Assert.Single(read.Warnings).Detail, StringComparison.Ordinal);
        Assert.Equal(ErrorClass.SemanticEmpty, Assert.Single(MidasReader.Prices(Answer(season)).Refusals).Class);
    }

    [Theory]
    [InlineData("""{"Rates":[{"RateID":"USCA-PGPG-EV2A-0000"}]}""", ErrorClass.SchemaInvalid)]
    [InlineData("""{"RateID":"USCA-PGPG-EV2A-0000","ValueInformation":[{"DateStart":"2026-06-30","TimeStart":"07:00:00","DateEnd":"2026-06-30","TimeEnd":"07:59:59","value":0.3,"Unit":"$/kWh"}]}""", ErrorClass.SchemaInvalid)]
    [InlineData("""{"RateID":"USCA-PGPG-EV2A-0000","ValueInformation":[{"DateStart":"2026-06-30","TimeStart":"07:00:00","DateEnd":"2026-06-29","TimeEnd":"07:59:59","Value":0.3,"Unit":"$/kWh"}]}""", ErrorClass.SemanticTime)]
    public void What_version_2_does_not_write_is_refused(string json, ErrorClass kind) => Assert.Contains(MidasReader.Prices(Encoding.UTF8.GetBytes(json)).Refusals, r => r.Class == kind);

    [Fact]
    public void Two_prices_for_one_moment_are_refused() => Assert.Equal(ErrorClass.SemanticOverlap, Assert.Single(MidasReader.Prices(Answer(
        Value("2026-06-30", "07:00:00", "2026-06-30", "07:59:59", "0.31"), Value("2026-06-30", "07:00:00", "2026-06-30", "07:59:59", "0.44"))).Refusals).Class);

    [Fact]
    public void How_fetching_goes_on_follows_from_the_answer()
    {
        var table = new MidasTimetable();
        var known = table.Following(Rate, Reply(200, Answer(Value("2026-06-30", "07:00:00", "2026-06-30", "22:59:59", "0.31"))), null, Now);
        Assert.Equal((MidasState.Known, "summer off peak", Now + Duration.FromHours(11), Now + Duration.FromMinutes(15)), (known.State, known.ValueName, known.KnownUntil!.Value, known.NextTryAt));

        var gap = table.Following(Rate, Reply(200, Answer(Value("2026-07-01", "07:00:00", "2026-07-01", "22:59:59", "0.31"))), known, Now);
        Assert.Equal((MidasState.Gap, null), (gap.State, gap.KnownUntil));
        Assert.Contains("2026-07-01T07:00:00Z", gap.Problem, StringComparison.Ordinal);

        var failed = table.Following(Rate, Reply(503, []), known, Now);
        var again = table.Following(Rate, Reply(429, [], Duration.FromMinutes(20)), failed, Now);
        Assert.Equal((MidasState.Failed, 1, Now + Duration.FromSeconds(30)), (failed.State, failed.Tries, failed.NextTryAt));
        Assert.Equal((MidasState.Failed, 2, Now + Duration.FromMinutes(20), known.KnownUntil), (again.State, again.Tries, again.NextTryAt, again.KnownUntil));
        Assert.Equal(MidasState.Refused, table.Following(Rate, Reply(404, []), null, Now).State);
        Assert.Contains("not of USCA-PGPG-EV2A-0000", table.Following(Rate, Reply(200, AnswerFor("USCA-XXXX-XXXX-0000", Value("2026-06-30", "07:00:00", "2026-06-30", "22:59:59", "1"))), null, Now).Problem, StringComparison.Ordinal);
        Assert.True(MidasTimetable.IsDue(null, Now) && MidasTimetable.IsDue(failed, Now + Duration.FromSeconds(30)) && !MidasTimetable.IsDue(known, Now));
    }

    [Fact]
    public void What_was_known_until_the_past_is_not_known_now_and_a_clock_that_was_ahead_stops_nothing()
    {
        var table = new MidasTimetable();
        var known = table.Following(Rate, Reply(200, Answer(Value("2026-06-30", "07:00:00", "2026-06-30", "22:59:59", "0.31"))), null, Now);
        var tomorrow = Now + Duration.FromDays(1);
        Assert.Equal((null, null), (table.Following(Rate, Reply(503, []), known, tomorrow).KnownUntil, table.Following(Rate, Reply(404, []), known, tomorrow).KnownUntil));
        Assert.True(MidasTimetable.IsDue(known, Now - Duration.FromDays(7)));
    }

    [Fact]
    public void A_minute_without_a_value_between_two_is_told()
    {
        var read = MidasReader.Prices(Answer(Value("2026-06-30", "07:00:00", "2026-06-30", "07:59:00", "0.31"), Value("2026-06-30", "08:00:00", "2026-06-30", "08:59:59", "0.32"), Value("2026-06-30", "10:00:00", "2026-06-30", "10:59:59", "0.32")));
        Assert.StartsWith("1 values end up to a minute before", Assert.Single(read.Warnings).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void An_end_that_never_comes_is_a_season()
    {
        var endless = Value("2026-10-01", "00:00:00", "9999-12-31", "23:59:59", "0.22");
        Assert.Equal(ErrorClass.SemanticEmpty, Assert.Single(MidasReader.Prices(Answer(endless)).Refusals).Class);
        Assert.Contains("season", Assert.Single(MidasReader.Prices(Answer(endless, Value("2026-06-30", "07:00:00", "2026-06-30", "22:59:59", "0.31"))).Warnings).Detail, StringComparison.Ordinal);
        var status = new MidasTimetable().Following(Rate, Reply(200, Answer(endless, Value("2026-06-30", "07:00:00", "2026-06-30", "22:59:59", "0.31"))), null, Now);
        Assert.Contains("season", Assert.Single(status.Warnings), StringComparison.Ordinal);
        Assert.Contains(MidasReader.Read(Answer(endless), "$/kWh").Refusals, r => r.Class == ErrorClass.SemanticTime);
    }

    private static MidasReply Reply(int status, byte[] body, Duration? after = null) => MidasReply.Parse(Rate, status, body, after);

    private static byte[] Answer(params string[] values) => AnswerFor(Rate.RateId, values);

    private static byte[] AnswerFor(string id, params string[] values) => Encoding.UTF8.GetBytes($$"""{"RateID":"{{id}}","RateName":"EV2-A","RateType":"TOU","ValueInformation":[{{string.Join(',', values)}}]}""");

    private static string Value(string from, string fromTime, string until, string untilTime, string value, string unit = "$/kWh") =>
        $$"""{"ValueName":"summer off peak","DateStart":"{{from}}","DateEnd":"{{until}}","DayStart":"Tuesday","DayEnd":"Tuesday","TimeStart":"{{fromTime}}","TimeEnd":"{{untilTime}}","Value":{{value}},"Unit":"{{unit}}"}""";
}
