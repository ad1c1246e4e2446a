using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Bills;

/// <summary>Charges that no published vector covers, each in its smallest case.</summary>
public sealed class ChargeTests
{
    private static readonly LocalDate First = new(2026, 1, 1);
    private static readonly BillingCycle January = new(First, new LocalDate(2026, 2, 1));
    private static readonly BillingCycle OneDay = new(First, new LocalDate(2026, 1, 2));

    [Theory]
    [InlineData(50, 85)] // below 85 % of 100 kW: the floor
    [InlineData(90, 90)] // between 85 and 105 %: as measured
    [InlineData(105, 105)]
    [InlineData(120, 150)] // 120 + 2 x (120 - 105)
    public void Contracted_power_bills_a_floor_the_measure_or_a_penalty(int measured, int billed)
    {
        var tariff = Sample.Empty() with { ContractedPower = [new ContractedPower { Id = "p", Rates = [new ContractedRate { Period = "all", ContractedKw = 100, Price = 2 }] }] };
        Assert.Equal(2 * billed, Sample.Bill(tariff, Sample.Constant("Etc/UTC", January.From, January.Until, 15, measured), January).Total);
    }

    [Fact]
    public void Contracted_power_with_an_excess_price_pays_both_each_day()
    {
        var tariff = Sample.Empty() with
        {
            ContractedPower = [new ContractedPower { Id = "p", Rule = ContractedPowerRule.Excess, PricePerDay = true, Rates = [new ContractedRate { Period = "all", ContractedKw = 100, Price = 0.1m, ExcessPrice = 5 }] }],
        };
        Assert.Equal(100 * 31 * 0.1m + 20 * 31 * 5, Sample.Bill(tariff, Sample.Constant("Etc/UTC", January.From, January.Until, 15, 120), January).Total);
    }

    [Fact]
    public void Every_price_per_day_or_month_is_due_for_the_days_of_the_cycle()
    {
        ContractedPower Excess(bool perDay) => new() { Id = "p", Rule = ContractedPowerRule.Excess, PricePerDay = perDay, Rates = [new ContractedRate { Period = "all", ContractedKw = 100, Price = 1, ExcessPrice = 5 }] };
        var subscription = new SubscriptionCharge { Id = "s", BlockKw = 50, BlockPrice = 10, OveragePerKw = 3, Blocks = 2 };
        var year = new FixedCharge { Id = "y", Amount = 365 * 366, Per = FixedPer.Year };
        // Ten days; two months; a day of a common year and one of a leap year.
        foreach (var (cycle, days, months, years) in new[]
        {
            (new BillingCycle(First, First.PlusDays(10)), 10, 10 / 31m, 10 / 365m),
            (new BillingCycle(First, new LocalDate(2026, 3, 1)), 59, 2m, 59 / 365m),
            (new BillingCycle(new LocalDate(2027, 12, 31), new LocalDate(2028, 1, 2)), 2, 2 / 31m, 1 / 365m + 1 / 366m),
        })
        {
            decimal Total(Tariff tariff) => Math.Round(Sample.Bill(tariff, Sample.Constant("Etc/UTC", cycle.From, cycle.Until, 60, 120), cycle).Total, 12);
            Assert.Equal((100 * 1 + 20 * 5) * days, Total(Sample.Empty() with { ContractedPower = [Excess(perDay: true)] }));
            Assert.Equal(Math.Round((100 * 1 + 20 * 5) * months, 12), Total(Sample.Empty() with { ContractedPower = [Excess(perDay: false)] }));
            Assert.Equal(Math.Round((2 * 10 + 20 * 3) * months, 12), Total(Sample.Empty() with { Subscriptions = [subscription] }));
            Assert.Equal(Math.Round(365 * 366 * years, 12), Total(Sample.Empty() with { Fixed = [year] }));
        }
    }

