using System.Text;
using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Readers;

namespace GridServices.Tariffs.Tests.Model;

/// <summary>Shares, factors, dates and limits of charges: read strictly, refused by name, and not written where a tariff has none.</summary>
public sealed class TariffTermsTests
{
    private const string All = """
        { "schemaVersion": 1, "id": "t1", "currency": "EUR", "timeZone": "Europe/Berlin",
          "energy": [ { "id": "e", "lossFactor": 1.02, "rates": [ { "period": "all", "tiers": [ { "price": 0.2 } ] } ] } ],
          "demand": [ { "id": "d", "basis": "kva", "powerFactor": 0.95, "lossFactor": 1.01, "graceCycles": 2, "rates": [ { "period": "all", "tiers": [ { "price": 5 } ] } ],
            "phaseIn": [ { "untilMonths": 12, "percent": 50 } ], "loadFactorShares": [ { "upTo": 0.1, "percent": 25 } ] } ],
          "contractedPower": [ { "id": "c", "rule": "squareRootExcess", "rates": [ { "period": "all", "contractedKw": 50, "price": 1, "excessPrice": 3, "excessCoefficient": 0.5 } ] } ],
          "fixed": [ { "id": "f", "amount": 30, "classes": [ { "upToKw": 10, "amount": 5 } ], "lookbackMonths": 2 } ],
          "hoursOfUse": [ { "id": "h", "pairs": [ { "upToHours": 2500, "energyPrice": 0.05, "demandPrice": 20 }, { "energyPrice": 0.01, "demandPrice": 120 } ] } ],
          "maximums": [ { "id": "m", "base": [ "demand", "f" ], "perKwh": 0.34 } ],
          "riders": [ { "id": "r", "per": "kw", "of": [ "d" ], "price": 1, "effectiveFrom": "2026-01-01", "effectiveUntil": "2026-07-01" }, { "id": "s", "per": "kwh", "price": 0.01, "exemptKwh": 5 } ],
          "adjustments": [ { "id": "x", "percent": 19, "except": [ "s" ], "exemptKwh": 100, "exemptPercent": 10 } ],
          "proration": { "rule": "thirtyDays", "wholeFromDays": 27, "wholeUntilDays": 33, "demand": true } }
        """;

