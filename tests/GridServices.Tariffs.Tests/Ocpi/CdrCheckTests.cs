using System.Text;
using GridServices.Tariffs.Ocpi;
using GridServices.Tariffs.Requests;

namespace GridServices.Tariffs.Tests.Ocpi;

/// <summary>A CDR's own totals against its tariff: three kWh in three hours at 0.333 and 20 % are 0.999 and 1.1988.</summary>
public sealed class CdrCheckTests
{
    [Theory]
    [InlineData("\"total_cost\":1.00,")]
    [InlineData("\"total_cost\":{\"excl_vat\":1.00,\"incl_vat\":1.20},\"total_energy_cost\":{\"excl_vat\":1.00},\"total_energy\":3,\"total_time\":3.0,")]
    [InlineData("\"total_cost\":{\"before_taxes\":0.999,\"taxes\":[{\"name\":\"VAT\",\"amount\":0.15},{\"name\":\"other\",\"amount\":0.05}]},\"total_parking_time\":0,")]
    [InlineData("\"credit\":true,\"total_cost\":{\"excl_vat\":-1.00,\"incl_vat\":-1.20},")]
    public void Totals_of_every_version_agree_to_half_a_coin(string totals)
    {
        var check = Check(totals)!;
        Assert.True(check.Agrees, string.Join(", ", check.Items));
        Assert.Empty(check.Reasons);
    }

    [Theory]
    [InlineData("\"total_cost\":0.99,", "", CdrCause.RoundedByPeriod)]
    [InlineData("\"total_cost\":{\"excl_vat\":1.20},", "", CdrCause.Taxes)]
    [InlineData("\"total_cost\":{\"excl_vat\":1.00,\"incl_vat\":1.19},", "", CdrCause.Taxes)]
    [InlineData("\"total_cost\":-1.00,", "", CdrCause.SignTurned)]
    [InlineData("\"total_cost\":1.00,", "\"min_price\":5,", CdrCause.LimitIgnored)]
    [InlineData("\"total_cost\":1.33,\"total_energy\":4,", "", CdrCause.OtherEnergy)]
    [InlineData("\"total_cost\":1.50,\"total_energy_cost\":0.80,", "", CdrCause.OwnParts)]
    [InlineData("\"total_cost\":7.77,", "", CdrCause.Unexplained)]
    public void A_total_that_is_another_has_the_cause_that_gives_it(string totals, string limits, CdrCause cause)
    {
        var check = Check(totals, limits)!;
        Assert.False(check.Agrees);
        Assert.Equal(cause, Assert.Single(check.Reasons).Cause);
    }

    [Fact]
    public void A_step_that_was_not_applied_is_found()
    {
        // Three kWh in steps of two are four: 1.332.
        var check = Check("\"total_cost\":1.00,", step: 2000)!;
        Assert.Equal(CdrCause.StepIgnored, Assert.Single(check.Reasons).Cause);
        Assert.Equal((1.332m, -0.332m), (check.Items[0].Ours, check.Items[0].Difference));
    }

    [Fact]
    public void Dimensions_that_were_rounded_before_they_were_added_are_found()
    {
        // Energy, time and parking at 0.334 each: 1.002 together, 3 x 0.33 apart.
        const string Tariff = """{"id":"T","currency":"EUR","elements":[{"price_components":[{"type":"ENERGY","price":0.334,"step_size":1},{"type":"TIME","price":0.334,"step_size":1},{"type":"PARKING_TIME","price":0.334,"step_size":1}]}]}""";
        const string Periods = """{"start_date_time":"2026-03-01T10:00:00Z","dimensions":[{"type":"ENERGY","volume":1},{"type":"TIME","volume":1}]},{"start_date_time":"2026-03-01T11:00:00Z","dimensions":[{"type":"PARKING_TIME","volume":1}]}""";
        var request = CdrCostRequestJson.Read(Encoding.UTF8.GetBytes(
            $$$"""{"timeZone":"Etc/UTC","tariff":{{{Tariff}}},"cdr":{"start_date_time":"2026-03-01T10:00:00Z","end_date_time":"2026-03-01T12:00:00Z","total_cost":0.99,"charging_periods":[{{{Periods}}}]}}""")).OrThrow();
        Assert.Equal(CdrCause.RoundedByDimension, Assert.Single(request.Check(request.Cost())!.Reasons).Cause);
    }

    [Fact]
    public void A_cdr_that_states_nothing_is_not_checked() => Assert.Null(Check(string.Empty));

    [Fact]
    public void A_batch_goes_on_where_one_of_it_cannot_be_priced()
    {
        var json = $$"""{"timeZone":"Etc/UTC","tariff":{{Tariff(string.Empty, 1)}},"cdrs":[{{Cdr("\"id\":\"a\",\"total_cost\":1.00,")}},{"id":"b"},{{Cdr("\"id\":\"c\",\"total_cost\":2.00,")}},{{Cdr("\"id\":\"d\",")}}]}""";
        var cdrs = CdrBatch.Read(Encoding.UTF8.GetBytes(json)).OrThrow().Cdrs;
        Assert.Equal(["a", "b", "c", "d"], cdrs.Select(c => c.Id));
        Assert.True(cdrs[0].Check is { Agrees: true });
        Assert.Equal((null, "/cdr"), (cdrs[1].Cost, Assert.Single(cdrs[1].Refusals).Path));
        Assert.True(cdrs[2].Check is { Agrees: false });
        Assert.True(cdrs[3] is { Check: null, Cost.Total.BeforeTaxes: 0.999m });
    }

    [Theory]
    [InlineData("""{"timeZone":"Etc/UTC","cdrs":[]}""", "/cdrs")]
    [InlineData("""{"timeZone":"Etc/UTC"}""", "/cdrs")]
    [InlineData("""{"timeZone":"Mars","cdrs":[{}]}""", "/timeZone")]
    [InlineData("""{"timeZone":"Etc/UTC","cdrs":[{}],"cdr":{}}""", "/cdr")]
    public void A_batch_that_is_none_is_refused(string json, string path) => Assert.Contains(CdrBatch.Read(Encoding.UTF8.GetBytes(json)).Refusals, r => r.Path == path);

    private static CdrCheck? Check(string totals, string limits = "", int step = 1)
    {
        var request = CdrCostRequestJson.Read(Encoding.UTF8.GetBytes($$"""{"timeZone":"Etc/UTC","tariff":{{Tariff(limits, step)}},"cdr":{{Cdr(totals)}}}""")).OrThrow();
        return request.Check(request.Cost());
    }

    private static string Tariff(string limits, int step) => $$"""{"id":"T","currency":"EUR",{{limits}}"elements":[{"price_components":[{"type":"ENERGY","price":0.333,"vat":20,"step_size":{{step}}}]}]}""";

    private static string Cdr(string totals) => $$"""
        {{{totals}}"start_date_time":"2026-03-01T10:00:00Z","end_date_time":"2026-03-01T13:00:00Z","charging_periods":[
          {"start_date_time":"2026-03-01T10:00:00Z","dimensions":[{"type":"ENERGY","volume":1}]},
          {"start_date_time":"2026-03-01T11:00:00Z","dimensions":[{"type":"ENERGY","volume":1}]},
          {"start_date_time":"2026-03-01T12:00:00Z","dimensions":[{"type":"ENERGY","volume":1}]}]}
        """;
}