    [Fact]
    public void Two_versions_in_a_cycle_share_the_excess_and_the_minimum_by_their_days()
    {
        var change = First.PlusDays(10);
        Tariff Version(string name, LocalDate? from, LocalDate? until) => Sample.Empty() with
        {
            Version = name,
            EffectiveFrom = from,
            EffectiveUntil = until,
            Energy = [Sample.Flat(0.001m)],
            ContractedPower = [new ContractedPower { Id = "p", Rule = ContractedPowerRule.Excess, PricePerDay = true, Rates = [new ContractedRate { Period = "all", ContractedKw = 1, Price = 0, ExcessPrice = 0.1m }] }],
            Minimums = [new MinimumBill { Id = "m", Amount = 1000 }],
        };
        var series = Sample.Constant("Etc/UTC", January.From, January.Until, 60, 2);
        var bill = BillCalculator.Calculate(BillPlan.Create([CompiledTariff.Compile(Version("a", null, change)), CompiledTariff.Compile(Version("b", change, null))], [January], series), MeterData.From(series));
        Assert.Equal(3.1m, bill.Subtotal(LineKind.Demand));
        Assert.Equal(1000m, Math.Round(bill.Total, 12));
    }

    [Fact]
    public void A_ratchet_that_lacks_its_history_says_so()
    {
        var tariff = CompiledTariff.Compile(Sample.Empty() with { Demand = [new DemandCharge { Id = "d", Rates = [Sample.PerKw("all", 1)], Ratchet = new Ratchet { Percent = 80, LookbackMonths = 3 } }] });
        Bill Calculate(params PriorPeak[] peaks) => BillCalculator.Calculate(tariff, MeterData.From(Sample.Constant("Etc/UTC", January.From, January.Until, 60, 2)), [January], new Account { PriorPeaks = [.. peaks] });
        PriorPeak Peak(int month) => new() { Month = new YearMonth(2025, month), Kw = 1 };
        Assert.Contains(Calculate(Peak(12)).Notes, n => n.Contains("'d'", StringComparison.Ordinal) && n.Contains("2025-10 to 2025-11", StringComparison.Ordinal) && n.Contains("priorPeaks", StringComparison.Ordinal));
        Assert.Empty(Calculate(Peak(10), Peak(11), Peak(12)).Notes);
    }

    [Fact]
    public void The_mean_of_monthly_peaks_counts_each_with_its_floor()
    {
        var tariff = CompiledTariff.Compile(Sample.Empty() with { Demand = [new DemandCharge { Id = "d", Rates = [Sample.PerKw("all", 4)], Mean = new PeakMean { FloorKw = 2.5m } }] });
        var account = new Account { PriorPeaks = [.. Enumerable.Range(1, 12).Select(m => new PriorPeak { Month = new YearMonth(2025, m), Kw = m == 12 ? 1 : 5 })] };
        var bill = BillCalculator.Calculate(tariff, MeterData.From(Sample.Constant("Etc/UTC", January.From, January.Until, 15, 8)), [January], account);
        // January 2026: 8; December 2025: 1, counted as 2.5; February to November 2025: 10 x 5.
        Assert.Equal(Math.Round((8 + 2.5m + 50) / 12 * 4, 18), bill.Total);
    }

    [Fact]
    public void Demand_assessed_daily_pays_every_days_peak()
    {
        var tariff = Sample.Empty() with { Demand = [new DemandCharge { Id = "d", Rates = [Sample.PerKw("all", 0.5m)], Assess = DemandAssessment.Daily }] };
        var bill = Sample.Bill(tariff, Sample.Hourly(2026, 1, (5, 10), (30, 20)), new BillingCycle(First, new LocalDate(2026, 1, 4)));
        Assert.Equal((10 + 20 + 1) * 0.5m, bill.Total);
        Assert.Equal(3, bill.Months[0].LineItems[0].Terms.Length);
        Assert.Equal(bill.Total, bill.Replay());
    }

