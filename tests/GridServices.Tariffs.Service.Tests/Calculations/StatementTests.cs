using GridServices.Contracts;

namespace GridServices.Tariffs.Service.Tests.Calculations;

/// <summary>The utility's bill held against ours, over HTTP.</summary>
public sealed class StatementTests
{
    private const string Bill = """
        "tariff":{"schemaVersion":1,"id":"t","currency":"EUR","timeZone":"Etc/UTC","energy":[{"id":"energy","rates":[{"period":"all","tiers":[{"price":0.3}]}]}]},
        "intervals":{"start":"2026-01-15","minutes":1440,"kWh":[33]},"cycles":[{"from":"2026-01-15","until":"2026-01-16"}]
        """;

    [Fact]
    public async Task A_statement_is_answered_by_line_with_reason_and_accuracy_and_a_wrong_one_refused_at_its_place()
    {
        await using var service = await TariffsUnderTest.StartAsync();
        var told = await service.PostAsync("/v1/statement-comparisons", $$$"""{{{{Bill}}},"statement":{"number":"4711","total":12,"lines":[{"text":"Energy","charge":"energy","quantity":40,"unit":"kWh","rate":0.3,"amount":12}]}}""");
        var comparison = told.GetProperty("comparison");
        var line = comparison.GetProperty("lines")[0];
        Assert.Equal(
            ("12", "9.9", "2.1", false, "otherQuantity", "40 kWh on the statement, 33 by our data", "0"),
            (comparison.GetProperty("statementTotal").GetString(), comparison.GetProperty("ourTotal").GetString(), line.GetProperty("difference").GetString(), line.GetProperty("agrees").GetBoolean(),
                line.GetProperty("reasons")[0].GetProperty("cause").GetString(), line.GetProperty("reasons")[0].GetProperty("text").GetString(), comparison.GetProperty("accuracy").GetProperty("unexplained").GetString()));
        Assert.Equal("the utility rounds each of its lines to 0.01 EUR", Assert.Single(comparison.GetProperty("accuracy").GetProperty("assumptions").EnumerateArray()).GetString());

        var refused = await service.RefusedAsync("/v1/statement-comparisons", $$$"""{{{{Bill}}},"statement":{"lines":[{"amount":1,"chargee":"energy"}]}}""", ErrorClass.SchemaInvalid);
        Assert.Equal("/statement/lines/0/chargee", refused.GetProperty("errors")[0].GetProperty("pointer").GetString());
    }
}
