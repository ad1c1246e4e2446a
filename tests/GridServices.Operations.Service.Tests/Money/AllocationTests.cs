using System.Globalization;
using System.Net;
using System.Text;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using NodaTime;

namespace GridServices.Operations.Service.Tests.Money;

/// <summary>A bill split by the real Tariffs service.</summary>
public sealed class AllocationTests
{
    [Theory, ClassData(typeof(BothDatabases))]
    public async Task Sessions_of_a_CSV_file_share_the_bill_to_the_cent_and_a_bad_row_is_named(Dialect dialect)
    {
        await using var store = TestStores.Create(dialect);
        await using var money = await MoneyInstallation.StartAsync(store);
        await money.ReadJulyAsync();
        await money.BilledAsync();
        var path = $"/v1/bills/{money.MeterPoint}/{MoneyInstallation.Month}/allocations";
        const string csv = "start,end,kWh,evse,user\r\n2025-07-15T20:00,2025-07-15T21:00,30,E1,Ana\r\n2025-07-02T08:00,2025-07-02T10:00,12.5,E2,Ben\r\n2025-07-03T08:00,2025-07-03T09:00,7,E2,Ana\r\n2025-07-04T10:00,2025-07-04T09:00,7,E2,Ana\r\n";
        var refused = await money.Operations.SendAsync(HttpMethod.Post, path, csv, HttpStatusCode.BadRequest, type: "text/csv");
        Assert.Equal(["/rows/5/end"], refused["errors"]!.AsArray().Select(e => (string)e!["pointer"]!));

        var made = await money.Operations.SendAsync(HttpMethod.Post, $"{path}?leaveOutRefused=true&method=coincidentPeak", csv, HttpStatusCode.Created, type: "text/csv", key: "k1");
        Assert.Equal((1894.00m, 1894.00m, 1), ((decimal)made["payable"]!, (decimal)made["billPayable"]!, (int)made["refusedRows"]!));
        Assert.Equal(["Ana", "Ben"], made["users"]!.AsArray().Select(u => (string)u!["user"]!));
        Assert.Equal(1894.00m, made["users"]!.AsArray().Sum(u => (decimal)u!["payable"]!) + (decimal)made["sitePayable"]!);
        // 30 of the 40 kW of the peak are Ana's: 300 of 400, and 37 kWh at 0.20.
        Assert.Equal(307.40m, (decimal)made["users"]![0]!["payable"]!);
        Assert.Equal((string)made["id"]!, (string)(await money.Operations.SendAsync(HttpMethod.Post, $"{path}?leaveOutRefused=true&method=coincidentPeak", csv, HttpStatusCode.Created, type: "text/csv", key: "k1"))["id"]!);
        Assert.Single((await money.Operations.GetAsync(path))["items"]!.AsArray());
        var one = $"/v1/bill-allocations/{made["id"]}";
        Assert.Equal(3, (await money.Operations.GetAsync(one))["sessions"]!.AsArray().Count);
        Assert.Contains("Ana,2,37,307.4,,USD", await money.TextAsync($"{one}?format=csv"), StringComparison.Ordinal);
        Assert.Contains("row-1,E1,Ana,30,", await money.TextAsync($"{one}?format=sessions-csv"), StringComparison.Ordinal);
        await money.Operations.SendAsync(HttpMethod.Post, $"{path}?method=guess", csv, HttpStatusCode.UnprocessableEntity, type: "text/csv");

        // The same load, an hour of it an estimate: what is shared out is not final.
        Assert.False((bool)made["provisional"]!);
        await money.ReadJulyAsync(estimated: (new LocalDateTime(2025, 7, 15, 20, 0), new LocalDateTime(2025, 7, 15, 21, 0)));
        Assert.True((bool)(await money.Operations.SendAsync(HttpMethod.Post, $"{path}?leaveOutRefused=true", csv, HttpStatusCode.Created, type: "text/csv"))["provisional"]!);
        var viewer = money.Operations.Service.Client(await money.Operations.Service.AddTokenAsync("viewer", Role.Viewer));
        await money.Operations.SendAsync(HttpMethod.Get, one, null, HttpStatusCode.Forbidden, http: viewer);
    }

