using System.Globalization;
using GridServices.Contracts;

namespace GridServices.Tariffs.Service.Tests.Calculations;

public sealed class ComparisonTests
{
    private const string Load = """{"start":"2026-01-15","minutes":360,"kW":[10,10,50,10]}""";

    [Fact]
    public async Task Tariffs_are_ranked_with_the_reason_and_what_a_changed_load_is_worth()
    {
        await using var service = await TariffsUnderTest.StartAsync();
        var answer = await service.PostAsync("/v1/comparisons", $$"""
            {"alternatives":[{"tariff":{{Tariff("peaky", 0.10m, 20)}} },{"tariff":{{Tariff("flat", 0.30m, 0)}} }],
             "intervals":{{Load}},"changedIntervals":{"start":"2026-01-15","minutes":360,"kW":[10,20,40,10]} }
            """);
        var ranked = answer.GetProperty("ranked");
        Assert.Equal(["flat", "peaky"], ranked.EnumerateArray().Select(r => r.GetProperty("tariffId").GetString()!));
        Assert.Equal("0", ranked[0].GetProperty("worthTotal").GetString());
        Assert.Equal("904", ranked[1].GetProperty("aboveCheapest").GetString());
        Assert.Contains("Demand", ranked[1].GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal("200", ranked[1].GetProperty("worth").GetProperty("demand").GetString());
    }

    [Fact]
    public async Task A_fault_in_one_alternative_is_named_there()
    {
        await using var service = await TariffsUnderTest.StartAsync();
        var problem = await service.RefusedAsync("/v1/comparisons", $$"""{"alternatives":[{"tariff":{{Tariff("a", 1, 1)}} },{"tariff":{} }],"intervals":{{Load}} }""", ErrorClass.SchemaInvalid);
        Assert.StartsWith("/alternatives/1/tariff", problem.GetProperty("errors")[0].GetProperty("pointer").GetString(), StringComparison.Ordinal);
        await service.RefusedAsync("/v1/comparisons", $$"""{"alternatives":[],"intervals":{{Load}} }""", ErrorClass.SchemaInvalid);
    }

    [Theory]
    [InlineData("energyShare")]
    [InlineData("coincidentPeak")]
    [InlineData("nonCoincidentPeak")]
    [InlineData("shapley")]
    [InlineData("marginal")]
    public async Task Shares_of_a_bill_sum_to_the_cent(string method)
    {
        await using var service = await TariffsUnderTest.StartAsync();
        var answer = await service.PostAsync("/v1/allocations", $$"""
            {"tariff":{{Tariff("t", 0.333m, 7.77m)}},"intervals":{{Load}},"method":"{{method}}",
             "users":[{"id":"a","kW":[5,5,30,0],"paid":"300"},{"id":"b","kW":[0,5,10,10]},{"id":"c","kW":[0,0,0,0]}]}
            """);
        var users = answer.GetProperty("users").EnumerateArray().ToArray();
        Assert.Equal(["a", "b", "c", "(site)"], users.Select(u => u.GetProperty("id").GetString()!));
        Assert.Equal(Number(answer.GetProperty("payable").GetString()), users.Sum(u => Number(u.GetProperty("payable").GetString())));
        Assert.Equal("0", users[2].GetProperty("payable").GetString());
        Assert.Equal(300 - Number(users[0].GetProperty("payable").GetString()), Number(users[0].GetProperty("margin").GetString()));
    }

    [Fact]
    public async Task Stations_earn_what_their_sessions_paid_less_what_they_caused()
    {
        await using var service = await TariffsUnderTest.StartAsync();
        var answer = await service.PostAsync("/v1/allocations", """
            {"tariff":{"schemaVersion":1,"id":"t","currency":"EUR","timeZone":"Etc/UTC","energy":[{"id":"e","rates":[{"period":"all","tiers":[{"price":0.25}]}]}]},
             "intervals":{"start":"2026-01-15","minutes":60,"kW":[20,20,20]},
             "users":[{"id":"s1","station":"north","kW":[10,0,0],"paid":5},{"id":"s2","station":"north","kW":[0,10,0],"paid":1},{"id":"s3","station":"south","kW":[0,0,4]},{"id":"lights","kW":[1,1,1]}]}
            """);
        Assert.Equal(
            ["north 2 20 5 6 1", "south 1 4 1  "],
            answer.GetProperty("stations").EnumerateArray().Select(s => string.Join(' ', Text(s, "station"), s.GetProperty("users").GetInt32(), Text(s, "kwh"), Text(s, "payable"), Text(s, "paid"), Text(s, "margin"))));
    }

    [Fact]
    public async Task A_session_is_answered_with_its_user_its_station_its_margin_and_why()
    {
        await using var service = await TariffsUnderTest.StartAsync();
        var answer = await service.PostAsync("/v1/allocations", """
            {"tariff":{"schemaVersion":1,"id":"t","currency":"EUR","timeZone":"Etc/UTC","energy":[{"id":"e","rates":[{"period":"all","tiers":[{"price":0.25}]}]}]},
             "intervals":{"start":"2026-01-15","minutes":60,"kW":[20,20,20,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]},"asOf":"2026-01-15T03:00:00Z","explain":["line 2"],
             "sessions":{"csv":"start,end,kWh,evse,user,paid\n2026-01-15T00:00:00Z,2026-01-15T01:00:00Z,20,north,ann,9\n2026-01-15T01:00:00Z,,4,south,bob,"} }
            """);
        Assert.True(answer.GetProperty("provisional").GetBoolean());
        var users = answer.GetProperty("users").EnumerateArray().ToArray();
        Assert.Equal(["line 2 ann north 5 4 False", "line 3 bob south 1  True", "(site)   9  False"], users.Select(u => string.Join(' ', Text(u, "id"), Text(u, "user"), Text(u, "station"), Text(u, "payable"), Text(u, "margin"), u.GetProperty("estimated").GetBoolean())));
        Assert.Equal(["ann 1 20 5 9 4", "bob 1 4 1  "], answer.GetProperty("byUser").EnumerateArray().Select(u => string.Join(' ', Text(u, "user"), u.GetProperty("sessions").GetInt32(), Text(u, "kwh"), Text(u, "payable"), Text(u, "paid"), Text(u, "margin"))));
        var line = answer.GetProperty("reasons")[0].GetProperty("lines")[0];
        Assert.Equal(("e", "energy", "5", "15"), (Text(line, "charge"), Text(line, "rule"), Text(line, "amount"), Text(line, "lineAmount")));
        Assert.Equal(("20", "20"), (Text(line.GetProperty("hours")[0], "kwh"), Text(line.GetProperty("hours")[0], "siteKwh")));
    }

    private static string? Text(System.Text.Json.JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() : "";

    [Theory]
    [InlineData("""[{"id":"a","kW":[1,1,1,1]},{"id":"a","kW":[1,1,1,1]}]""", ErrorClass.DuplicateId)]
    [InlineData("""[{"id":"(site)","kW":[1,1,1,1]}]""", ErrorClass.DuplicateId)]
    [InlineData("""[{"id":"a"}]""", ErrorClass.SchemaInvalid)]
    [InlineData("""[{"id":"a","kW":[1,1]}]""", ErrorClass.DataGap)]
    [InlineData("""[]""", ErrorClass.SchemaInvalid)]
    public async Task Users_that_cannot_be_told_apart_or_measured_are_refused(string users, ErrorClass errorClass)
    {
        await using var service = await TariffsUnderTest.StartAsync();
        await service.RefusedAsync("/v1/allocations", $$"""{"tariff":{{Tariff("t", 1, 1)}},"intervals":{{Load}},"users":{{users}} }""", errorClass);
    }

    [Fact]
    public async Task A_Shapley_share_of_a_year_of_quarter_hours_sums_to_the_bill()
    {
        await using var service = await TariffsUnderTest.StartAsync();
        var year = string.Join(',', Enumerable.Repeat("1", 35_040));
        var users = string.Join(',', Enumerable.Range(0, 11).Select(i => $$"""{"id":"u{{i}}","kW":[{{year}}]}"""));
        var answer = await service.PostAsync(
            "/v1/allocations", $$"""{"tariff":{{Tariff("t", 1, 1)}},"intervals":{"start":"2026-01-01","minutes":15,"kW":[{{year}}]},"method":"shapley","users":[{{users}}]}""");
        Assert.Equal(Number(answer.GetProperty("payable").GetString()), answer.GetProperty("users").EnumerateArray().Sum(u => Number(u.GetProperty("payable").GetString())));
        Assert.Contains("the users together read", answer.GetProperty("warnings")[0].GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.False(answer.GetProperty("users")[0].TryGetProperty("errorBound", out _));

        // Eighteen with load are too many to look at every coalition: the answer says how far off the samples may be.
        var many = string.Join(',', Enumerable.Range(0, 18).Select(i => $$"""{"id":"u{{i}}","kW":[{{i + 1}},{{18 - i}},1,0]}"""));
        var sampled = await service.PostAsync("/v1/allocations", $$"""{"tariff":{{Tariff("t", 1, 1)}},"intervals":{"start":"2026-01-15","minutes":360,"kW":[200,180,20,20]},"method":"shapley","users":[{{many}}]}""");
        Assert.All(sampled.GetProperty("users").EnumerateArray(), u => Assert.True(Number(u.GetProperty("errorBound").GetString()) > 0));
    }

    private static decimal Number(string? text) => decimal.Parse(text!, CultureInfo.InvariantCulture);

    private static string Tariff(string id, decimal energy, decimal demand) => string.Create(CultureInfo.InvariantCulture, $$"""
        {"schemaVersion":1,"id":"{{id}}","currency":"EUR","timeZone":"Etc/UTC",
         "energy":[{"id":"e","rates":[{"period":"all","tiers":[{"price":{{energy}} }]}]}],
         "demand":[{"id":"d","rates":[{"period":"all","tiers":[{"price":{{demand}} }]}]}]}
        """);

    [Fact]
    public async Task Scenarios_show_what_an_event_or_a_battery_is_worth_under_each_tariff()
    {
        await using var service = await TariffsUnderTest.StartAsync();
        var answer = await service.PostAsync("/v1/comparisons", """
            {"alternatives":[
               {"tariff":{"schemaVersion":1,"id":"energy","currency":"EUR","timeZone":"Etc/UTC","energy":[{"id":"e","rates":[{"period":"all","tiers":[{"price":0.5}]}]}]}},
               {"tariff":{"schemaVersion":1,"id":"demand","currency":"EUR","timeZone":"Etc/UTC","demand":[{"id":"d","rates":[{"period":"all","tiers":[{"price":10}]}]}]}}],
             "intervals":{"start":"2026-01-15","minutes":60,"kW":[10,40,10]},
             "scenarios":[{"name":"battery","change":{"kW":[10,-20,10]}},{"name":"event","intervals":{"start":"2026-01-15","minutes":60,"kW":[10,10,10]}}]}
            """);
        var worth = answer.GetProperty("ranked").EnumerateArray().ToDictionary(
            r => r.GetProperty("tariffId").GetString()!, r => r.GetProperty("scenarios").EnumerateArray().Select(s => $"{s.GetProperty("name").GetString()} {s.GetProperty("worthTotal").GetString()}"));
        Assert.Equal(["battery 0", "event 15"], worth["energy"]);
        Assert.Equal(["battery 200", "event 300"], worth["demand"]);
        await service.RefusedAsync("/v1/comparisons", """
            {"alternatives":[{"tariff":{"schemaVersion":1,"id":"t","currency":"EUR","timeZone":"Etc/UTC"}}],"intervals":{"start":"2026-01-15","minutes":60,"kW":[1,2]},"scenarios":[{"name":"short","change":{"kW":[1]}}]}
            """, GridServices.Contracts.ErrorClass.SchemaInvalid);
    }
}