    [Fact]
    public void A_called_event_has_its_own_price_while_it_lasts()
    {
        var tariff = CompiledTariff.Compile(Sample.Empty() with
        {
            Schedules = [new Schedule { Id = "cpp", Rules = [new ScheduleRule { Period = "critical", Event = "cpp" }, new ScheduleRule { Period = "normal" }] }],
            Energy = [new EnergyCharge { Id = "e", Schedule = "cpp", Rates = [Sample.Rate("critical", 2), Sample.Rate("normal", 0.1m)] }],
        });
        var series = Sample.Constant("Etc/UTC", OneDay.From, OneDay.Until, 15, 4);
        CalledEvent[] events = [new("cpp", Instant.FromUtc(2026, 1, 1, 17, 0), Instant.FromUtc(2026, 1, 1, 20, 0)), new("other", Instant.FromUtc(2026, 1, 1, 1, 0), Instant.FromUtc(2026, 1, 1, 2, 0))];
        var bill = BillCalculator.Calculate(BillPlan.Create([tariff], [OneDay], series, events), MeterData.From(series));
        Assert.Equal(12 * 2 + 84 * 0.1m, bill.Total);
    }

    [Fact]
    public void Real_time_prices_are_marked_up_capped_and_replayed()
    {
        var index = new IndexPrice { Series = "da", Multiplier = 1.1m, Adder = 0.02m, Floor = 0, Cap = 0.5m, SellShare = 1 };
        var tariff = CompiledTariff.Compile(Sample.Empty() with { Energy = [new EnergyCharge { Id = "rtp", Index = index }], Export = new ExportTerms { Mode = ExportMode.NetBilling } });
        decimal[] prices = [0.1m, -0.2m, 1m, 0.3m];
        var start = Instant.FromUtc(2026, 1, 1, 0, 0);
        var curve = new PriceCurve("da", [.. prices.Select((p, i) => new PricePoint(start + Duration.FromHours(6 * i), start + Duration.FromHours(6 * (i + 1)), p))]);
        var series = IntervalSeries.Create(start, Duration.FromHours(6), IntervalUnit.Kwh, [10, 10, 10, -10]);
        var bill = BillCalculator.Calculate(tariff, MeterData.From(series), [OneDay], options: new BillOptions { Prices = [curve] });
        Assert.Equal(10 * 0.13m + 10 * 0 + 10 * 0.5m - 10 * 0.35m, bill.Total);
        Assert.Equal(bill.Total, bill.Replay());
    }

    [Fact]
    public void Energy_without_a_price_leaves_the_bill_provisional()
    {
        var tariff = CompiledTariff.Compile(Sample.Empty() with { Energy = [new EnergyCharge { Id = "rtp", Index = new IndexPrice { Series = "da" } }] });
        var series = Sample.Constant("Etc/UTC", OneDay.From, OneDay.Until, 60, 1);
        var curve = new PriceCurve("da", [new PricePoint(series.Start, series.Start + Duration.FromHours(12), 0.1m)]);
        var bill = BillCalculator.Calculate(tariff, MeterData.From(series), [OneDay], options: new BillOptions { Prices = [curve] });
        Assert.True(bill.Provisional);
        Assert.Equal(1.2m, bill.Total);
        Assert.Throws<BillRefusedException>(() => BillCalculator.Calculate(tariff, MeterData.From(series), [OneDay]));
    }

    [Fact]
    public void Riders_and_taxes_are_calculated_in_order_on_their_bases()
    {
        var tariff = Sample.Empty() with
        {
            Energy = [Sample.Flat(1)],
            Fixed = [new FixedCharge { Id = "fixed", Amount = 10, Per = FixedPer.BillingPeriod }],
            Adjustments = [
                new Adjustment { Id = "fuel", Kind = AdjustmentKind.Rider, Percent = 10, Base = ["energy"] },
                new Adjustment { Id = "city", Percent = 5, Base = ["energy", "fuel"] },
                new Adjustment { Id = "vat", Percent = 20 },
            ],
        };
        var lines = Sample.Bill(tariff, Sample.Constant("Etc/UTC", OneDay.From, OneDay.Until, 60, 1), OneDay).Months[0].LineItems;
        Assert.Equal([24m, 10m, 2.4m, 1.32m, (24 + 10 + 2.4m + 1.32m) * 0.2m], lines.Select(l => l.Amount));
    }

