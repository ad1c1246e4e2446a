using System.Net;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Storage;
using GridServices.Operations.Service.Compliance;
using GridServices.Operations.Service.Money;
using GridServices.Operations.Service.Storage;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace GridServices.Operations.Service.Tests.Money;

/// <summary>Events as the real Tariffs service settles them.</summary>
public sealed class SettlementTests
{
    private static readonly LocalDateTime From = new(2025, 7, 15, 16, 0);
    private static readonly LocalDateTime Until = new(2025, 7, 15, 20, 0);

    [Theory, ClassData(typeof(BothDatabases))]
    public async Task An_event_is_settled_preliminary_and_then_final_with_what_is_still_due(Dialect dialect)
    {
        await using var store = TestStores.Create(dialect);
        await using var money = await MoneyInstallation.StartAsync(store);
        var enrollment = await money.EnrollAsync();
        await money.EventAsync(enrollment, new LocalDateTime(2025, 7, 10, 16, 0), new LocalDateTime(2025, 7, 10, 18, 0));
        var held = await money.EventAsync(enrollment, From, Until);
        var path = $"/v1/events/{held.Id}/sites/site-1/settlements";
        await money.Operations.PostAsync(path, null, HttpStatusCode.Conflict);
        await money.Operations.PostAsync($"{path}/comparison", """{ "lines": [] }""", HttpStatusCode.Conflict);

        // 100 kW, 40 kW in the event; the last hour of it is not measured.
        await ReadAsync(money, at => at is { Day: 15, Month: 7, Hour: 19 } ? null : 100);
        var first = await money.Operations.PostAsync(path, null);
        Assert.Equal(("preliminary", 360m, 3, 4), ((string)first["status"]!, (decimal)first["total"]!, (int)first["measuredIntervals"]!, (int)first["eventIntervals"]!));
        Assert.Equal(["missingReadings"], first["preliminary"]!.AsArray().Select(r => (string)r!));
        Assert.Null(first["intervals"]![3]!["deliveredKwh"]);
        Assert.Equal((string)first["id"]!, (string)(await money.Operations.PostAsync(path, null, HttpStatusCode.OK))["id"]!);

        await ReadAsync(money, _ => 100);
        var final = await money.Operations.PostAsync(path, null, key: "final");
        Assert.Equal(("final", 480m, 120m, 2), ((string)final["status"]!, (decimal)final["total"]!, (decimal)final["delta"]!, (int)final["number"]!));
        // PG&E's ELRP names no days without calls: that its holidays are not known is said.
        Assert.Contains(final["warnings"]!.AsArray(), w => ((string)w!).Contains("no holidays are known", StringComparison.Ordinal));
        var days = final["days"]!.AsArray();
        Assert.Equal(10, days.Count(d => (bool)d!["used"]!));
        Assert.Contains(days, d => (string)d!["date"]! == "2025-07-10" && !(bool)d["used"]! && ((string)d["reason"]!).Length > 0);
        Assert.Equal([2, 1], (await money.Operations.GetAsync(path))["items"]!.AsArray().Select(s => (int)s!["number"]!));
        Assert.Equal(2, (await money.Operations.GetAsync("/v1/settlements?limit=5"))["items"]!.AsArray().Count);
        var csv = await money.TextAsync($"{path}?format=csv");
        Assert.Contains("day excluded,2025-07-10", csv, StringComparison.Ordinal);
        Assert.Contains(",480,USD,final", csv, StringComparison.Ordinal);
        Assert.DoesNotContain("shortfall penalty", csv, StringComparison.Ordinal);
        var compared = await money.Operations.PostAsync($"{path}/comparison", """{ "lines": [ { "name": "energy", "kind": "energy", "quantity": 230, "unit": "kWh", "rate": 2, "amount": 460 } ] }""", HttpStatusCode.OK);
        Assert.Equal((480m, 460m, -20m, "quantity"), ((decimal)compared["oursTotal"]!, (decimal)compared["theirsTotal"]!, (decimal)compared["difference"]!, (string)compared["lines"]![0]!["reason"]!));
        Assert.Contains(",-480.00,USD,2025-07,", await money.TextAsync("/v1/ledger?month=2025-07"), StringComparison.Ordinal);
        Assert.True((bool)(await money.Operations.GetAsync("/v1/audit/verify"))["isSound"]!);
    }

    [Fact]
    public async Task Two_who_settle_at_once_keep_one_settlement_and_another_outcome_is_refused()
    {
        await using var money = await MoneyInstallation.StartAsync();
        var held = await money.EventAsync(await money.EnrollAsync(), From, Until);
        await ReadAsync(money, _ => 100);
        var services = money.Operations.Service.App.Services;
        var (settlements, store) = (services.GetRequiredService<Settlements>(), services.GetRequiredService<OperationsStore>());
        Task<(Settlement Saved, bool IsNew)> SaveAsync(Settlement made) => store.WriteAsync(Actor.Job("default", "test"), transaction => Settlements.SaveAsync(transaction, made));

        // Both have read the meter and asked Tariffs before either is kept.
        var first = await settlements.CalculateAsync(held, "site-1", TestContext.Current.CancellationToken);
        var second = await settlements.CalculateAsync(held, "site-1", TestContext.Current.CancellationToken);
        var (saved, isNew) = await SaveAsync(first);
        var (again, isNewAgain) = await SaveAsync(second);
        Assert.Equal((true, false, saved.Id), (isNew, isNewAgain, again.Id));
        var refused = await Assert.ThrowsAsync<ProblemException>(() => SaveAsync(second with { Total = second.Total + 1 }));
        Assert.Equal(409, refused.Problem.Status);
        Assert.Single((await money.Operations.GetAsync($"/v1/events/{held.Id}/sites/site-1/settlements"))["items"]!.AsArray());
    }

