using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.Testing;

namespace GridServices.Tariffs.Service.Tests.Calculations;

public sealed class SettlementTests
{
    [Fact]
    public async Task Every_known_baseline_is_exact_over_HTTP()
    {
        await using var service = await TariffsUnderTest.StartAsync();
        foreach (var file in Directory.EnumerateFiles(TestData.Path("tariff/baseline"), "bl_*.json"))
        {
            var known = JsonNode.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken))!;
            var settled = await service.PostAsync("/v1/settlements/demand-response", Request(known).ToJsonString());
            var expected = known["expected"]!;
            var baseline = settled.GetProperty("baseline");
            Assert.Equal(expected["selected_days"]!.AsArray().Select(d => d!.GetValue<string>()), baseline.GetProperty("selected").EnumerateArray().Select(d => d.GetString()!));
            Near(expected["delivered_total_kwh"]!, baseline.GetProperty("deliveredTotalKwh"));
            Near(expected["energy_payment_at_0_25"]!, settled.GetProperty("settlement").GetProperty("total"));
            Assert.Equal(
                Number(settled.GetProperty("settlement").GetProperty("total")) - 10, Number(settled.GetProperty("delta")));
        }
    }

    [Fact]
    public async Task A_baseline_tells_every_day_that_it_left_out_and_why()
    {
        await using var service = await TariffsUnderTest.StartAsync();
        var known = JsonNode.Parse(await File.ReadAllTextAsync(TestData.Path("tariff/baseline/bl_caiso_office.json"), TestContext.Current.CancellationToken))!;
        var request = Request(known);
        request.Remove("terms");
        request.Remove("previousTotal");
        var baseline = await service.PostAsync("/v1/baselines", request.ToJsonString());
        var left = baseline.GetProperty("days").EnumerateArray().Where(d => d.GetProperty("reason").GetString() == "event day").Select(d => d.GetProperty("date").GetString());
        Assert.Equal(["2018-07-18", "2018-07-12"], left);
    }

    [Theory]
    [InlineData("""{"rule":{"name":"r","windowDays":3,"select":5}}""", "/rule")]
    [InlineData("""{"rule":{"name":"r","windowDays":3,"select":1,"adjustment":"additive"}}""", "/rule/adjustmentHours")]
    [InlineData("""{"rule":{"name":"r","windowDays":3,"select":1,"adjustmentHours":[-20]}}""", "/rule")]
    [InlineData("""{"event":{"date":"2018-07-25","fromHour":18,"untilHour":14}}""", "/event")]
    [InlineData("""{"timeZone":"Mars/Base"}""", "/timeZone")]
    public async Task A_rule_or_event_that_means_nothing_is_refused(string change, string pointer)
    {
        await using var service = await TariffsUnderTest.StartAsync();
        var request = JsonNode.Parse("""
            {"rule":{"name":"r","windowDays":1,"select":1},"event":{"date":"2018-07-25","fromHour":14,"untilHour":18},"timeZone":"Etc/UTC","intervals":{"start":"2018-07-25","minutes":60,"kW":[1]}}
            """)!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(change)!.AsObject())
        {
            request[name] = value!.DeepClone();
        }

        using var content = TariffsUnderTest.Json(request.ToJsonString());
        using var answer = await service.Operator.PostAsync(new Uri("/v1/baselines", UriKind.Relative), content, TestContext.Current.CancellationToken);
        var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
        Assert.InRange((int)answer.StatusCode, 400, 422);
        Assert.Equal(pointer, problem.GetProperty("errors")[0].GetProperty("pointer").GetString());
    }

    [Fact]
    public async Task A_baseline_without_enough_days_says_how_many_it_found() =>
        await Refusal("/v1/baselines", """
            {"rule":{"name":"r","windowDays":1,"select":1},"event":{"date":"2018-07-25","fromHour":0,"untilHour":1},"timeZone":"Etc/UTC","intervals":{"start":"2018-07-25","minutes":60,"kW":[1]}}
            """, ErrorClass.DataGap);

    [Fact]
    public async Task A_frequency_service_is_paid_for_availability_by_performance_and_for_energy()
    {
        await using var service = await TariffsUnderTest.StartAsync();
        var settled = await service.PostAsync("/v1/settlements/frequency", """
            {"currency":"GBP","previousTotal":"50","blocks":[
              {"mw":2,"hours":4,"pricePerMwHour":7.5,"performance":0.95,"source":"meter","energyKwh":100,"energyPrice":0.04},
              {"mw":2,"hours":4,"pricePerMwHour":7.5,"performance":0,"source":"meter"},{"mw":2,"hours":4,"pricePerMwHour":7.5,"performance":1}]}
            """);
        Assert.Equal(("61", "57", "4", "11"), (settled.GetProperty("total").GetString(), settled.GetProperty("availability").GetString(), settled.GetProperty("energy").GetString(), settled.GetProperty("delta").GetString()));
        Assert.Equal("0", settled.GetProperty("blocks")[1].GetProperty("availability").GetString());
        var unmeasured = settled.GetProperty("blocks")[2];
        Assert.Equal(("0", "none", "8", true), (unmeasured.GetProperty("availability").GetString(), unmeasured.GetProperty("source").GetString(), settled.GetProperty("notMeasuredMwHours").GetString(), settled.GetProperty("provisional").GetBoolean()));
        Assert.Equal("/blocks/2", settled.GetProperty("warnings")[0].GetProperty("pointer").GetString());
        var problem = await service.RefusedAsync("/v1/settlements/frequency", """{"currency":"GBP","blocks":[{"mw":2,"hours":4,"pricePerMwHour":7.5,"performance":1.5}]}""", ErrorClass.SemanticNumber);
        Assert.Equal("/blocks/0", problem.GetProperty("errors")[0].GetProperty("pointer").GetString());
    }

    [Fact]
    public async Task A_session_costs_what_its_tariff_says()
    {
        await using var service = await TariffsUnderTest.StartAsync();
        var cost = await service.PostAsync("/v1/ocpi/cdr-cost", Cdr(credit: false));
        Assert.Equal("5.5", cost.GetProperty("totalCost").GetProperty("beforeTaxes").GetString());
        Assert.Equal("6.6", cost.GetProperty("totalCost").GetProperty("afterTaxes").GetString());
        Assert.Equal("5", cost.GetProperty("totalEnergyCost").GetProperty("beforeTaxes").GetString());
        Assert.Equal(2, cost.GetProperty("lines").GetArrayLength());
        var credit = await service.PostAsync("/v1/ocpi/cdr-cost", Cdr(credit: true));
        Assert.Equal("-5.5", credit.GetProperty("totalCost").GetProperty("beforeTaxes").GetString());

        // Two at once, of which one states 5.50 and the other is none.
        var record = JsonNode.Parse(Cdr(credit: false))!["cdr"]!.DeepClone();
        record["total_cost"] = new JsonObject { ["excl_vat"] = 5.50m, ["incl_vat"] = 6.60m };
        var both = await service.PostAsync("/v1/ocpi/cdr-checks", new JsonObject { ["timeZone"] = "Europe/Amsterdam", ["cdrs"] = new JsonArray(record, new JsonObject()) }.ToJsonString());
        Assert.Equal((1, 1, 1), (both.GetProperty("checked").GetInt32(), both.GetProperty("agreeing").GetInt32(), both.GetProperty("refused").GetInt32()));
        Assert.Equal("total_cost.after_taxes", both.GetProperty("cdrs")[0].GetProperty("check").GetProperty("items")[1].GetProperty("total").GetString());
        Assert.NotEqual(0, both.GetProperty("cdrs")[1].GetProperty("refusals").GetArrayLength());
    }

    [Fact]
    public async Task A_CDR_without_a_valid_tariff_is_refused() =>
        await Refusal("/v1/ocpi/cdr-cost", """
            {"timeZone":"Europe/Amsterdam","cdr":{"start_date_time":"2026-03-01T10:00:00Z","end_date_time":"2026-03-01T11:00:00Z","charging_periods":[{"start_date_time":"2026-03-01T10:00:00Z","dimensions":[]}]}}
            """, ErrorClass.SemanticReference);

    private static string Cdr(bool credit) => $$"""
        {"timeZone":"Europe/Amsterdam","cdr":{"credit":{{(credit ? "true" : "false")}},"start_date_time":"2026-03-01T10:00:00Z","end_date_time":"2026-03-01T11:00:00Z",
          "charging_periods":[{"start_date_time":"2026-03-01T10:00:00Z","dimensions":[{"type":"ENERGY","volume":20},{"type":"TIME","volume":1}]}],
          "tariffs":[{"id":"12","currency":"EUR","elements":[{"price_components":[{"type":"FLAT","price":0.50,"vat":20,"step_size":1},{"type":"ENERGY","price":0.25,"vat":20,"step_size":1}]}],"last_updated":"2026-01-01T00:00:00Z"}]} }
        """;

    private static async Task Refusal(string path, string json, ErrorClass errorClass)
    {
        await using var service = await TariffsUnderTest.StartAsync();
        await service.RefusedAsync(path, json, errorClass);
    }

    private static JsonObject Request(JsonNode known)
    {
        var date = known["event_date"]!.GetValue<string>();
        var load = File.ReadAllLines(TestData.Path($"tariff/{known["load"]!.GetValue<string>()}"));
        var day = (DateOnly.Parse(date, CultureInfo.InvariantCulture).DayOfYear - 1) * 24;
        foreach (var (kw, hour) in known["event_day_actual_kw"]!.AsArray().Select((kw, hour) => (kw!.ToJsonString(), hour)))
        {
            load[day + hour] = kw;
        }

        var rule = known["rule"]!;
        return new JsonObject
        {
            ["timeZone"] = "Etc/GMT+7",
            ["event"] = new JsonObject { ["date"] = date, ["fromHour"] = known["event_hours"]![0]!.DeepClone(), ["untilHour"] = known["event_hours"]![1]!.DeepClone() },
            ["earlierEvents"] = known["prior_event_days"]!.DeepClone(),
            ["holidays"] = new JsonArray([.. known["holidays"]!.AsArray().Select(d => new JsonObject { ["date"] = d!.DeepClone() })]),
            ["rule"] = Rule(rule),
            ["intervals"] = new JsonObject { ["start"] = "2018-01-01", ["minutes"] = 60, ["kW"] = new JsonArray([.. load.Where(l => l.Length > 0).Select(l => (JsonNode)l.Trim())]) },
            ["terms"] = new JsonObject { ["energyPrice"] = 0.25m },
            ["previousTotal"] = "10",
        };
    }

    private static JsonObject Rule(JsonNode rule)
    {
        var wanted = new JsonObject
        {
            ["name"] = rule["name"]!.DeepClone(),
            ["windowDays"] = rule["window_days"]!.DeepClone(),
            ["select"] = rule["select"]!.DeepClone(),
            ["maxLookbackDays"] = rule["max_lookback_days"]?.DeepClone() ?? 45,
            ["dropHighest"] = rule["drop_high"]?.DeepClone() ?? 0,
            ["adjustment"] = rule["adj"]?.DeepClone() ?? "none",
            ["adjustmentHours"] = rule["adj_hours"]?.DeepClone() ?? new JsonArray(),
        };
        foreach (var (name, source) in new[] { ("adjustmentCap", "cap"), ("lowUsageShare", "low_usage_exclusion") })
        {
            if (rule[source] is { } value)
            {
                wanted[name] = value.DeepClone();
            }
        }

        return wanted;
    }

    private static decimal Number(JsonElement text) => decimal.Parse(text.GetString()!, CultureInfo.InvariantCulture);

    private static void Near(JsonNode expected, JsonElement actual) =>
        Assert.True(Math.Abs(decimal.Parse(expected.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture) - Number(actual)) < 0.0000001m, $"{expected.ToJsonString()} {actual}");
}
