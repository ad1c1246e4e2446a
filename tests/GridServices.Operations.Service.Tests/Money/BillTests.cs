using System.Net;
using System.Text.Json.Nodes;
using GridServices.Hosting.Storage;
using GridServices.Testing;

namespace GridServices.Operations.Service.Tests.Money;

/// <summary>Bills as the real Tariffs service makes them.</summary>
public sealed class BillTests
{
    [Theory, ClassData(typeof(BothDatabases))]
    public async Task A_bill_says_why_each_line_is_what_it_is_and_what_set_the_peak(Dialect dialect)
    {
        await using var store = TestStores.Create(dialect);
        await using var money = await MoneyInstallation.StartAsync(store);
        var none = await money.BillAsync();
        Assert.Equal(("notMade", null, null), ((string)none["state"]!, none["payable"], none["bill"]));

        await money.ReadJulyAsync();
        var bill = await money.BilledAsync();
        Assert.Equal(("made", "USD", 1894.00m), ((string)bill["state"]!, (string)bill["currency"]!, (decimal)bill["payable"]!));
        var lines = bill["bill"]!["lineItems"]!.AsArray();
        Assert.Equal([1494m, 400m], lines.Select(l => (decimal)l!["amount"]!));
        Assert.All(lines, l => Assert.NotEmpty((string)l!["formula"]!));
        Assert.Equal("2025-07-16T03:00:00Z", (string)lines[1]!["peakAt"]![0]!);
        Assert.Equal(("made", 1894.00m), ((string)(await ListAsync(money))["state"]!, (decimal)(await ListAsync(money))["payable"]!));
        Assert.Contains("payable,,,,,,,,1894,USD", await money.TextAsync($"/v1/bills/{money.MeterPoint}/{MoneyInstallation.Month}?format=csv"), StringComparison.Ordinal);
        Assert.Contains(",1894.00,USD,2025-07,", await money.TextAsync($"/v1/ledger?month={MoneyInstallation.Month}"), StringComparison.Ordinal);
        var runs = (await money.Operations.GetAsync($"/v1/billing-runs?month={MoneyInstallation.Month}"))["items"]!.AsArray();
        Assert.Equal((1, 1), (runs.Count, (int)runs[0]!["done"]!));
        Assert.Equal("notMade", (string)(await money.Operations.GetAsync($"/v1/bills/{money.MeterPoint}/2025-08"))["state"]!);
    }

