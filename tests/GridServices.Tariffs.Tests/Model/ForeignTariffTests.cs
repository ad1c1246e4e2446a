using System.Text;
using GridServices.Contracts;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Requests;
using GridServices.Tariffs.Urdb;

namespace GridServices.Tariffs.Tests.Model;

/// <summary>What a foreign tariff or CDR says wrongly is told, for it would be a charge that is not billed.</summary>
public sealed class ForeignTariffTests
{
    private const string Energy = """{"price_components":[{"type":"ENERGY","price":0.20,"step_size":1}]""";

    [Theory]
    [InlineData("\"flatdemandstructur\":[[{\"rate\":5}]]", "/flatdemandstructur", "flatdemandstructure")]
    [InlineData("\"fixedchargefirstmetre\":5", "/fixedchargefirstmetre", "fixedchargefirstmeter")]
    [InlineData("\"demandratestructure\":[[{\"rate\":5,\"ajd\":1}]]", "/demandratestructure/0/0/ajd", "adj")]
    [InlineData("\"coincidentrateunits\":\"kW\"", "/coincidentrateunits", "coincidentrateunit")]
    public void A_misspelt_member_of_a_rate_is_told_with_the_right_one(string member, string at, string right)
    {
        var read = Rate(member);
        Assert.True(read.Ok);
        Assert.Contains(read.Warnings, w => w.Path == at && w.Detail.Contains($"did you mean {right}?", StringComparison.Ordinal));
    }

    [Fact]
    public void A_rate_that_is_written_well_has_no_warning() => Assert.Empty(Rate("\"eiaid\":1,\"sector\":\"Commercial\",\"approved\":true,\"energycomments\":\"x\",\"coincidentrateunit\":\"kW\",\"coincidentratestructure\":[[{\"rate\":5}]]").Warnings);

    [Fact]
    public void A_coincident_rate_per_kilowatt_hour_is_no_demand_charge()
    {
        var refusal = Assert.Single(Rate("\"coincidentrateunit\":\"kWh\",\"coincidentratestructure\":[[{\"rate\":5}]]").Refusals);
        Assert.Equal((ErrorClass.Unit, "/coincidentrateunit"), (refusal.Class, refusal.Path));
    }

    [Fact]
    public void Two_tariffs_of_one_id_with_other_prices_are_refused()
    {
        var refusal = Assert.Single(Cdr($$"""{"id":"A","currency":"EUR","elements":[{{Energy}} }]},{"id":"a","currency":"EUR","elements":[{{Energy.Replace("0.20", "0.40", StringComparison.Ordinal)}} }]}""").Refusals);
        Assert.Equal((ErrorClass.DuplicateId, "/tariffs/1/id"), (refusal.Class, refusal.Path));
        Assert.Equal(2m, Cdr($$"""{"id":"A","currency":"EUR","elements":[{{Energy}} }]},{"id":"A","currency":"EUR","elements":[{{Energy}} }]}""").OrThrow().Cost().Total.BeforeTaxes);
    }

    [Fact]
    public void A_session_that_names_none_of_several_tariffs_is_told_which_one_prices_it() => Assert.Contains(
        Cdr($$"""{"id":"A","currency":"EUR","elements":[{{Energy}} }]},{"id":"B","currency":"EUR","elements":[{{Energy}} }]}""").Warnings, w => w.Path == "/cdr/charging_periods" && w.Detail.Contains("A, B", StringComparison.Ordinal));

    [Theory]
    [InlineData(",\"min_price\":5,\"max_price\":4", "", "/tariffs/0/max_price")]
    [InlineData(",\"min_price\":{\"after_taxes\":5},\"max_price\":{\"after_taxes\":4}", "", "/tariffs/0/max_price")]
    [InlineData("", ",\"restrictions\":{\"min_kwh\":20,\"max_kwh\":10}", "/tariffs/0/elements/0/restrictions/max_kwh")]
    [InlineData("", ",\"restrictions\":{\"min_power\":11,\"max_power\":11}", "/tariffs/0/elements/0/restrictions/max_power")]
    public void A_limit_above_which_nothing_lies_is_refused(string limits, string restrictions, string at)
    {
        var refusal = Assert.Single(Cdr($$"""{"id":"A","currency":"EUR"{{limits}},"elements":[{{Energy}}{{restrictions}} }]}""").Refusals);
        Assert.Equal((ErrorClass.SemanticNumber, at), (refusal.Class, refusal.Path));
    }

    [Fact]
    public void A_period_before_its_session_is_refused_and_energy_under_another_name_is_told()
    {
        const string Tariff = """{"id":"A","currency":"EUR","elements":[{"price_components":[{"type":"ENERGY","price":0.20,"step_size":1}]}]}""";
        Assert.Equal("/cdr/charging_periods/0/start_date_time", Assert.Single(Cdr(Tariff, start: "2026-01-15T09:00:00Z").Refusals).Path);
        Assert.Contains(Cdr(Tariff, dimension: "ENERGY_IMPORT").Warnings, w => w.Path == "/cdr/charging_periods/0/dimensions");
    }

    private static ReadResult<Tariff> Rate(string member) => UrdbImport.Read(Encoding.UTF8.GetBytes($$"""{"label":"r","name":"n","timezone":"America/Chicago","energyratestructure":[[{"rate":0.1}]],{{member}} }"""));

    private static ReadResult<CdrCostRequest> Cdr(string tariffs, string start = "2026-01-15T10:00:00Z", string dimension = "ENERGY") => CdrCostRequestJson.Read(Encoding.UTF8.GetBytes($$"""
        {"timeZone":"Etc/UTC","tariffs":[{{tariffs}}],"cdr":{"start_date_time":"2026-01-15T10:00:00Z","end_date_time":"2026-01-15T11:00:00Z","currency":"EUR",
         "charging_periods":[{"start_date_time":"{{start}}","dimensions":[{"type":"{{dimension}}","volume":10} ]} ]} }
        """));
}
