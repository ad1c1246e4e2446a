using System.Text;
using GridServices.Contracts;
using GridServices.Tariffs.Ocpi;
using NodaTime;

namespace GridServices.Tariffs.Tests.Ocpi;

/// <summary>Versions, CDRs, and rules that the specification's examples leave out.</summary>
public sealed class OcpiTests
{
    private static readonly DateTimeZone Amsterdam = DateTimeZoneProviders.Tzdb["Europe/Amsterdam"];

    [Fact]
    public void A_cdr_of_2_1_1_is_priced_like_one_of_2_2_1()
    {
        const string Old = """{"start_date_time":"2026-01-12T09:00:00","stop_date_time":"2026-01-12T10:00:00","charging_periods":[{"start_date_time":"2026-01-12T09:00:00Z","dimensions":[{"type":"ENERGY","volume":20},{"type":"TIME","volume":1}]}]}""";
        var recent = Old.Replace("stop_date_time", "end_date_time", StringComparison.Ordinal);
        var tariff = Tariff("""{"price_components":[{"type":"ENERGY","price":0.25,"step_size":1},{"type":"TIME","price":2,"step_size":1}]}""");
        Assert.Equal(7m, Cost(tariff, Old).Total.BeforeTaxes);
        Assert.Equal(Cost(tariff, Old).Total, Cost(tariff, recent).Total);
    }

    /// <summary>Edges at 4 and 50 of 90 minutes are no decimal shares: what rounding left over began a seventh quarter-hour.</summary>
    [Fact]
    public void A_period_that_edges_cut_has_the_steps_of_its_whole_time()
    {
        var tariff = Tariff(
            """{"price_components":[{"type":"TIME","price":2,"step_size":900}],"restrictions":{"end_time":"10:04"}}""",
            """{"price_components":[{"type":"TIME","price":2,"step_size":900}],"restrictions":{"end_time":"10:50"}}""",
            """{"price_components":[{"type":"TIME","price":2,"step_size":900}]}""");
        var cost = Cost(tariff, """{"start_date_time":"2026-01-12T09:00:00Z","end_date_time":"2026-01-12T10:30:00Z","charging_periods":[{"start_date_time":"2026-01-12T09:00:00Z","dimensions":[{"type":"TIME","volume":1.5}]}]}""");
        Assert.Equal((3m, 5400m), (cost.Total.BeforeTaxes, cost.BilledSeconds(OcpiDimension.Time)));
        Assert.Equal([240m, 2760m, 2400m], cost.Lines.Select(l => decimal.Round(l.Volume, 9)));
        Assert.Equal(5400m, cost.Lines.Sum(l => l.Volume));
    }

    /// <summary>30 minutes in two stretches at 2.01 an hour are 1.005 and not 1.00499…, which would round to a cent less.</summary>
    [Fact]
    public void Half_a_cent_that_stretches_sum_to_is_one()
    {
        var tariff = Tariff(
            """{"price_components":[{"type":"TIME","price":2.01,"step_size":1}],"restrictions":{"end_time":"10:07"}}""",
            """{"price_components":[{"type":"TIME","price":2.01,"step_size":1}],"restrictions":{"end_time":"10:20"}}""",
            """{"price_components":[{"type":"TIME","price":2.01,"step_size":1}]}""");
        var cost = Cost(tariff, """{"start_date_time":"2026-01-12T09:00:00Z","end_date_time":"2026-01-12T09:30:00Z","charging_periods":[{"start_date_time":"2026-01-12T09:00:00Z","dimensions":[{"type":"TIME","volume":0.5}]}]}""");
        Assert.Equal((1.005m, 1.01m), (cost.Total.BeforeTaxes, cost.Total.Rounded(2).BeforeTaxes));
    }

    [Theory]
    [InlineData("0.25", 900)]
    [InlineData("0.25000000000000006", 900)]
    [InlineData("0.2501", 1800)]
    public void A_float_of_a_cdr_begins_no_further_step_and_a_second_does(string hours, int billed) => Assert.Equal(billed, Cost(
        Tariff("""{"price_components":[{"type":"TIME","price":2,"step_size":900}]}"""), Cdr($"\"TIME\",\"volume\":{hours}")).BilledSeconds(OcpiDimension.Time), 6);