    [Fact]
    public async Task A_bill_over_gaps_is_provisional_says_how_many_and_is_not_booked()
    {
        await using var money = await MoneyInstallation.StartAsync();
        await money.ReadJulyAsync(isMissing: at => at is { Day: 3, Hour: 4 });
        var bill = await money.BilledAsync();
        Assert.Equal(("provisional", 4), ((string)bill["state"]!, (int)bill["bill"]!["missingIntervals"]!));
        Assert.Single((await money.TextAsync($"/v1/ledger?month={MoneyInstallation.Month}")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries));

        // The readings come: billed again, it is final, and says what is still due.
        await money.ReadJulyAsync();
        await money.Operations.PostAsync("/v1/bills", $$"""{ "month": "2025-07", "meterPointIds": ["{{money.MeterPoint}}"], "resettles": "{{bill["runId"]}}" }""", HttpStatusCode.Accepted, key: "again");
        var final = await Until.HoldsAsync(() => money.BillAsync(), b => (string)b["state"]! == "made");
        Assert.Equal((1894.00m, 2.00m), ((decimal)final["payable"]!, (decimal)final["delta"]!));
        await money.Operations.PostAsync("/v1/bills", $$"""{ "month": "2025-07", "meterPointIds": ["{{money.MeterPoint}}"], "resettles": "{{bill["runId"]}}" }""", HttpStatusCode.Accepted, key: "again");
        Assert.Equal(2, (await money.Operations.GetAsync($"/v1/billing-runs?month={MoneyInstallation.Month}"))["items"]!.AsArray().Count);
        // The provisional bill was never booked: the whole is due.
        Assert.Equal([1894.00m], await BookedAsync(money));

        // Better readings: 10 kW more in one hour. Booked stays booked, and what is due beside it is the difference.
        await money.ReadAsync("m-1", new NodaTime.LocalDateTime(2025, 7, 1, 0, 0), new NodaTime.LocalDateTime(2025, 8, 1, 0, 0), at => at is { Day: 15, Hour: 20 } ? 40 : at is { Day: 3, Hour: 4 } ? 20 : 10);
        await money.Operations.PostAsync("/v1/bills", $$"""{ "month": "2025-07", "meterPointIds": ["{{money.MeterPoint}}"], "resettles": "{{final["runId"]}}" }""", HttpStatusCode.Accepted, key: "better");
        await Until.HoldsAsync(() => money.BillAsync(), b => (string)b["state"]! == "made" && (string)b["runId"]! != (string)final["runId"]!);
        Assert.Equal([1894.00m, 2.00m], await BookedAsync(money));
        await money.Tariffs.App.StopAsync(TestContext.Current.CancellationToken);
        await money.Operations.GetAsync($"/v1/ledger?month={MoneyInstallation.Month}", HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task What_can_not_be_billed_says_so_and_is_never_zero()
    {
        await using var money = await MoneyInstallation.StartAsync();
        var failed = await money.BilledAsync();
        Assert.Equal(("failed", null), ((string)failed["state"]!, failed["payable"]));
        Assert.Contains("nothing is stored", (string)failed["problem"]!, StringComparison.Ordinal);
        var bare = (string)(await money.Operations.PostAsync("/v1/meter-points", """{ "siteId": "site-1", "kind": "submeter", "scheme": "OTHER", "identifier": "bare" }"""))["id"]!;
        Assert.Equal("noTariff", (string)(await money.BillAsync(bare))["state"]!);
        await money.Operations.PostAsync("/v1/bills", $$"""{ "month": "2025-07", "meterPointIds": ["{{bare}}"] }""", HttpStatusCode.UnprocessableEntity);

        await money.Tariffs.App.StopAsync(TestContext.Current.CancellationToken);
        var away = await money.BillAsync();
        Assert.Equal(("unknown", null), ((string)away["state"]!, away["payable"]));
        await money.Operations.PostAsync("/v1/bills", """{ "month": "2025-07" }""", HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task A_bill_is_held_against_the_utilitys_invoice_line_by_line()
    {
        await using var money = await MoneyInstallation.StartAsync();
        var path = $"/v1/bills/{money.MeterPoint}/{MoneyInstallation.Month}/comparison";
        await money.Operations.SendAsync(HttpMethod.Post, path, "name,amount\r\nenergy,1494\r\n", HttpStatusCode.Conflict, type: "text/csv");
        await money.ReadJulyAsync();
        await money.BilledAsync();
        var compared = await money.Operations.SendAsync(HttpMethod.Post, path, "name;kind;quantity;unit;rate;amount\r\nenergy;energy;7470;kWh;0.2;1494\r\ndemand;demand;44;kW;10;440\r\nMeter fee;fixed;;;;5\r\n", HttpStatusCode.OK, type: "text/csv");
        Assert.Equal((45m, 45m), ((decimal)compared["difference"]!, compared["lines"]!.AsArray().Sum(l => (decimal)l!["difference"]!)));
        Assert.Equal(["same", "quantity", "onlyTheirs"], compared["lines"]!.AsArray().Select(l => (string)l!["reason"]!));
        await money.Operations.PostAsync(path, """{ "lines": [ { "name": "energy", "amount": 1494 } ] }""", HttpStatusCode.OK);
        var refused = await money.Operations.SendAsync(HttpMethod.Post, path, "name,amount\r\nenergy,abc\r\nTotal,12\r\n", HttpStatusCode.BadRequest, type: "text/csv");
        Assert.Equal(["/lines/2/amount", "/lines/3/name"], refused["errors"]!.AsArray().Select(e => (string)e!["pointer"]!));
    }

    /// <summary>The amounts of the month's ledger, in order.</summary>
    private static async Task<IEnumerable<decimal>> BookedAsync(MoneyInstallation money) =>
        (await money.TextAsync($"/v1/ledger?month={MoneyInstallation.Month}")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => decimal.Parse(line.Split(',')[2], System.Globalization.CultureInfo.InvariantCulture));

    private static async Task<JsonNode> ListAsync(MoneyInstallation money) => (await money.Operations.GetAsync($"/v1/bills?month={MoneyInstallation.Month}"))["items"]![0]!;
}
