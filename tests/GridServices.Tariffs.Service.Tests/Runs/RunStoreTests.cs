using GridServices.Hosting.Storage;
using GridServices.Tariffs.Meters;
using GridServices.Tariffs.Requests;
using GridServices.Tariffs.Service.Meters;
using GridServices.Tariffs.Service.Runs;
using GridServices.Testing;
using NodaTime;

namespace GridServices.Tariffs.Service.Tests.Runs;

public sealed class RunStoreTests
{
    private static readonly Instant Now = Instant.FromUtc(2026, 2, 1, 0, 0);
    private static readonly BillingRunRequest Request = new() { From = new LocalDate(2026, 1, 1), Until = new LocalDate(2026, 2, 1) };

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task What_a_dead_worker_held_is_taken_up_once_its_lease_is_over_and_its_late_result_does_not_count(Dialect dialect)
    {
        await using var place = await WithRunAsync(dialect);
        var held = await ClaimAsync(place, "a", 2, Now);
        Assert.Equal(["m0", "m1"], held.Select(j => j.MeterId));
        Assert.Equal(["m2"], (await ClaimAsync(place, "b", 9, Now)).Select(j => j.MeterId));
        var later = Now + Duration.FromMinutes(2);
        Assert.Equal(["m0", "m1", "m2"], (await ClaimAsync(place, "c", 9, later)).Select(j => j.MeterId));
        await SaveAsync(place, "a", held[0], "1");
        await SaveAsync(place, "c", held[0], "2");
        Assert.Equal(["2", null, null], (await ResultsAsync(place)).Select(r => r.Total));
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_cancelled_run_keeps_what_is_billed_and_takes_nothing_more(Dialect dialect)
    {
        await using var place = await WithRunAsync(dialect);
        var held = await ClaimAsync(place, "a", 2, Now);
        await SaveAsync(place, "a", held[0], "1");
        Assert.True(await place.Store.WriteAsync(tx => RunStore.CancelAsync(tx, "t", "r", Now), TestContext.Current.CancellationToken));
        await SaveAsync(place, "a", held[1], "2");
        Assert.Empty(await ClaimAsync(place, "b", 9, Now + Duration.FromHours(1)));
        Assert.Equal([("done", "1"), ("cancelled", null), ("cancelled", null)], (await ResultsAsync(place)).Select(r => (r.State, r.Total)));
        await place.Store.WriteAsync(tx => RunStore.CloseAsync(tx, Now), TestContext.Current.CancellationToken);
        Assert.Equal("cancelled", (await place.Store.ReadAsync(db => RunStore.FindAsync(db, "t", "r"), TestContext.Current.CancellationToken))!.State);
    }

    [Fact]
    public async Task A_meters_bill_is_found_behind_any_number_of_other_meters_runs()
    {
        await using var place = await WithRunAsync(Dialect.Sqlite);
        var held = await ClaimAsync(place, "a", 1, Now);
        await place.Store.WriteAsync(tx => RunStore.SaveAsync(tx, "a", new JobResult(held[0], RunStore.Done) { Bill = [7] }, Now), TestContext.Current.CancellationToken);
        var found = await place.Store.WriteAsync(
            async tx =>
            {
                for (var i = 0; i < 121; i++)
                {
                    await RunStore.CreateAsync(tx, "t", $"s{i}", Request with { Meters = ["m1"] }, Now + Duration.FromSeconds(i + 1));
                }

                return await RunStore.ListEarlierBillsAsync(tx, new JobRow { Tenant = "t", RunId = "new", MeterId = "m0" });
            },
            TestContext.Current.CancellationToken);
        Assert.Equal([7], Assert.Single(found));
    }

    private static async Task<TestStore> WithRunAsync(Dialect dialect)
    {
        var place = await TestStores.OpenAsync(dialect, typeof(TariffsApp).Assembly);
        var plan = new MeterPlan { SiteId = "s", TariffId = "t" };
        await place.Store.WriteAsync(
            async tx =>
            {
                foreach (var id in new[] { "m0", "m1", "m2" })
                {
                    await MeterStore.PutAsync(tx, "t", id, plan, "{}", Now);
                }

                Assert.Equal(3, await RunStore.CreateAsync(tx, "t", "r", Request, Now));
            },
            TestContext.Current.CancellationToken);
        return place;
    }

    private static Task<IReadOnlyList<JobRow>> ClaimAsync(TestStore store, string owner, int most, Instant now) =>
        store.Store.WriteAsync(tx => RunStore.ClaimAsync(tx, owner, store.Dialect, most, now, now + Duration.FromMinutes(1)), TestContext.Current.CancellationToken);

    private static Task SaveAsync(TestStore store, string owner, JobRow job, string total) =>
        store.Store.WriteAsync(tx => RunStore.SaveAsync(tx, owner, new JobResult(job, RunStore.Done) { Total = total }, Now), TestContext.Current.CancellationToken);

    private static Task<IReadOnlyList<ResultRow>> ResultsAsync(TestStore store) =>
        store.Store.ReadAsync(db => RunStore.ResultsAsync(db, "t", "r", "", 9), TestContext.Current.CancellationToken);
}
