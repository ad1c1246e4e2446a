using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Allocation;
using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Energy;
using GridServices.FrequencyResponse.Measurement;
using GridServices.FrequencyResponse.Outages;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Publishing;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Tests.Rig;
using GridServices.Hosting.Storage;
using GridServices.Wire;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Tests.Publishing;

/// <summary>What is planned and submitted, and that it does not move once it is decided.</summary>
public sealed class AvailabilityPlanTests
{
    private const double Mwh = 1e6;
    private const long Now = 1_000_000_000_000;
    private static readonly Instant Evening = Instant.FromUtc(2027, 1, 15, 16, 50);

    [Fact]
    public void What_will_be_missing_is_told_with_what_it_costs()
    {
        var plan = Plan(0.1 * Mwh);
        Assert.Equal(["17:00 0 0", "17:30 1800 0", "18:00 1800 0", "18:30 1800 0"], plan.Select(Line));
        Assert.Equal("short from 2027-01-15T17:30:00Z until 2027-01-15T19:00:00Z: 0.4 MWh missing", AvailabilityPlan.Shortage(plan));

        // A fifth of what is needed is there: so much of the quantity could be kept up.
        Assert.Equal([null, 400_000L, 400_000L, 400_000L], plan.Select(p => p.SustainableW));

        // 2 MW for half an hour at 10 per MW and hour.
        Assert.Equal([(0m, 0m), (10m, 10m), (10m, 10m), (10m, 10m)], plan.Select(p => (p.PaymentFull!.Value, p.PaymentLost!.Value)));
    }

    [Fact]
    public void What_the_store_holds_is_available()
    {
        var plan = Plan(0.6 * Mwh);
        Assert.Equal(["17:00 0 0", "17:30 1800 2000000", "18:00 1800 2000000", "18:30 1800 2000000"], plan.Select(Line));
        Assert.Null(AvailabilityPlan.Shortage(plan));
        Assert.Equal(0, plan.Sum(p => p.PaymentLost));
        Assert.Equal(2_000_000, plan[1].SustainableW);
    }

