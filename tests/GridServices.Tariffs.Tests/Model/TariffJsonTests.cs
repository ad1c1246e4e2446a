using System.Text;
using GridServices.Contracts;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Urdb;

namespace GridServices.Tariffs.Tests.Model;

public sealed class TariffJsonTests
{
    private const string Small = """
        { "schemaVersion": 1, "id": "t1", "currency": "EUR", "timeZone": "Europe/Berlin",
          "schedules": [ { "id": "tou", "rules": [ { "period": "on", "months": [6,7,8], "from": "18:15", "until": "21:00" }, { "period": "off" } ] } ],
          "energy": [ { "id": "e", "schedule": "tou", "rates": [ { "period": "on", "tiers": [ { "price": "0.40" } ] }, { "period": "off", "tiers": [ { "price": 0.2 } ] } ] } ] }
        """;

    [Fact]
    public void A_tariff_written_back_reads_equal()
    {
        var first = TariffJson.Read(Encoding.UTF8.GetBytes(Small)).OrThrow();
        var text = TariffJson.Write(first);
        Assert.Equal(text, TariffJson.Write(TariffJson.Read(text).OrThrow()));
        Assert.Contains("\"from\":\"18:15\"", Encoding.UTF8.GetString(text), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_imported_rate_reads_back_equal_in_the_own_schema()
    {
        foreach (var file in Directory.EnumerateFiles(KnownData.GetPath("tariffs"), "*.json"))
        {
            var text = TariffJson.Write(UrdbImport.Read(File.ReadAllBytes(file)).OrThrow());
            Assert.Equal(text, TariffJson.Write(TariffJson.Read(text).OrThrow()));
        }
    }

    [Theory]
    [InlineData("\"currency\": \"EUR\"", "\"currency\": \"Euro\"", ErrorClass.Unit, "/currency", "EUR")]
    [InlineData("Europe/Berlin", "Mars/Phobos", ErrorClass.SemanticTz, "/timeZone", "Europe/Berlin")]
    [InlineData("\"id\": \"t1\",", "", ErrorClass.SchemaInvalid, "/", "'id'")]
    [InlineData("\"id\": \"t1\",", "\"id\": \"t1\", \"colour\": 1,", ErrorClass.SchemaInvalid, "/colour", "remove it")]
    [InlineData("\"id\": \"t1\",", "\"id\": \"t1\", \"id\": \"t2\",", ErrorClass.SchemaInvalid, "/", "appears twice")]
    [InlineData("{ \"period\": \"off\" }", "{ \"period\": \"off\", \"months\": [1] }", ErrorClass.SemanticReference, "/schedules/0", "no rule says which period holds")]
    [InlineData("\"schedule\": \"tou\",", "\"schedule\": \"touu\",", ErrorClass.SemanticReference, "/energy/0/schedule", "no schedule 'touu'")]
    [InlineData("{ \"period\": \"off\", \"tiers\": [ { \"price\": 0.2 } ] }", "{ \"period\": \"offf\", \"tiers\": [ { \"price\": 0.2 } ] }", ErrorClass.SemanticReference, "/energy/0", "'offf'")]
    [InlineData("{ \"price\": 0.2 }", "{ \"price\": 0.2, \"upTo\": 100 }", ErrorClass.SemanticTier, "/energy/0/rates/1/tiers", "must be open")]
    [InlineData("{ \"price\": 0.2 }", "{ \"price\": 1e400 }", ErrorClass.SemanticNumber, "/energy/0/rates/1/tiers/0/price", "28 significant digits")]
    [InlineData("{ \"price\": 0.2 }", "{ \"price\": NaN }", ErrorClass.Malformed, "/", "NaN")]
    [InlineData("\"18:15\"", "\"25:15\"", ErrorClass.SemanticTime, "/schedules/0/rules/0/from", "HH:mm")]
    public void What_is_wrong_is_named_with_its_place_and_its_mending(string part, string instead, ErrorClass errorClass, string pointer, string said)
    {
        var outcome = TariffJson.Read(Encoding.UTF8.GetBytes(Small.Replace(part, instead, StringComparison.Ordinal)));
        Assert.Contains(outcome.Refusals, r => r.Class == errorClass && r.Path == pointer && r.Detail.Contains(said, StringComparison.Ordinal));
    }

    [Fact]
    public void All_problems_are_told_at_once()
    {
        var outcome = TariffJson.Read(Encoding.UTF8.GetBytes(Small.Replace("EUR", "x", StringComparison.Ordinal).Replace("Europe/Berlin", "y", StringComparison.Ordinal)));
        Assert.Equal(2, outcome.Refusals.Length);
    }
}