    [Fact]
    public async Task Estimates_are_settled_preliminary_and_as_final_once_the_true_values_are_there()
    {
        await using var money = await MoneyInstallation.StartAsync();
        var held = await money.EventAsync(await money.EnrollAsync(), From, Until);
        var path = $"/v1/events/{held.Id}/sites/site-1/settlements";
        await ReadAsync(money, _ => 100, (From, From.PlusHours(1)));
        var first = await money.Operations.PostAsync(path, null);
        Assert.Equal(("preliminary", 480m, 4, 1), ((string)first["status"]!, (decimal)first["total"]!, (int)first["measuredIntervals"]!, (int)first["estimatedIntervals"]!));
        Assert.Equal(["estimatedReadings"], first["preliminary"]!.AsArray().Select(r => (string)r!));
        Assert.Equal(["estimate", "meter", "meter", "meter"], first["intervals"]!.AsArray().Select(i => (string)i!["actualSource"]!));

        // A day of the baseline alone is enough: better data change what is paid.
        await ReadAsync(money, _ => 100, (From.PlusDays(-1), From.PlusDays(-1).PlusHours(1)));
        Assert.Equal(["estimatedReadings"], (await money.Operations.PostAsync(path, null))["preliminary"]!.AsArray().Select(r => (string)r!));

        await ReadAsync(money, _ => 100);
        var final = await money.Operations.PostAsync(path, null);
        Assert.Equal(("final", 480m, 0m, 0), ((string)final["status"]!, (decimal)final["total"]!, (decimal)final["delta"]!, (int)final["estimatedIntervals"]!));
        Assert.Empty(final["preliminary"]!.AsArray());
    }

    [Fact]
    public async Task A_month_of_compliance_is_added_up_per_site_and_says_what_has_no_report()
    {
        await using var money = await MoneyInstallation.StartAsync();
        var enrollment = await money.EnrollAsync();
        var held = await money.EventAsync(enrollment, From, Until);
        var bare = await money.EventAsync(enrollment, new LocalDateTime(2025, 7, 31, 18, 0), new LocalDateTime(2025, 7, 31, 19, 0));
        await ReadAsync(money, _ => 100);
        var services = money.Operations.Service.App.Services;
        var report = await services.GetRequiredService<ComplianceReader>().ReadAsync(held, "site-1", TestContext.Current.CancellationToken);
        await services.GetRequiredService<OperationsStore>().WriteAsync(Actor.Job("default", "test"), transaction => ComplianceStore.SaveAsync(transaction, held, report!));

        var month = await money.Operations.GetAsync("/v1/compliance?month=2025-07");
        var only = Assert.Single(month["months"]!.AsArray())!;
        Assert.Equal(("site-1", "PGE-ELRP-A2", 240m), ((string)only["siteId"]!, (string)only["programCode"]!, (decimal)only["total"]!["deliveredKwh"]!));
        // Nobody recorded which limits held: that is no yes.
        Assert.Equal("unknown", (string)only["total"]!["limitRespected"]!);
        Assert.Equal([bare.Id], month["withoutReport"]!.AsArray().Select(e => (string)e!["eventId"]!));
        var csv = await money.TextAsync("/v1/compliance?month=2025-07&format=csv");
        Assert.Equal(2, csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("site-1,PGE-ELRP-A2,2025-07,1,", csv, StringComparison.Ordinal);
        Assert.Contains(report!.Hash, await money.TextAsync("/v1/compliance?month=2025-07&format=sites-csv"), StringComparison.Ordinal);
        Assert.Empty((await money.Operations.GetAsync("/v1/compliance?month=2025-07&site=site-2"))["months"]!.AsArray());
        Assert.Empty((await money.Operations.GetAsync("/v1/compliance?month=2025-08"))["withoutReport"]!.AsArray());
    }

    /// <summary>From mid-June to the event's day: as told, and 40 kW in the event where it is told at all.</summary>
    private static Task ReadAsync(MoneyInstallation money, Func<LocalDateTime, decimal?> kw, (LocalDateTime From, LocalDateTime Until)? estimated = null) => money.ReadAsync(
        "m-1", new LocalDateTime(2025, 6, 20, 0, 0), new LocalDateTime(2025, 7, 16, 0, 0), at => kw(at) is { } told ? at >= From && at < Until ? 40 : told : null, estimated);
}
