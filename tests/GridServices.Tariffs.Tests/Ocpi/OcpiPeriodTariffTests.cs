using System.Text;
using GridServices.Contracts;
using GridServices.Tariffs.Ocpi;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Requests;

namespace GridServices.Tariffs.Tests.Ocpi;

/// <summary>Charging periods that name their tariffs (OCPI 2.2.1, ChargingPeriod.tariff_id), limits on the price, and words that OCPI does not have.</summary>
public sealed class OcpiPeriodTariffTests
{
    private const string Two = """{"id":"A","currency":"EUR","elements":[{"price_components":[{"type":"ENERGY","price":0.20,"step_size":1}]}]},{"id":"B","currency":"EUR","elements":[{"price_components":[{"type":"ENERGY","price":0.50,"step_size":1}]}]}""";

    [Fact]
    public void Each_period_is_priced_by_the_tariff_that_it_names()
    {
        var report = Read(Two, "\"tariff_id\":\"A\",", "\"tariff_id\":\"b\",").OrThrow().Cost();
        Assert.Equal((7m, 7m), (report.Total.BeforeTaxes, report.Unlimited.BeforeTaxes));
        Assert.Equal([("A", 2m), ("B", 5m)], report.Lines.Select(l => (l.TariffId, l.Cost.BeforeTaxes)));
    }

    [Fact]
    public void A_period_without_a_tariff_beside_ones_with_costs_nothing_and_is_told()
    {
        var read = Read(Two, "\"tariff_id\":\"B\",", string.Empty);
        Assert.Equal(5m, read.OrThrow().Cost().Total.BeforeTaxes);
        Assert.Contains(read.Warnings, w => w.Path == "/cdr/charging_periods/1/tariff_id");
        Assert.Equal(4m, Read(Two, string.Empty, string.Empty).OrThrow().Cost().Total.BeforeTaxes);
    }

    [Fact]
    public void A_tariff_that_nobody_gives_is_refused_with_its_place()
    {
        var refusal = Assert.Single(Read(Two, "\"tariff_id\":\"A\",", "\"tariff_id\":\"AA\",").Refusals);
        Assert.Equal((ErrorClass.UnknownId, "/cdr/charging_periods/1/tariff_id"), (refusal.Class, refusal.Path));
        var mixed = Read(Two.Replace("\"B\",\"currency\":\"EUR\"", "\"B\",\"currency\":\"CHF\"", StringComparison.Ordinal), "\"tariff_id\":\"A\",", "\"tariff_id\":\"B\",");
        Assert.Equal(ErrorClass.Unit, Assert.Single(mixed.Refusals).Class);
    }

    [Fact]
    public void Energy_counts_from_the_sessions_start_whoever_prices_it()
    {
        var tariffs = Two.Replace("\"price\":0.50,\"step_size\":1}]", "\"price\":0.50,\"step_size\":1}],\"restrictions\":{\"min_kwh\":15}", StringComparison.Ordinal);
        Assert.Equal(2m + 2.5m, Read(tariffs, "\"tariff_id\":\"A\",", "\"tariff_id\":\"B\",").OrThrow().Cost().Total.BeforeTaxes);
    }

    [Fact]
    public void Each_tariffs_minimum_holds_for_its_own_part()
    {
        var tariffs = Two.Replace("\"id\":\"A\",", "\"id\":\"A\",\"min_price\":{\"before_taxes\":3},", StringComparison.Ordinal);
        Assert.Equal(3m + 5m, Read(tariffs, "\"tariff_id\":\"A\",", "\"tariff_id\":\"B\",").OrThrow().Cost().Total.BeforeTaxes);
    }

