using System.Collections.Immutable;
using System.Text.Json;
using GridServices.Tariffs.Allocation;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Demand;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Tariffs.Tests.Bills;

/// <summary>Single known answers: DST months, windows, ratchets, coincident peaks, leap years, subscriptions, apparent power, proration, headroom, shares.</summary>
public sealed class KnownOddities
{
    [Fact]
    public void Months_with_a_clock_change_have_the_hours_they_have()
    {
        foreach (var (id, known) in KnownData.Cases("misc", "dst_*.json"))
        {
            var hours = known.GetProperty("on_peak_local_hours").EnumerateArray().Select(h => h.GetInt32()).ToArray();
            var zone = known.GetProperty("time_zone").GetString()!;
            var month = LocalDatePattern.Iso.Parse($"{known.GetProperty("month").GetString()}-01").Value;
            var series = Sample.Constant(zone, month, month.PlusMonths(1), 15, known.GetProperty("constant_kw").GetDecimal());
            var tariff = Sample.Empty(zone) with
            {
                Schedules = [Sample.OnOff(hours[0], hours[1])],
                Energy = [new EnergyCharge { Id = "e", Schedule = "tou", Rates = [Sample.Rate("on", known.GetProperty("on_peak_rate").GetDecimal()), Sample.Rate("off", known.GetProperty("off_peak_rate").GetDecimal())] }],
            };
            var bill = Sample.Bill(tariff, series, new BillingCycle(month, month.PlusMonths(1)));
            var expected = known.GetProperty("expected");
            Assert.Equal((id, expected.GetProperty("intervals_15min").GetInt32()), (id, series.Count));
            Assert.Equal((id, expected.GetProperty("on_kwh").GetDecimal()), (id, bill.Months[0].LineItems.Single(l => l.Period == "on").Quantity));
            Assert.Equal((id, expected.GetProperty("off_kwh").GetDecimal()), (id, bill.Months[0].LineItems.Single(l => l.Period == "off").Quantity));
            Assert.Equal((id, expected.GetProperty("cost").GetDecimal()), (id, bill.Total));
        }
    }

    [Fact]
    public void Demand_windows_of_any_length_block_or_rolling_find_the_known_peaks()
    {
        foreach (var (id, known) in KnownData.Cases("misc", "demand_window_*.json"))
        {
            var series = IntervalSeries.Create(Instant.FromUtc(2026, 1, 1, 0, 0), Duration.FromMinutes(1), IntervalUnit.Kw, KnownData.Column(known.GetProperty("load").GetString()!));
            foreach (var window in known.GetProperty("expected").EnumerateObject())
            {
                var minutes = int.Parse(window.Name.Split('_')[0]);
                foreach (var kind in window.Value.EnumerateObject())
                {
                    var step = kind.Name == "rolling_5min_subinterval_kw" ? 5 : (int?)null;
                    var peak = ComputePeak(series, new DemandWindow { Minutes = minutes, Kind = kind.Name == "block_kw" ? WindowKind.Block : WindowKind.Rolling, StepMinutes = step });
                    Assert.True(Math.Abs(kind.Value.GetDecimal() - peak) < 0.000000001m, $"{id} {window.Name} {kind.Name}: expected {kind.Value}, got {peak}");
                }
            }
        }
    }

    [Fact]
    public void Ratchets_bill_the_known_kilowatts()
    {
        foreach (var (id, known) in KnownData.Cases("misc", "ratchet_reopt_*.json"))
        {
            var overrides = known.GetProperty("load_overrides").EnumerateObject().Select(o => (int.Parse(o.Name), o.Value.GetDecimal())).ToArray();
            var (schedule, rates) = Sample.ByMonth(known.Numbers("monthly_demand_rates"));
            var flags = known.TryGetProperty("lookback_months", out var months) ? months.EnumerateArray().Select((f, m) => f.GetInt32() == 1 ? m + 1 : 0).Where(m => m > 0).ToArray() : [];
            var tariff = Sample.Empty() with
            {
                Schedules = [schedule],
                Demand = [new DemandCharge
                {
                    Id = "d", Schedule = "months", Rates = rates,
                    Ratchet = new Ratchet { Percent = known.GetProperty("lookback_percent").GetDecimal() * 100, SourceMonths = [.. flags], SourcePeriods = [.. rates.Select(r => r.Period)], Basis = RatchetBasis.CalendarYear },
                }],
            };
            var bill = Sample.Bill(tariff, Sample.Hourly(2022, known.GetProperty("load_default_kw").GetDecimal(), overrides), BillingCycle.Year(2022));
            var expected = known.GetProperty("expected");
            Assert.Equal((id, expected.GetProperty(expected.TryGetProperty("annual", out _) ? "annual" : "total").GetDecimal()), (id, bill.Total));
            if (expected.TryGetProperty("billed_kw", out _))
            {
                Assert.Equal(expected.Numbers("billed_kw"), bill.Months.Select(m => m.LineItems.Single().Quantity));
            }
        }
    }