    [Fact]
    public void Minimum_bills_lift_what_is_below_them()
    {
        var tariff = Sample.Empty() with { Energy = [Sample.Flat(0.1m)], Minimums = [new MinimumBill { Id = "m", Amount = 30 }, new MinimumBill { Id = "y", Amount = 500, Per = MinimumPer.Year }] };
        var bill = Sample.Bill(tariff, Sample.Constant("Etc/UTC", First, First.PlusYears(1), 60, 0.1m), BillingCycle.Year(2026));
        Assert.All(bill.Months.Take(11), m => Assert.Equal(30, m.Total));
        Assert.Equal(500, bill.Total);
        Assert.Equal(bill.Total, bill.Replay());
    }

    [Fact]
    public void Separate_import_and_export_registers_bill_like_the_net_that_they_make()
    {
        var tariff = CompiledTariff.Compile(Sample.Empty() with
        {
            Energy = [new EnergyCharge { Id = "e", Rates = [new EnergyRate { Period = "all", Tiers = [new EnergyTier { Price = 0.3m, Sell = 0.08m }] }] }],
            Export = new ExportTerms { Mode = ExportMode.NetBilling },
        });
        var start = Instant.FromUtc(2026, 1, 1, 0, 0);
        IntervalSeries Series(params decimal[] kwh) => IntervalSeries.Create(start, Duration.FromHours(8), IntervalUnit.Kwh, kwh);
        var net = BillCalculator.Calculate(tariff, MeterData.From(Series(5, -7, 2)), [OneDay]);
        var registers = BillCalculator.Calculate(tariff, new MeterData { Net = Series(5, 0, 2), Export = Series(0, 7, 0) }, [OneDay]);
        Assert.Equal(7 * 0.3m - 7 * 0.08m, net.Total);
        Assert.Equal(net.Total, registers.Total);
        Assert.Throws<BillRefusedException>(() => BillCalculator.Calculate(tariff, new MeterData { Net = Series(5, 0, 2), Export = Series(0, -7, 0) }, [OneDay]));
    }

    [Fact]
    public void Two_energy_charges_net_the_same_export_once()
    {
        var one = Sample.Empty() with { Energy = [Sample.Flat(0.3m)], Export = new ExportTerms { Mode = ExportMode.NetMetering, Credit = ExportCredit.Kwh, TrueUpPrice = 0.05m } };
        var two = one with { Energy = [Sample.Flat(0.1m), Sample.Flat(0.2m) with { Id = "supply" }] };
        var year = BillingCycle.Year(2026);
        var start = Instant.FromUtc(2026, 1, 1, 0, 0);
        var series = IntervalSeries.Create(start, Duration.FromDays(1), IntervalUnit.Kwh, [.. Enumerable.Range(0, 365).Select(d => d % 60 < 30 ? 4m : -5m)]);
        var (a, b) = (Sample.Bill(one, series, year), Sample.Bill(two, series, year));
        Assert.Equal(a.Total, b.Total);
        Assert.Equal(a.Replay(), b.Replay());
        Assert.Contains(b.Months[11].LineItems, l => l.Charge == "true-up" && l.Amount < 0);
    }

    [Fact]
    public void Holidays_by_rule_and_by_list_take_the_day_type_they_belong_to()
    {
        var tariff = Sample.Empty("America/New_York") with
        {
            Holidays = [
                new Holiday { Name = "Thanksgiving", Nth = new NthWeekday(11, IsoDayOfWeek.Thursday, 4) }, new Holiday { Name = "Memorial Day", Nth = new NthWeekday(5, IsoDayOfWeek.Monday, -1) },
                new Holiday { Name = "Independence Day", Annual = new AnnualDate(7, 4), Observed = Observance.NearestWeekday }, new Holiday { Name = "Good Friday", EasterOffset = -2 }, new Holiday { Date = new LocalDate(2026, 8, 5) },
            ],
        };
        var calendar = new HolidayCalendar(tariff.Holidays);
        // 4 July 2026 is a Saturday and is kept on Friday the 3rd; Easter 2026 is 5 April.
        foreach (var day in new[] { (11, 26), (5, 25), (7, 3), (4, 3), (8, 5) })
        {
            Assert.True(calendar.IsHoliday(new LocalDate(2026, day.Item1, day.Item2)), $"{day}");
        }

        Assert.False(calendar.IsHoliday(new LocalDate(2026, 7, 4)));
        Assert.False(calendar.IsHoliday(new LocalDate(2026, 11, 19)));
    }