    [Fact]
    public void Power_is_derived_from_energy_and_time_when_the_cdr_does_not_give_it()
    {
        var tariff = Tariff(
            """{"price_components":[{"type":"ENERGY","price":0.2,"step_size":1}],"restrictions":{"max_power":16}}""",
            """{"price_components":[{"type":"ENERGY","price":0.5,"step_size":1}]}""");
        Assert.Equal(10 * 0.2m, Cost(tariff, Cdr("\"ENERGY\",\"volume\":10")).Total.BeforeTaxes);
        Assert.Equal(40 * 0.5m, Cost(tariff, Cdr("\"ENERGY\",\"volume\":40")).Total.BeforeTaxes);
    }

    [Fact]
    public void Time_without_energy_is_below_every_bound_on_power_and_time_whose_energy_is_not_told_below_none()
    {
        var tariff = Tariff("""{"price_components":[{"type":"TIME","price":6,"step_size":1}],"restrictions":{"max_power":11}}""");
        Assert.Equal(0.5m * 6, Cost(tariff, Cdr("\"ENERGY\",\"volume\":0},{\"type\":\"TIME\",\"volume\":0.5")).Total.BeforeTaxes);
        Assert.Equal(0, Cost(tariff, Cdr("\"TIME\",\"volume\":0.5")).Total.BeforeTaxes);
    }

    [Fact]
    public void A_bound_on_kwh_splits_the_energy_exactly_there()
    {
        var tariff = Tariff(
            """{"price_components":[{"type":"ENERGY","price":0.2,"step_size":1}],"restrictions":{"max_kwh":7}}""",
            """{"price_components":[{"type":"ENERGY","price":0.5,"step_size":1}],"restrictions":{"min_kwh":7}}""");
        var report = Cost(tariff, Cdr("\"ENERGY\",\"volume\":10"));
        Assert.Equal(7 * 0.2m + 3 * 0.5m, report.Total.BeforeTaxes);
        Assert.Equal([7m, 3m], report.Lines.Select(l => l.Volume));
    }

    [Fact]
    public void What_is_easily_overlooked_is_told_with_a_code()
    {
        var tariff = Tariff(
            """{"price_components":[{"type":"ENERGY","price":0.2,"step_size":1}],"restrictions":{"max_kwh":7}}""",
            """{"price_components":[{"type":"ENERGY","price":0.5,"step_size":1000}],"restrictions":{"min_kwh":7,"max_kwh":9}}""",
            "\"min_price\":{\"excl_vat\":10},\"end_date_time\":\"2026-01-01T00:00:00Z\",");
        var remarks = Cost(tariff, Cdr("\"ENERGY\",\"volume\":10.25")).Remarks;
        Assert.Equal(
            [OcpiRemarkCode.TariffNotValid, OcpiRemarkCode.PriceChangesInPeriod, OcpiRemarkCode.NotPriced, OcpiRemarkCode.MinimumApplied], remarks.Select(r => r.Code));
        Assert.Equal((0, OcpiDimension.Energy, "from 0.2 to 0.5 at 2026-01-12T09:40:58Z"), (remarks[1].Period!.Value, remarks[1].Dimension!.Value, remarks[1].Text));
        Assert.StartsWith("1.25 kWh", remarks[2].Text, StringComparison.Ordinal);

        var plain = Tariff("""{"price_components":[{"type":"ENERGY","price":0.5,"step_size":500}]}""", "\"max_price\":{\"excl_vat\":1},");
        remarks = Cost(plain, Cdr("\"ENERGY\",\"volume\":10.2")).Remarks;
        Assert.Equal(["StepAdded: step_size 500 adds 0.3 kWh", "MaximumApplied: max_price makes 5.25 before taxes 1"], remarks.Select(r => $"{r.Code}: {r.Text}"));
        Assert.Empty(Cost(plain, Cdr("\"ENERGY\",\"volume\":1")).Remarks);
    }

    [Fact]
    public void A_price_that_includes_its_tax_gives_both_totals()
    {
        var tariff = Tariff("""{"price_components":[{"type":"ENERGY","price":0.60,"vat":20,"step_size":1}]}""", "\"tax_included\":\"YES\",");
        Assert.Equal(new OcpiPrice(5m, 6m), Cost(tariff, Cdr("\"ENERGY\",\"volume\":10")).Total);
    }