    [Fact]
    public void A_ratchet_of_eighty_percent_holds_for_eleven_months()
    {
        var known = KnownData.Json(KnownData.GetPath("misc/ratchet_pnnl_80pct.json"));
        var tariff = Sample.Empty() with
        {
            Demand = [new DemandCharge { Id = "d", Rates = [Sample.PerKw("all", 1)], Ratchet = new Ratchet { Percent = known.GetProperty("ratchet_percent").GetDecimal() * 100, LookbackMonths = known.GetProperty("lookback_months").GetInt32() } }],
        };
        var bill = Sample.Bill(tariff, Sample.Hourly(2022, 300, (1, 1000)), BillingCycle.Year(2022));
        Assert.Equal([1000m, .. Enumerable.Repeat(known.GetProperty("expected").GetProperty("billed_kw_following_11_months").GetDecimal(), 11)], bill.Months.Select(m => m.Total));
        Assert.Contains("80 % of 1000 kW of 2022-01", bill.Months[5].LineItems[0].Note);
    }

    [Fact]
    public void Coincident_peaks_are_billed_when_they_are_called()
    {
        var known = KnownData.Json(KnownData.GetPath("misc/coincident_reopt.json"));
        var steps = known.GetProperty("active_time_steps_1based").EnumerateArray().Select(s => s.EnumerateArray().Select(h => h.GetInt32()).ToArray()).ToArray();
        var prices = known.Numbers("charge_per_kw");
        var start = Instant.FromUtc(2022, 1, 1, 0, 0);
        var events = steps.SelectMany((hours, i) => hours.Select(h => new CalledEvent($"peak{i}", start + Duration.FromHours(h - 1), start + Duration.FromHours(h)))).ToArray();
        var tariff = CompiledTariff.Compile(Sample.Empty() with
        {
            Demand = [.. prices.Select((p, i) => new DemandCharge { Id = $"cp{i}", Rates = [Sample.PerKw("all", p)], Coincident = new CoincidentPeak { Event = $"peak{i}" } })],
        });
        var series = Sample.Hourly(2022, 1);
        var bill = BillCalculator.Calculate(BillPlan.Create([tariff], [new BillingCycle(new LocalDate(2022, 1, 1), new LocalDate(2023, 1, 1))], series, events), MeterData.From(series));
        Assert.Equal(known.GetProperty("expected").GetProperty("coincident_cost").GetDecimal(), bill.Total);
    }

    [Fact]
    public void The_day_after_28_february_is_march_only_in_common_years()
    {
        var known = KnownData.Json(KnownData.GetPath("misc/leap_flat_2023.json"));
        var hours = known.GetProperty("hours_1based").EnumerateArray().Select(h => (h.GetInt32(), known.GetProperty("kw").GetDecimal())).ToArray();
        var tariff = KnownData.Urdb("tariffs/urdb_reoptjl_leap_year.json", t => t with { TimeZone = "Etc/UTC", Fixed = [], Energy = [] });
        var bill = BillCalculator.Calculate(tariff, MeterData.From(Sample.Hourly(2023, 0, hours)), BillingCycle.Year(2023));
        Assert.Equal(known.GetProperty("expected").GetProperty("demand").GetDecimal(), bill.Subtotal(LineKind.Demand));

        var tou = KnownData.Json(KnownData.GetPath("misc/leap_tou_2023.json"));
        var whole = KnownData.Urdb("tariffs/urdb_reoptjl_leap_year.json", t => t with { TimeZone = "Etc/UTC", Fixed = [] });
        var one = BillCalculator.Calculate(whole, MeterData.From(Sample.Hourly(2023, 0, (tou.GetProperty("hour_1based").GetInt32(), tou.GetProperty("kw").GetDecimal()))), BillingCycle.Year(2023));
        Assert.Equal(2.8m, one.Subtotal(LineKind.Energy));
        Assert.Equal(tou.GetProperty("expected").GetProperty("demand").GetDecimal(), one.Subtotal(LineKind.Demand));
    }