    [Fact]
    public void Energy_that_nobody_told_is_not_available()
    {
        var plan = Plan(double.NaN);
        Assert.Equal("17:30 1800 0", Line(plan[1]));
        Assert.Null(plan[1].SustainableW);
        Assert.Contains("not known", AvailabilityPlan.Shortage(plan), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_declared_is_planned_with_what_is_left_and_needs_no_energy_where_nothing_is()
    {
        // Half of the quantity from 17:45 to 18:15, declared at 17:00; an outage from 18:30 on, declared in time.
        var plan = Plan(0.6 * Mwh, new OutageStretch(At(55), At(85), 1_000_000, At(10)), new OutageStretch(At(100), At(180), 0, At(0)));
        Assert.Equal(["17:00 0 0", "17:30 1800 1000000", "18:00 1800 1000000", "18:30 1800 0"], plan.Select(Line));
        Assert.Equal([0m, 2.5m, 2.5m, 10m], plan.Select(p => p.PaymentLost!.Value));

        // Late are 17:45 to 18:05: 10 and 5 minutes of half of 2 MW, at 30 and twice the price.
        Assert.Equal([0m, 12.5m, 4.166667m, 0m], plan.Select(p => p.Penalty!.Value));
        Assert.Equal("short from 2027-01-15T17:30:00Z until 2027-01-15T19:00:00Z: declared, 0 MW left", AvailabilityPlan.Shortage(plan));
        Assert.Equal(0, plan[3].RaiseMissingWh);
    }

    [Fact]
    public void What_is_declared_after_a_plan_was_decided_costs_and_is_told_and_what_was_decided_stands()
    {
        var (decided, now) = (Plan(0.6 * Mwh)[1], Plan(0.6 * Mwh, new OutageStretch(At(55), At(85), 1_000_000, At(10)))[1]);
        var told = AvailabilityPlan.AsThingsStand(decided, now);
        Assert.Equal((2_000_000, 0, 2.5m, 12.5m), (told.AvailableW, told.Reasons.Count, told.PaymentLost, told.Penalty));
        Assert.Equal("short from 2027-01-15T17:30:00Z until 2027-01-15T18:00:00Z: declared, 1 MW left", AvailabilityPlan.Shortage([AvailabilityPlan.Worst(decided, now)]));

        // What was submitted as missing is lost, whatever is declared away later; a plan from before the terms costs by them.
        Assert.Equal((2.5m, 12.5m), (AvailabilityPlan.AsThingsStand(now, decided).PaymentLost, AvailabilityPlan.AsThingsStand(now, decided).Penalty));
        Assert.Equal(12.5m, AvailabilityPlan.AsThingsStand(decided with { Penalty = null }, now).Penalty);
    }

    [Fact]
    public void What_is_missing_and_not_declared_costs_its_penalty()
    {
        Assert.Equal([0m, 20m, 20m, 20m], Plan(0.1 * Mwh).Select(p => p.Penalty!.Value));
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task A_plan_that_is_decided_does_not_move_and_outlives_its_contract(Dialect dialect)
    {
        await using var rig = await FrequencyRig.ArmedAsync("GB-DCL", dialect);
        var until = TimeText.Format(SystemClock.Instance.GetCurrentInstant() + Duration.FromHours(2));
        var decided = await TellAsync(rig, 50, () => rig.GetAsync($"/v1/contracts/c1/plans?until={until}"), p => p["periods"]!.AsArray().Count > 0);
        var first = decided["periods"]![0]!;
        Assert.Equal((50_000, 0), (first["availableW"]!.GetValue<long>(), first["reasons"]!.AsArray().Count));

        // Nobody was there 65 minutes before it.
        Assert.True(first["isLate"]!.GetValue<bool>());

        // The battery turns out to be empty: what is decided stands, what is ahead tells it.
        var told = await TellAsync(rig, 1, () => rig.GetAsync("/v1/contracts/c1/plan"), p => p["shortage"]?.GetValue<string>().Contains("MWh missing", StringComparison.Ordinal) == true);
        Assert.Equal("GBP", told["currency"]!.GetValue<string>());
        Assert.Contains("energy", told["periods"]!.AsArray()[^1]!["reasons"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.True(told["paymentLost"]!.GetValue<decimal>() > 0);
        using var client = rig.Service.Client(rig.Service.Tokens.Operator);
        Assert.StartsWith("from,until,procured_s", await client.GetStringAsync("/v1/contracts/c1/plan?format=csv", TestContext.Current.CancellationToken), StringComparison.Ordinal);

        await rig.SendAsync(HttpMethod.Delete, "/v1/contracts/c1");
        Assert.Equal(first.ToJsonString(), (await rig.GetAsync($"/v1/contracts/c1/plans?until={until}"))["periods"]![0]!.ToJsonString());
    }

    /// <summary>Measures, and tells the state of charge about once a second, until what is asked holds.</summary>
    private static Task<JsonNode> TellAsync(FrequencyRig rig, decimal percent, Func<Task<JsonNode>> ask, Func<JsonNode, bool> holds)
    {
        var asked = 0;
        return FrequencyRig.UntilAsync(
            () =>
            {
                rig.Send(50);
                if (asked++ % 50 == 0)
                {
                    rig.Hub.Feedback.Add(($"e.{rig.Hub.Feedback.Count}", new FeedbackItem { SiteId = "site-1", Reading = new Reading { At = SystemClock.Instance.GetCurrentInstant(), AssetId = "bess-1", SocPercent = percent } }));
                }

                return ask();
            },
            holds);
    }

    private static Instant At(int minutes) => Evening + Duration.FromMinutes(minutes);

    private static string Line(PlannedPeriod period) => FormattableString.Invariant($"{period.From.InUtc().TimeOfDay:HH:mm} {period.ProcuredSeconds} {period.AvailableW}");

    /// <summary>2 MW of DCL from 17:30 on, seen from 16:50 until 19:00.</summary>
    private static IReadOnlyList<PlannedPeriod> Plan(double storedWh, params OutageStretch[] outages)
    {
        var settings = new ContractSettings
        {
            SiteId = "site-1",
            Windows = [new ArmingWindow(Evening + Duration.FromMinutes(40), null)],
            Assets = ["ess"],
            Sources = ["meter"],
            Price = new PriceSettings { Currency = "GBP", PerMwHour = 10 },
            Penalties = new PenaltyTerms { UnavailableTimesPayment = 2, LatePerMwHour = 30, LateTimesPayment = 2, Source = "a test" },
        };
        var sold = new PoolContract("c1", settings, ServiceCatalog.BuiltIn.Find("GB-DCL")!, 2_000_000);
        var contract = sold.Under([new Outage { Id = "o", From = Evening, Until = Evening + Duration.FromHours(3), AvailableW = 0, Reason = "x", StatedAt = Evening, Stretches = outages.ToValueList() }], Evening);
        var build = ControllerConfig.Build(new ControllerSettings
        {
            Sources = [new SourceConfig { Name = "meter", PeriodNanos = 50_000_000 }],
            Contracts = ValueList.Create<ServiceContract>([PoolParts.Contract(contract)]),
            Energy = new EnergyRules { CapacityWh = Mwh, Scheme = EnergyScheme.GreatBritain },
        });
        var spec = new PoolSpec(new EntryId("default", "ess"), "site-1", [contract], [], ["meter"], build.Config ?? throw new InvalidOperationException(string.Join("; ", build.Faults)), new AllocationRules(), 0);
        var state = default(ControllerState).With(SiteConditions.Unbound with { EnergyWh = storedWh, EnergyAtNanos = Now });
        state = FrequencyController.Step(spec.Config, in state, null, Now, Evening).State;
        return AvailabilityPlan.Compute(spec, contract, state, Evening, Now, Evening + Duration.FromMinutes(130));
    }
}