    [Fact]
    public void Reservation_time_in_a_cdr_is_priced_by_reservation_elements_only()
    {
        var tariff = Tariff(
            """{"price_components":[{"type":"TIME","price":6,"step_size":600}],"restrictions":{"reservation":"RESERVATION"}}""",
            """{"price_components":[{"type":"TIME","price":60,"step_size":1}]}""");
        var cdr = """{"start_date_time":"2026-01-12T08:30:00Z","end_date_time":"2026-01-12T10:00:00Z","charging_periods":[{"start_date_time":"2026-01-12T08:30:00Z","dimensions":[{"type":"RESERVATION_TIME","volume":0.4}]},{"start_date_time":"2026-01-12T09:00:00Z","dimensions":[{"type":"TIME","volume":1}]}]}""";
        var report = Cost(tariff, cdr);
        Assert.Equal((3m, 60m), (report.Reservation.BeforeTaxes, report.GetPrice(OcpiDimension.Time).BeforeTaxes));
        Assert.Equal(-63m, report.Credit().BeforeTaxes);
    }

    [Fact]
    public void Free_parking_does_not_keep_charging_time_from_its_step()
    {
        var tariff = Tariff("""{"price_components":[{"type":"TIME","price":6,"step_size":1800},{"type":"PARKING_TIME","price":0,"step_size":900}]}""");
        var cdr = """{"start_date_time":"2026-01-12T09:00:00Z","end_date_time":"2026-01-12T10:00:00Z","charging_periods":[{"start_date_time":"2026-01-12T09:00:00Z","dimensions":[{"type":"TIME","volume":0.7}]},{"start_date_time":"2026-01-12T09:42:00Z","dimensions":[{"type":"PARKING_TIME","volume":0.3}]}]}""";
        Assert.Equal(6m, Cost(tariff, cdr).Total.BeforeTaxes);
    }

    [Fact]
    public void The_tariff_that_is_valid_when_the_session_starts_governs()
    {
        var old = Tariff("""{"price_components":[{"type":"FLAT","price":1,"step_size":1}]}""", "\"end_date_time\":\"2026-01-01T00:00:00Z\",");
        var recent = Tariff("""{"price_components":[{"type":"FLAT","price":2,"step_size":1}]}""", "\"start_date_time\":\"2026-01-01T00:00:00Z\",");
        Assert.Same(old, OcpiTariff.Governing([old, recent], Instant.FromUtc(2025, 12, 31, 23, 59)));
        Assert.Same(recent, OcpiTariff.Governing([old, recent], Instant.FromUtc(2026, 1, 1, 0, 0)));
    }

    [Theory]
    [InlineData("\"type\":\"ENERGY\"", "\"type\":\"POWER\"", ErrorClass.SemanticCode, "/elements/0/price_components/0/type")]
    [InlineData("\"price\":0.25", "\"price\":\"0.25\"", ErrorClass.SchemaInvalid, "/elements/0/price_components/0/price")]
    [InlineData("\"EUR\"", "\"euro\"", ErrorClass.Unit, "/currency")]
    [InlineData("\"step_size\":1", "\"step_size\":-1", ErrorClass.SemanticNumber, "/elements/0/price_components/0/step_size")]
    public void What_is_wrong_in_a_tariff_is_named_with_its_place(string part, string instead, ErrorClass errorClass, string pointer)
    {
        var json = """{"id":"t","currency":"EUR","elements":[{"price_components":[{"type":"ENERGY","price":0.25,"step_size":1}]}]}""".Replace(part, instead, StringComparison.Ordinal);
        Assert.Contains(OcpiJson.ReadTariff(Encoding.UTF8.GetBytes(json)).Refusals, r => r.Class == errorClass && r.Path == pointer);
    }

    private static OcpiTariff Tariff(params string[] elements)
    {
        var head = elements.LastOrDefault(e => e.StartsWith('"')) ?? string.Empty;
        return OcpiJson.ReadTariff(Encoding.UTF8.GetBytes($$"""{"id":"t","currency":"EUR",{{head}}"elements":[{{string.Join(',', elements.Where(e => e != head))}}]}""")).OrThrow();
    }

    private static string Cdr(string dimension) =>
        $$"""{"start_date_time":"2026-01-12T09:00:00Z","end_date_time":"2026-01-12T10:00:00Z","charging_periods":[{"start_date_time":"2026-01-12T09:00:00Z","dimensions":[{"type":{{dimension}}}]}]}""";

    private static OcpiCostReport Cost(OcpiTariff tariff, string cdr) => OcpiCost.Compute(tariff, OcpiJson.ReadCdr(Encoding.UTF8.GetBytes(cdr), Amsterdam).OrThrow());
}