    [Fact]
    public void A_quarter_past_six_is_a_boundary_like_any_other()
    {
        var tariff = Sample.Empty() with
        {
            Schedules = [new Schedule { Id = "s", Rules = [new ScheduleRule { Period = "on", From = new DayTime(18 * 60 + 15), Until = new DayTime(60) }, new ScheduleRule { Period = "off" }] }],
            Energy = [new EnergyCharge { Id = "e", Schedule = "s", Rates = [Sample.Rate("on", 1), Sample.Rate("off", 0)] }],
        };
        // 18:15 to midnight and midnight to 01:00: the rule runs over midnight.
        Assert.Equal(5.75m + 1, Sample.Bill(tariff, Sample.Constant("Etc/UTC", OneDay.From, OneDay.Until, 15, 1), OneDay).Total);
    }

    [Fact]
    public void Versions_that_overlap_or_leave_a_day_open_are_refused()
    {
        Tariff Version(string name, LocalDate? from, LocalDate? until) => Sample.Empty() with { Version = name, EffectiveFrom = from, EffectiveUntil = until };
        var series = Sample.Constant("Etc/UTC", January.From, January.Until, 60, 1);
        BillPlan Plan(params Tariff[] versions) => BillPlan.Create([.. versions.Select(CompiledTariff.Compile)], [January], series);
        Assert.Contains("overlap", Assert.Throws<BillRefusedException>(() => Plan(Version("a", null, First.PlusDays(9)), Version("b", First.PlusDays(5), null))).Message);
        Assert.Contains("2026-01-06", Assert.Throws<BillRefusedException>(() => Plan(Version("a", null, First.PlusDays(5)), Version("b", First.PlusDays(9), null))).Message);
    }

    [Fact]
    public void A_later_bill_gives_the_difference_to_a_provisional_one()
    {
        var tariff = CompiledTariff.Compile(Sample.Empty() with { Energy = [Sample.Flat(0.2m)] });
        var open = new OpenBill([tariff], OneDay, Duration.FromHours(1));
        for (var hour = 0; hour < 24; hour++)
        {
            if (hour != 7)
            {
                open.Append(open.Start + Duration.FromHours(hour), 5);
            }
        }

        var provisional = open.SoFar();
        Assert.True(provisional.Provisional);
        Assert.Equal(1, provisional.Months[0].MissingIntervals);
        var final = BillCalculator.Calculate(tariff, MeterData.From(Sample.Constant("Etc/UTC", OneDay.From, OneDay.Until, 60, 5)), [OneDay]);
        Assert.Equal(1m, provisional.DeltaTo(final));
        Assert.NotEqual(provisional.DataHash, final.DataHash);
        Assert.Throws<ArgumentOutOfRangeException>(() => open.Append(open.Start, 1));
    }

    [Fact]
    public void The_kilowatt_hour_that_an_open_bill_shows_is_the_one_a_closed_bill_charges()
    {
        var tariff = CompiledTariff.Compile(Sample.Empty("Europe/Berlin") with { Energy = [Sample.Flat(0.2m)], Demand = [new DemandCharge { Id = "d", Rates = [Sample.PerKw("all", 3)] }] });
        var month = new BillingCycle(new LocalDate(2026, 3, 1), new LocalDate(2026, 4, 1));
        var open = new OpenBill([tariff], month, Duration.FromMinutes(15));
        while (!open.IsFull)
        {
            open.Append(open.Next, 1.25m);
        }

        Assert.False(open.SoFar().Provisional);
        Assert.Equal(2972 * 1.25m * 0.2m + 5 * 3, open.SoFar().Total);
    }
}
