using System.Text;
using GridServices.Contracts;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Meters;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Requests;
using GridServices.Tariffs.Time;

namespace GridServices.Tariffs.Tests.Requests;

/// <summary>Values that would turn a charge into a credit, a payment around, or a rule into nonsense are refused at their place.</summary>
public sealed class ImplausibleValueTests
{
    private const string Tariff = """
        {"schemaVersion":1,"id":"t","currency":"EUR","timeZone":"Etc/UTC","energy":[{"id":"e","rates":[{"period":"all","tiers":[{"price":1}]}]}],
         "subscriptions":[{"id":"s","blockKw":10,"blockPrice":15,"overagePerKw":2}],
         "contractedPower":[{"id":"c/p","rule":"excess","rates":[{"period":"all","contractedKw":1,"price":4,"excessPrice":1}]}],
         "demand":[{"id":"cp","rates":[{"period":"all","tiers":[{"price":5}]}],"coincident":{"event":"peak","combine":"max"}}]}
        """;

    public static TheoryData<string, string> Accounts => new()
    {
        { """{"subscribedBlocks":{"s":-3}}""", "/account/subscribedBlocks/s" },
        { """{"contractedKw":{"c/p/all":-10}}""", "/account/contractedKw/c~1p~1all" },
        { """{"meters":-1}""", "/account/meters" },
        { """{"meters":0}""", "/account/meters" },
        { """{"priorPeaks":[{"month":"2025-12","kw":1},{"month":"2025-11","kw":-50}]}""", "/account/priorPeaks/1/kw" },
        { """{"openingCredit":-100}""", "/account/openingCredit" },
        { """{"openingKwh":{"all":-1}}""", "/account/openingKwh/all" },
        { """{"billedThisYear":-1}""", "/account/billedThisYear" },
        { """{"coincidentTags":[{"charge":"cp","kw":-0.1}]}""", "/account/coincidentTags/0/kw" },
        { """{"coincidentTags":[{"charge":"cp","kw":1,"from":"2026-02-01","until":"2026-01-01"}]}""", "/account/coincidentTags/0/until" },
    };

    [Theory]
    [MemberData(nameof(Accounts))]
    public void An_account_is_refused_in_bills_and_meters_alike(string account, string at)
    {
        var bill = BillRequestJson.Read(Encoding.UTF8.GetBytes($$"""{"tariff":{{Tariff}},"intervals":{"start":"2026-01-01","minutes":720,"kW":[1,1]},"account":{{account}} }"""));
        Assert.Equal((ErrorClass.SemanticNumber, at), (Assert.Single(bill.Refusals).Class, bill.Refusals[0].Path));
        var compiled = CompiledTariff.Compile(TariffJson.Read(Encoding.UTF8.GetBytes(Tariff)).OrThrow());
        var meter = MeterPlanJson.Read(Encoding.UTF8.GetBytes($$"""{"siteId":"s","tariffId":"t","account":{{account}} }"""), _ => [compiled]);
        Assert.Equal((ErrorClass.SemanticNumber, at), (Assert.Single(meter.Refusals).Class, meter.Refusals[0].Path));
    }

    [Theory]
    [InlineData("\"adjustmentCap\":-1", "", "/rule/adjustmentCap")]
    [InlineData("\"adjustmentHours\":[0]", "", "/rule/adjustmentHours")]
    [InlineData("\"adjustmentHours\":[-2,1]", "", "/rule/adjustmentHours")]
    [InlineData("\"adjustmentHours\":[-2,-2]", "", "/rule/adjustmentHours")]
    [InlineData("\"lowUsageShare\":-0.1", "", "/rule/lowUsageShare")]
    [InlineData("\"dropHighest\":0", "\"energyPrice\":-1", "/terms/energyPrice")]
    [InlineData("\"dropHighest\":0", "\"nominatedKw\":-1", "/terms/nominatedKw")]
    [InlineData("\"dropHighest\":0", "\"capacityPrice\":-1", "/terms/capacityPrice")]
    [InlineData("\"dropHighest\":0", "\"shortfallPenaltyPerKwh\":-1", "/terms/shortfallPenaltyPerKwh")]
    [InlineData("\"dropHighest\":0", "\"ladder\":[{\"kind\":\"ratio\",\"value\":-1}]", "/terms/ladder/0/value")]
    [InlineData("\"dropHighest\":0", "\"ladder\":[{\"kind\":\"zero\",\"ratioFrom\":1,\"ratioTo\":0.5}]", "/terms/ladder/0/ratioTo")]
    public void A_settlement_is_refused_at_its_place(string rule, string terms, string at)
    {
        var read = SettlementRequestJson.Read(
            Encoding.UTF8.GetBytes($$"""
                {"rule":{"name":"r","windowDays":1,"select":1,{{rule}} },"event":{"date":"2026-01-05","fromHour":14,"untilHour":16},"timeZone":"Etc/UTC","terms":{ {{terms}} },
                 "intervals":{"start":"2026-01-05","minutes":720,"kW":[1,1]} }
                """),
            withTerms: true);
        Assert.Equal(at, Assert.Single(read.Refusals).Path);
    }

    [Fact]
    public void An_availability_price_below_zero_is_refused() => Assert.Equal("/blocks/0", Assert.Single(FrequencySettlementRequestJson.Read(
        """{"currency":"EUR","blocks":[{"mw":1,"hours":1,"pricePerMwHour":-1,"performance":1,"source":"meter"}]}"""u8.ToArray()).Refusals).Path);

    [Fact]
    public void A_site_beside_a_list_of_meters_is_refused_in_a_billing_run()
    {
        Assert.Equal("/siteId", Assert.Single(BillingRunJson.Read("""{"meters":["m"],"siteId":"nope","year":2026}"""u8.ToArray()).Refusals).Path);
        Assert.True(BillingRunJson.Read("""{"meters":"all","siteId":"s","year":2026}"""u8.ToArray()).Ok);
    }

    [Fact]
    public void Milliseconds_declared_as_seconds_are_refused_with_their_line()
    {
        var read = CsvIntervals.Read(new MemoryStream("time,kWh\n1767225600000,1\n1767226500000,2\n"u8.ToArray()), new IntervalOptions { StampFormat = "epochSeconds" });
        Assert.Equal(["line 2, column 1 (time)", "line 3, column 1 (time)"], read.Refusals.Select(r => r.Path));
        Assert.All(read.Refusals, r => Assert.Contains("epochMilliseconds", r.Detail, StringComparison.Ordinal));
        Assert.All(read.Refusals, r => Assert.Equal(ErrorClass.SemanticTime, r.Class));
    }

    [Theory]
    [InlineData("0", true)]
    [InlineData("1", true)]
    [InlineData("2", true)]
    [InlineData("7", false)]
    [InlineData("9", false)]
    public void Only_electricity_of_a_green_button_feed_is_billed(string commodity, bool ok)
    {
        var read = GreenButton.Read(Encoding.UTF8.GetBytes($"""
            <feed xmlns="http://www.w3.org/2005/Atom"><entry><content><ReadingType xmlns="http://naesb.org/espi"><commodity>{commodity}</commodity><uom>72</uom><intervalLength>900</intervalLength></ReadingType></content></entry>
            <entry><content><IntervalBlock xmlns="http://naesb.org/espi"><IntervalReading><timePeriod><duration>900</duration><start>1772341200</start></timePeriod><value>1</value></IntervalReading></IntervalBlock></content></entry></feed>
            """));
        Assert.Equal(ok, read.Ok);
        Assert.All(read.Refusals, r => Assert.EndsWith("/commodity", r.Path, StringComparison.Ordinal));
    }
}