    [Fact]
    public async Task A_session_is_told_line_by_line_why_it_pays_what_it_pays_and_when_that_is_no_longer_what_was_split()
    {
        await using var money = await MoneyInstallation.StartAsync();
        await money.ReadJulyAsync();
        const string csv = "start,end,kWh,evse,user\r\n2025-07-15T20:00,2025-07-15T21:00,30,E1,Ana\r\n2025-07-02T08:00,2025-07-02T10:00,12.5,E2,Ben\r\n";
        var made = await money.Operations.SendAsync(HttpMethod.Post, $"/v1/bills/{money.MeterPoint}/{MoneyInstallation.Month}/allocations?method=coincidentPeak", csv, HttpStatusCode.Created, type: "text/csv");
        var reasons = $"/v1/bill-allocations/{made["id"]}/reasons";
        var why = await money.Operations.GetAsync($"{reasons}?session=row-1");

        // 30 of the 40 kW of the peak at 10, and 30 kWh at 0.20.
        Assert.Equal((306m, 306m, true, false), ((decimal)why["session"]!["payable"]!, (decimal)why["payableNow"]!, (bool)why["isCurrent"]!, (bool)why["byEvse"]!));
        Assert.Equal([("energy", 0.20m, 6m), ("demand", 10m, 300m)], why["lines"]!.AsArray().Select(l => ((string)l!["charge"]!, (decimal)l["rate"]!, (decimal)l["amount"]!)));
        var demand = why["lines"]![1]!;
        Assert.Equal(("method", 400m, "2025-07-16T03:00:00Z"), ((string)demand["rule"]!, (decimal)demand["lineAmount"]!, (string)demand["peakAt"]![0]!));
        Assert.Equal(("2025-07-16T03:00:00Z", 30m, 40m), ((string)demand["windows"]![0]!["from"]!, (decimal)demand["windows"]![0]!["kw"]!, (decimal)demand["windows"]![0]!["siteKw"]!));
        Assert.Equal((30m, "2025-07-16T04:00:00Z"), ((decimal)why["lines"]![0]!["hours"]![0]!["kwh"]!, (string)why["parts"]![0]!["until"]!));
        await money.Operations.SendAsync(HttpMethod.Get, $"{reasons}?session=row-9", null, HttpStatusCode.NotFound);
        await money.Operations.SendAsync(HttpMethod.Get, reasons, null, HttpStatusCode.BadRequest);

        // Another reading of the month: what was split stays, and is not said to be what comes out now.
        await money.ReadAsync("m-1", new LocalDateTime(2025, 7, 15, 20, 0), new LocalDateTime(2025, 7, 15, 21, 0), _ => 60);
        var changed = await money.Operations.GetAsync($"{reasons}?session=row-1");
        Assert.Equal((306m, false), ((decimal)changed["session"]!["payable"]!, (bool)changed["isCurrent"]!));
    }

    [Fact]
    public async Task Twenty_thousand_charge_detail_records_sum_to_the_cent()
    {
        await using var money = await MoneyInstallation.StartAsync();
        await money.ReadJulyAsync();
        var start = Instant.FromUtc(2025, 7, 1, 8, 0);
        var records = new StringBuilder("[");
        for (var i = 0; i < 20_000; i++)
        {
            var at = start + Duration.FromSeconds(i * 130L);
            records.Append(i == 0 ? string.Empty : ",").Append(CultureInfo.InvariantCulture, $$"""{"id":"c{{i}}","start_date_time":"{{at}}","end_date_time":"{{at + Duration.FromMinutes(20)}}","cdr_token":{"uid":"T{{i % 97}}","contract_id":"C{{i % 97}}"},"cdr_location":{"evse_uid":"E{{i % 40}}"},"total_energy":0.{{100 + i % 251}}}""");
        }

        var made = await money.Operations.SendAsync(HttpMethod.Post, $"/v1/bills/{money.MeterPoint}/{MoneyInstallation.Month}/allocations", records.Append(']').ToString(), HttpStatusCode.Created);
        Assert.Equal((20_000, 97, false), (made["sessions"]!.AsArray().Count, made["users"]!.AsArray().Count, (bool)made["byEvse"]!));
        var site = (decimal)made["sitePayable"]!;
        Assert.Equal(1894.00m, made["users"]!.AsArray().Sum(u => (decimal)u!["payable"]!) + site);
        Assert.Equal(1894.00m, made["sessions"]!.AsArray().Sum(s => (decimal)s!["payable"]!) + site);
        Assert.All(made["users"]!.AsArray(), u => Assert.Equal((decimal)u!["payable"]!, decimal.Round((decimal)u["payable"]!, 2)));
        Assert.Null(made["billPayable"]);
    }
}