    [Fact]
    public void Subscription_blocks_and_overage_are_billed()
    {
        foreach (var (id, known) in KnownData.Cases("misc", "ev_subscription_*.json"))
        {
            var tariff = CompiledTariff.Compile(Sample.Empty() with
            {
                Subscriptions = [new SubscriptionCharge { Id = "s", BlockKw = known.GetProperty("block_kw").GetDecimal(), BlockPrice = known.GetProperty("block_price").GetDecimal(), OveragePerKw = known.GetProperty("overage_per_kw").GetDecimal() }],
            });
            var month = new BillingCycle(new LocalDate(2026, 1, 1), new LocalDate(2026, 2, 1));
            var series = Sample.Constant("Etc/UTC", month.From, month.Until, 15, known.GetProperty("max_15min_kw").GetDecimal());
            var account = new Account { SubscribedBlocks = ImmutableDictionary<string, int>.Empty.Add("s", known.GetProperty("subscribed_blocks").GetInt32()) };
            var lines = BillCalculator.Calculate(tariff, MeterData.From(series), [month], account).Months[0].LineItems;
            var expected = known.GetProperty("expected");
            Assert.Equal((id, expected.GetProperty("subscription").GetDecimal()), (id, lines[0].Amount));
            Assert.Equal((id, expected.GetProperty("overage_exact").GetDecimal()), (id, lines.Skip(1).Sum(l => l.Amount)));
            Assert.Contains($"the peak needs {expected.GetProperty("blocks_needed").GetInt32()}", lines[0].Note);
        }
    }

    [Fact]
    public void Apparent_and_reactive_power_are_billed()
    {
        foreach (var (id, known) in KnownData.Cases("misc", "pf_*.json"))
        {
            var month = new BillingCycle(new LocalDate(2026, 1, 1), new LocalDate(2026, 2, 1));
            var data = new MeterData
            {
                Net = Sample.Constant("Etc/UTC", month.From, month.Until, 15, known.GetProperty("kw").GetDecimal()),
                Reactive = Sample.Constant("Etc/UTC", month.From, month.Until, 15, known.GetProperty("kvar").GetDecimal()),
            };
            var bill = BillCalculator.Calculate(CompiledTariff.Compile(Sample.Empty() with
            {
                Demand = [
                    new DemandCharge { Id = "kva", Rates = [Sample.PerKw("all", 8)], Basis = DemandBasis.Kva },
                    new DemandCharge { Id = "pf", Rates = [Sample.PerKw("all", 1)], PowerFactorLimit = 0.9m },
                ],
                Reactive = [new ReactiveCharge { Id = "kvar", FreeShare = 0.4m, Price = 1 }],
            }), data, [month]);
            decimal Line(string charge) => bill.Months[0].LineItems.Where(l => l.Charge == charge).Sum(l => l.Amount);
            var expected = known.GetProperty("expected");
            Assert.Equal((id, expected.GetProperty("kva_charge_at_8_per_kva").GetDecimal()), (id, Math.Round(Line("kva"), 9)));
            Assert.Equal((id, expected.GetProperty("excess_kvar_over_40pct_of_kw").GetDecimal()), (id, Line("kvar")));
            Assert.Equal((id, expected.GetProperty("billed_kw_if_pf_below_0_9").GetDecimal()), (id, Math.Round(Line("pf"), 9)));
        }
    }

    [Fact]
    public void A_rate_change_inside_a_cycle_prices_energy_as_it_flowed_and_the_cycles_peak_by_days()
    {
        foreach (var (id, known) in KnownData.Cases("misc", "proration_*.json"))
        {
            LocalDate Date(JsonElement e) => LocalDatePattern.Iso.Parse(e.GetString()!).Value;
            var cycle = new BillingCycle(Date(known.GetProperty("cycle")[0]), Date(known.GetProperty("cycle")[1]));
            var change = Date(known.GetProperty("change"));
            var (energy, demand, kwh, peak) = (known.Numbers("energy_rates"), known.Numbers("demand_rates"), known.Numbers("kwh"), known.GetProperty("peak_kw").GetDecimal());
            Tariff Version(int i) => Sample.Empty() with
            {
                Version = $"v{i + 1}",
                EffectiveFrom = i == 0 ? null : change,
                EffectiveUntil = i == 0 ? change : null,
                Energy = [Sample.Flat(energy[i])],
                Demand = [new DemandCharge { Id = "d", Rates = [Sample.PerKw("all", demand[i])] }],
            };
            var days = new[] { Period.DaysBetween(cycle.From, change), Period.DaysBetween(change, cycle.Until) };
            var values = days.SelectMany((d, i) => Enumerable.Repeat((kwh[i] - (i == 0 ? peak : 0)) / ((d * 24) - (i == 0 ? 1 : 0)), d * 24)).ToArray();
            values[30] = peak;
            var series = IntervalSeries.Create(Instant.FromUtc(cycle.From.Year, cycle.From.Month, cycle.From.Day, 0, 0), Duration.FromHours(1), IntervalUnit.Kw, values);
            var bill = BillCalculator.Calculate(BillPlan.Create([CompiledTariff.Compile(Version(0)), CompiledTariff.Compile(Version(1))], [cycle], series), MeterData.From(series));
            Assert.Equal((id, known.GetProperty("expected").GetProperty("energy").GetDecimal()), (id, Math.Round(bill.Subtotal(LineKind.Energy), 8)));
            Assert.Equal((id, known.GetProperty("expected").GetProperty("demand").GetDecimal()), (id, bill.Subtotal(LineKind.Demand)));
            Assert.Equal(bill.Total, bill.Replay());
        }
    }

