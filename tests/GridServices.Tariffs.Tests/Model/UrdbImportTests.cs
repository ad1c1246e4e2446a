using System.Text;
using GridServices.Contracts;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Time;
using GridServices.Tariffs.Urdb;
using NodaTime;

namespace GridServices.Tariffs.Tests.Model;

/// <summary>Members of the rate database that stand for money, each in its smallest record.</summary>
public sealed class UrdbImportTests
{
    private const string HoursOfUse = "\"energyratestructure\":[[{\"max\":200,\"rate\":0.10,\"unit\":\"kWh/kW\"},{\"rate\":0.05,\"unit\":\"kWh/kW\"}]]";
    private const string Energy = "\"energyratestructure\":[[{\"rate\":0.1}]]";

    [Fact]
    public void Hours_of_use_are_of_the_demand_window_and_the_ratchet()
    {
        var series = IntervalSeries.Create(Instant.FromUtc(2026, 6, 1, 0, 0), Duration.FromMinutes(15), IntervalUnit.Kw, [.. Enumerable.Range(0, 30 * 96).Select(i => i == 1000 ? 100m : 40)]);
        BillingCycle june = new(new LocalDate(2026, 6, 1), new LocalDate(2026, 7, 1));
        var windowed = Read($"{HoursOfUse},\"demandwindow\":30").OrThrow();
        Assert.Equal(200 * 70 * 0.10m + (28_815 - 14_000) * 0.05m, Sample.Bill(windowed, series, june).Total);

        var ratcheted = Read($"{HoursOfUse},\"lookbackPercent\":0.95,\"lookbackRange\":11").OrThrow();
        var account = new Account { PriorPeaks = [new PriorPeak { Month = new YearMonth(2026, 5), Kw = 200 }] };
        Assert.Equal(28_815 * 0.10m, BillCalculator.Calculate(CompiledTariff.Compile(ratcheted), MeterData.From(series), [june], account).Total);
        Assert.Contains(ratcheted.Notes, n => n.StartsWith("demand ratchet", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Energy)]
    [InlineData(Energy + ",\"flatdemandunit\":\"kW daily\",\"flatdemandstructure\":[[{\"rate\":5}]]")]
    public void A_ratchet_that_nothing_can_have_is_told(string members)
    {
        var tariff = Read($"{members},\"lookbackPercent\":0.95,\"lookbackRange\":11").OrThrow();
        Assert.Null(tariff.Demand.FirstOrDefault()?.Ratchet);
        Assert.Contains(tariff.Notes, n => n.Contains("not calculated", StringComparison.Ordinal));
    }

    [Fact]
    public void A_rate_without_a_time_zone_is_told()
    {
        Assert.Equal(ErrorClass.SemanticTz, Assert.Single(Read(Energy, zone: null).Warnings).Class);
        Assert.Empty(Read(Energy).Warnings);
    }

    [Theory]
    [InlineData("\"fixedmonthlycharge\":20,\"fixedchargeeaaddl\":5", 20)]
    [InlineData("\"fixedmonthlycharge\":20,\"fixedchargefirstmeter\":0", 20)]
    [InlineData("\"fixedmonthlycharge\":20,\"fixedchargefirstmeter\":21", 21)]
    public void One_meter_pays_the_fixed_charge_that_has_an_amount(string members, int amount)
    {
        var tariff = Read($"{Energy},{members}").OrThrow() with { Energy = [] };
        BillingCycle january = new(new LocalDate(2026, 1, 1), new LocalDate(2026, 2, 1));
        Assert.Equal(amount, Sample.Bill(tariff, Sample.Constant("Etc/UTC", january.From, january.Until, 60, 1), january).Total);
    }

    [Fact]
    public void The_older_members_for_each_month_are_read()
    {
        var months = string.Join(',', Enumerable.Range(1, 12).Select(m => $"\"flatdemandmonth{m}\":{(m is >= 6 and <= 9 ? 1 : 0)}"));
        var flags = string.Join(',', Enumerable.Range(6, 4).Select(m => $"\"lookbackmonth{m}\":1"));
        var tariff = Read($"{Energy},\"flatdemandstructure\":[[{{\"rate\":5}}],[{{\"rate\":9}}]],{months},{flags},\"lookbackPercent\":0.8").OrThrow();
        var demand = Assert.Single(tariff.Demand);
        Assert.Equal([6, 7, 8, 9], demand.Ratchet!.SourceMonths);
        Assert.Equal(SeasonalDemand.ByDays, demand.Seasons);
        Assert.Equal([6, 7, 8, 9], tariff.Schedules.Single(s => s.Id == demand.Schedule).Rules.Single(r => r.Period == "1").Months);
        Assert.Equal("/flatdemandmonth1", Assert.Single(Read($"{Energy},\"flatdemandstructure\":[[{{\"rate\":5}}]],\"flatdemandmonth3\":0").Refusals).Path);
    }

    [Theory]
    [InlineData("Net Billing Hourly", 60)]
    [InlineData("Net Billing Hourly (credit carryover)", 60)]
    [InlineData("Net Billing Instantaneous", null)]
    public void Netting_by_the_hour_is_done(string rules, int? minutes) =>
        Assert.Equal(minutes, Read($"{Energy},\"dgrules\":\"{rules}\"").OrThrow().Export!.NetWithinMinutes);

    private static ReadResult<Tariff> Read(string members, string? zone = "Etc/UTC") =>
        UrdbImport.Read(Encoding.UTF8.GetBytes($$"""{"label":"r","name":"n",{{members}} }"""), new UrdbOptions { TimeZone = zone });
}
