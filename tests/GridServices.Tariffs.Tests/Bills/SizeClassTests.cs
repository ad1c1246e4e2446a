using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Bills;

/// <summary>A fixed charge by the size of the peak.</summary>
public sealed class SizeClassTests
{
    private static readonly FixedCharge Charge = new()
    {
        Id = "f",
        Amount = 90,
        Classes = [new KwClass { UpToKw = 20, Amount = 10 }, new KwClass { UpToKw = 50, Amount = 30 }],
        LookbackMonths = 2,
    };

    [Theory]
    [InlineData(0, 10)]
    [InlineData(20, 10)]
    [InlineData(20.1, 30)]
    [InlineData(50, 30)]
    [InlineData(51, 90)]
    public void The_class_of_the_peak_says_the_amount(double kw, int amount)
    {
        var bill = Loads.Bill(Sample.Empty() with { Fixed = [Charge with { LookbackMonths = null }] }, Loads.Constant((decimal)kw));
        Assert.Equal(amount, bill.Total);
        Assert.Empty(bill.Notes);
    }

    [Fact]
    public void The_highest_peak_of_the_lookback_counts()
    {
        Bill Calculate(params (int Year, int Month, int Kw)[] prior) => Loads.Bill(Sample.Empty() with { Fixed = [Charge] }, Loads.Constant(5), account: new Account
        {
            PriorPeaks = [.. prior.Select(p => new PriorPeak { Month = new YearMonth(p.Year, p.Month), Kw = p.Kw })],
        });
        Assert.Equal(30, Calculate((2025, 11, 45), (2025, 12, 8)).Total);
        Assert.Equal(10, Calculate((2025, 10, 45), (2025, 11, 1), (2025, 12, 8)).Total);
        Assert.Contains(Calculate((2025, 12, 8)).Notes, n => n.Contains("2025-11", StringComparison.Ordinal));
    }

    [Fact]
    public void Months_of_the_same_bill_are_looked_back_to()
    {
        var months = BillingCycle.CalendarMonths(Loads.First, new LocalDate(2026, 5, 1));
        var kw = Enumerable.Range(0, 120 * 24).Select(h => h == 30 ? 60m : 5m).ToArray();
        var series = IntervalSeries.Create(Instant.FromUtc(2026, 1, 1, 0, 0), Duration.FromHours(1), IntervalUnit.Kw, kw);
        var bill = Loads.Bill(Sample.Empty() with { Fixed = [Charge with { LookbackMonths = 2 }] }, series, cycles: months);
        Assert.Equal([90m, 90m, 90m, 10m], bill.Months.Select(m => m.Total));
    }
}