    [Theory]
    [InlineData("\"min_price\":{\"before_taxes\":5},", "5", "6")]
    [InlineData("\"min_price\":{\"after_taxes\":6},", "5", "6")]
    [InlineData("\"min_price\":{\"before_taxes\":5,\"after_taxes\":7},", "5", "7")]
    [InlineData("\"max_price\":{\"before_taxes\":0.5},", "0.5", "0.6")]
    [InlineData("\"min_price\":5,", "5", "6")]
    [InlineData("\"min_price\":{\"before_taxes\":0.5},", "1", "1.2")]
    public void A_limit_on_one_total_takes_the_other_with_it_at_the_sessions_tax(string limit, string before, string after)
    {
        var tariff = $$"""{"id":"T","currency":"EUR",{{limit}}"elements":[{"price_components":[{"type":"ENERGY","price":0.10,"vat":20,"step_size":1}]}]}""";
        var cdr = """{"start_date_time":"2026-01-12T09:00:00Z","end_date_time":"2026-01-12T10:00:00Z","charging_periods":[{"start_date_time":"2026-01-12T09:00:00Z","dimensions":[{"type":"ENERGY","volume":10}]}]}""";
        var cost = CdrCostRequestJson.Read(Encoding.UTF8.GetBytes($$"""{"timeZone":"Europe/Amsterdam","tariff":{{tariff}},"cdr":{{cdr}} }""")).OrThrow().Cost();
        Assert.Equal(new OcpiPrice(decimal.Parse(before), decimal.Parse(after)), cost.Total);
    }

    [Theory]
    [InlineData("\"step_size\":1}]", "\"step_size\":1}],\"restrictions\":{\"max_kwhh\":7}", "/elements/0/restrictions/max_kwhh", "did you mean max_kwh?")]
    [InlineData("\"step_size\":1}]", "\"step_size\":1}],\"restrictions\":{\"reservation\":\"RESERVATION_EXPIRED\"}", "/elements/0/restrictions/reservation", "did you mean RESERVATION_EXPIRES?")]
    [InlineData("\"step_size\":1", "\"stepsize\":100", "/elements/0/price_components/0/stepsize", "did you mean step_size?")]
    [InlineData("\"currency\"", "\"mn_price\":1,\"currency\"", "/mn_price", "did you mean min_price?")]
    public void A_word_that_ocpi_does_not_have_is_told(string part, string instead, string pointer, string words)
    {
        const string Tariff = """{"id":"t","currency":"EUR","elements":[{"price_components":[{"type":"ENERGY","price":0.25,"step_size":1}]}]}""";
        var read = OcpiJson.ReadTariff(Encoding.UTF8.GetBytes(Tariff.Replace(part, instead, StringComparison.Ordinal)));
        Assert.True(read.Ok);
        Assert.Contains(read.Warnings, w => w.Path == pointer && w.Detail.Contains(words, StringComparison.Ordinal));
        Assert.Empty(OcpiJson.ReadTariff(Encoding.UTF8.GetBytes(Tariff.Replace("\"currency\"", "\"x_vendor\":1,\"currency\"", StringComparison.Ordinal))).Warnings);
    }

    [Fact]
    public void A_dimension_that_stands_twice_is_refused_and_an_unknown_one_is_told()
    {
        var twice = Read(Two, "\"tariff_id\":\"A\",", "\"tariff_id\":\"B\",", """{"type":"ENERGY","volume":1},""");
        Assert.Equal(ErrorClass.DataConflict, twice.Refusals[0].Class);
        var unknown = Read(Two, "\"tariff_id\":\"A\",", "\"tariff_id\":\"B\",", """{"type":"ENERGIE","volume":1},""");
        Assert.Contains(unknown.Warnings, w => w.Detail.Contains("did you mean ENERGY?", StringComparison.Ordinal));
    }

    private static ReadResult<CdrCostRequest> Read(string tariffs, string first, string second, string more = "") => CdrCostRequestJson.Read(Encoding.UTF8.GetBytes($$"""
        {"timeZone":"Europe/Amsterdam","cdr":{"start_date_time":"2026-01-12T09:00:00Z","end_date_time":"2026-01-12T11:00:00Z","tariffs":[{{tariffs}}],"charging_periods":[
         {"start_date_time":"2026-01-12T09:00:00Z",{{first}}"dimensions":[{{more}}{"type":"ENERGY","volume":10}]},{"start_date_time":"2026-01-12T10:00:00Z",{{second}}"dimensions":[{"type":"ENERGY","volume":10}]}]} }
        """));
}