    [Fact]
    public void All_of_them_read_and_read_back_equal()
    {
        var text = TariffJson.Write(TariffJson.Read(Encoding.UTF8.GetBytes(All)).OrThrow());
        Assert.Equal(text, TariffJson.Write(TariffJson.Read(text).OrThrow()));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(All)!["maximums"]![0]!["base"], JsonNode.Parse(text)!["maximums"]![0]!["base"]));
    }

    /// <summary>The hash of a tariff is over this text: bills of before keep theirs.</summary>
    [Fact]
    public void A_tariff_that_has_none_of_them_is_written_as_it_always_was() => Assert.Equal(
        """{"schemaVersion":1,"id":"t","version":"1","currency":"EUR","timeZone":"Etc/UTC","contractedPower":[{"id":"c","rates":[{"period":"all","price":1}],"rule":"maximeter","underUseShare":0.85,"overUseShare":1.05,"overUseMultiplier":2,"pricePerDay":false}],"fixed":[{"id":"f","amount":1,"per":"month","perMeter":false,"perAdditionalMeter":false}],"adjustments":[{"id":"x","kind":"tax","percent":1}]}""",
        Encoding.UTF8.GetString(TariffJson.Write(Sample.Empty() with
        {
            ContractedPower = [new ContractedPower { Id = "c", Rates = [new ContractedRate { Period = "all", Price = 1 }] }],
            Fixed = [new FixedCharge { Id = "f", Amount = 1 }],
            Adjustments = [new Adjustment { Id = "x", Percent = 1 }],
        })));

    [Theory]
    [InlineData("\"basis\": \"kva\", ", "", "/demand/0/powerFactor", "set basis kva")]
    [InlineData("\"powerFactor\": 0.95", "\"powerFactor\": 1.2", "/demand/0/powerFactor", "at most 1")]
    [InlineData("\"graceCycles\": 2", "\"assess\": \"daily\"", "/demand/0/basis", "per billing period only")]
    [InlineData("\"graceCycles\": 2", "\"assess\": \"daily\"", "/demand/0/phaseIn", "per billing period only")]
    [InlineData("\"graceCycles\": 2", "\"assess\": \"daily\", \"ratchet\": { \"percent\": 80 }", "/demand/0/ratchet", "per billing period only")]
    [InlineData("\"graceCycles\": 2", "\"coincident\": { \"event\": \"4cp\" }, \"ratchet\": { \"percent\": 80 }", "/demand/0/ratchet", "per billing period only")]
    [InlineData("\"graceCycles\": 2", "\"coincident\": { \"event\": \"4cp\" }, \"mean\": { \"months\": 12 }", "/demand/0/mean", "per billing period only")]
    [InlineData("\"graceCycles\": 2", "\"assess\": \"daily\", \"seasons\": \"whole\"", "/demand/0/seasons", "per billing period only")]
    [InlineData("\"graceCycles\": 2", "\"graceCycles\": 0", "/demand/0/graceCycles", "1 to 60")]
    [InlineData("\"upTo\": 0.1", "\"upTo\": 10", "/demand/0/loadFactorShares", "0.25 = 25 %")]
    [InlineData("\"percent\": 25", "\"percent\": 250", "/demand/0/loadFactorShares/0/percent", "0 to 100")]
    [InlineData("\"lossFactor\": 1.02", "\"lossFactor\": 102", "/energy/0/lossFactor", "1.02")]
    [InlineData("\"rule\": \"squareRootExcess\"", "\"rule\": \"excess\"", "/contractedPower/0/rates/0/excessCoefficient", "squareRootExcess")]
    [InlineData("\"rule\": \"squareRootExcess\"", "\"rule\": \"squareRootExcess\", \"basis\": \"kva\"", "/contractedPower/0/basis", "over kW")]
    [InlineData("\"excessPrice\": 3,", "", "/contractedPower/0/rates", "excessPrice")]
    [InlineData("\"upToKw\": 10", "\"upToKw\": 0", "/fixed/0/classes", "above 0")]
    [InlineData("\"classes\": [ { \"upToKw\": 10, \"amount\": 5 } ],", "", "/fixed/0", "are for classes")]
    [InlineData("\"upToHours\": 2500", "\"upToHours\": 25000", "/hoursOfUse/0/pairs", "8784")]
    [InlineData("{ \"energyPrice\": 0.01", "{ \"upToHours\": 3000, \"energyPrice\": 0.01", "/hoursOfUse/0/pairs", "must be open")]
    [InlineData("\"perKwh\": 0.34", "\"perKwh\": 0.34, \"amount\": 5", "/maximums/0", "either perKwh or amount")]
    [InlineData("\"base\": [ \"demand\"", "\"base\": [ \"tax\"", "/maximums/0/base/0", "'tax'")]
    [InlineData("\"of\": [ \"d\" ]", "\"of\": [ \"e\" ]", "/riders/0/of/0", "'e'")]
    [InlineData("\"of\": [ \"d\" ], ", "", "/riders/0/of", "names the demand charges")]
    [InlineData("\"2026-07-01\"", "\"2026-01-01\"", "/riders/0/effectiveUntil", "ends before it starts")]
    [InlineData("\"per\": \"kwh\"", "\"per\": \"day\"", "/riders/1", "leave them out")]
    [InlineData("\"except\": [ \"s\" ]", "\"except\": [ \"sss\" ]", "/adjustments/0/except/0", "'sss'")]
    [InlineData("\"exemptPercent\": 10", "\"exemptPercent\": 110", "/adjustments/0/exemptPercent", "0 to 100")]
    [InlineData("\"wholeFromDays\": 27, ", "", "/proration", "both")]
    [InlineData("\"id\": \"s\"", "\"id\": \"d\"", "/", "'d' stands twice")]
    [InlineData("\"rule\": \"thirtyDays\"", "\"rule\": \"thirtyDay\"", "/proration/rule", "thirtyDays")]
    [InlineData("\"exemptKwh\": 5", "\"exemptKWh\": 5", "/riders/1/exemptKWh", "exemptKwh")]
    public void What_is_wrong_is_named_with_its_place_and_its_mending(string part, string instead, string pointer, string said)
    {
        Assert.Contains(part, All, StringComparison.Ordinal);
        var outcome = TariffJson.Read(Encoding.UTF8.GetBytes(All.Replace(part, instead, StringComparison.Ordinal)));
        Assert.True(
            outcome.Refusals.Any(r => r.Path == pointer && r.Detail.Contains(said, StringComparison.Ordinal)), string.Join('\n', outcome.Refusals.Select(r => $"{r.Class} {r.Path}: {r.Detail}")));
    }

    [Fact]
    public void A_loss_factor_beside_net_metering_is_refused() => Assert.Contains(
        TariffJson.Checked(Sample.Empty() with { Energy = [Sample.Flat(1) with { LossFactor = 1.1m }], Export = new ExportTerms { Mode = ExportMode.NetMetering } }).Refusals,
        r => r is { Class: ErrorClass.SemanticReference, Path: "/energy/0/lossFactor" });
}