    [Fact]
    public void A_blended_rate_on_a_flat_load_is_exact()
    {
        var known = KnownData.Json(KnownData.GetPath("misc/blended_reopt.json"));
        var tariff = Sample.Empty() with
        {
            Energy = [Sample.Flat(known.GetProperty("energy_rate").GetDecimal())],
            Demand = [new DemandCharge { Id = "d", Rates = [Sample.PerKw("all", known.GetProperty("demand_rate_per_kw_month").GetDecimal())] }],
        };
        var bill = Sample.Bill(tariff, Sample.Hourly(2023, 10_000m / 8760), BillingCycle.Year(2023));
        Assert.Equal(known.GetProperty("expected").GetProperty("energy").GetDecimal(), Math.Round(bill.Subtotal(LineKind.Energy), 9));
        Assert.Equal(known.GetProperty("expected").GetProperty("demand_rounded").GetDecimal(), Math.Round(bill.Subtotal(LineKind.Demand), 2));
    }

    [Fact]
    public void Headroom_is_what_the_window_still_holds()
    {
        foreach (var (id, known) in KnownData.Cases("misc", "headroom_*.json"))
        {
            var elapsed = known.GetProperty("elapsed_min").GetDecimal() * 60;
            var headroom = Headroom.Compute(known.GetProperty("target_kw").GetDecimal(), known.GetProperty("window_min").GetDecimal() * 60, elapsed, known.GetProperty("average_so_far_kw").GetDecimal() * elapsed / 3600);
            var expected = known.GetProperty("expected");
            Assert.Empty(KnownData.Differences(id, [expected.GetProperty("allowable_kw").GetDecimal(), expected.GetProperty("allowable_unclamped_kw").GetDecimal(), expected.GetProperty("min_possible_window_kw_if_zero_import").GetDecimal()],
                [headroom.AllowableKw, headroom.UnclampedKw, headroom.LeastWindowKw], 0.0000001m));
            Assert.Equal(expected.GetProperty("breach_certain").GetBoolean(), headroom.BreachCertain);
        }
    }

    [Fact]
    public void Demand_is_shared_by_every_method_as_known()
    {
        foreach (var (_, known) in KnownData.Cases("misc", "alloc_*.json"))
        {
            var sessions = known.GetProperty("sessions").EnumerateObject().Select(s => new DemandShareholder(s.Name, [.. s.Value.EnumerateArray().Select(v => v.GetDecimal())])).ToArray();
            foreach (var (name, method) in new[]
            {
                ("by_energy", DemandAllocationMethod.EnergyShare), ("by_coincident_peak", DemandAllocationMethod.CoincidentPeak),
                ("by_noncoincident_peak", DemandAllocationMethod.NonCoincidentPeak), ("by_shapley", DemandAllocationMethod.Shapley),
            })
            {
                var outcome = DemandAllocation.Allocate(sessions, known.GetProperty("demand_price_per_kw").GetDecimal(), method);
                Assert.Equal(known.GetProperty("expected").GetProperty("charge").GetDecimal(), outcome.Charge);
                Assert.Equal(known.GetProperty("expected").GetProperty("peak_slot").GetInt32(), outcome.PeakWindow);
                Assert.Equal(outcome.Charge, outcome.Payable.Values.Sum());
                foreach (var share in known.GetProperty("expected").GetProperty(name).EnumerateObject())
                {
                    Assert.Empty(KnownData.Differences($"{name} {share.Name}", [share.Value.GetDecimal()], [outcome.Exact[share.Name]], 0.0000001m));
                }
            }
        }
    }

    private static decimal ComputePeak(IntervalSeries series, DemandWindow window)
    {
        var tariff = Sample.Empty() with { Demand = [new DemandCharge { Id = "d", Rates = [Sample.PerKw("all", 1)], Window = window }] };
        return Sample.Bill(tariff, series, new BillingCycle(new LocalDate(2026, 1, 1), new LocalDate(2026, 1, 2))).Total;
    }
}
