using System.Collections.Immutable;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Bills;

/// <summary>
/// Tariffs in the form in which they are published (tests/Data/tariff/published; each says where its form and figures are from and how sure they are), billed for January 2026 and held to
/// the cent against a small calculation of its own, in double and without any of the library's code.
/// </summary>
public sealed class PublishedTariffTests
{
    private const int Days = 31;
    private const int PerDay = 96;
    private static readonly BillingCycle January = new(new LocalDate(2026, 1, 1), new LocalDate(2026, 2, 1));

    /// <summary>Quarter-hours of a charging site: a wave, an evening block and one sharp peak.</summary>
    private static readonly double[] Load = [.. Enumerable.Range(0, Days * PerDay).Select(i => Math.Round(60 + 40 * Math.Sin(i * 0.37) + (i % PerDay is >= 60 and < 84 ? 45 : 0) + (i == 1234 ? 90 : 0), 3))];

    private static readonly double[] Kvar = [.. Enumerable.Range(0, Load.Length).Select(i => Math.Round(30 + 15 * Math.Cos(i * 0.21), 3))];

    private static readonly Dictionary<string, (Account Account, Func<double> Bill)> Cases = new(StringComparer.Ordinal)
    {
        ["pge-bev-2"] = (
            Account.Plain with { SubscribedBlocks = ImmutableDictionary<string, int>.Empty.Add("subscription", 3) },
            () => Priced(i => Hour(i) is >= 16 and < 21 ? 0.41 : Hour(i) is >= 9 and < 14 ? 0.15 : 0.18) + 3 * 95.56 + (Peak(Load) - 150) * 3.82),
        ["sce-tou-ev-8"] = (
            Account.Plain with { ServiceFrom = new LocalDate(2020, 6, 1) },
            () => Priced(i => Hour(i) is < 16 or >= 21 ? 0.16 : IsWork(i) ? 0.52 : 0.31) + 0.2 * 9.5 * Peak(Load) + 150),
        ["sdge-ev-hp"] = (Account.Plain, () => Priced(_ => 0.24) + Math.Ceiling(Peak(Load) / 25) * 80),
        ["coned-sc9-standby"] = (
            Account.Plain with { ContractedKw = ImmutableDictionary<string, decimal>.Empty.Add("contract/all", 130) },
            () => Priced(_ => 0.05) + 130 * 6.4 + (Peak(HalfHours(Load)) - 130) * 12.8
                + Enumerable.Range(0, Days).Where(d => IsWork(d * PerDay)).Sum(d => HalfHours(Load).Skip(d * 48 + 16).Take(28).Max() * 0.62)),
        ["heco-ev-f"] = (Account.Plain, () => Priced(i => Hour(i) is >= 17 and < 22 ? 0.49 : Hour(i) is >= 9 and < 17 ? 0.28 : 0.43) + 66),
        ["ercot-4cp"] = (
            Account.Plain with { CoincidentTags = [.. new[] { 500, 520, 510, 510 }.Select((kw, i) => new CoincidentTag { Charge = "transmission", Kw = kw, At = Instant.FromUtc(2025, 6 + i, 20, 22, 0) })] },
            () => Priced(_ => 0.061) + 510 * 5.35),
        ["de-atypical-use"] = (Account.Plain, () => Priced(_ => 0.0389) + Peak(Load.Where((_, i) => IsWork(i) && Hour(i) is >= 17 and < 19.5)) * 11.2),
        ["de-hours-of-use"] = (
            Account.Plain with { HoursOfUse = ImmutableDictionary<string, decimal>.Empty.Add("grid", 3100), PriorPeaks = [] },
            () => Priced(_ => 0.0089) + Peak(Load) * 124.7 * Days / 365),
        ["es-3.0td"] = (
            Account.Plain with { ContractedKw = Contracted(140, 150, 300) },
            () => Priced(i => Period(i) switch { "p1" => 0.19, "p2" => 0.15, _ => 0.11 }) + Days * (Maximeter("p1", 140) * 0.055 + Maximeter("p2", 150) * 0.028 + Maximeter("p6", 300) * 0.0064)),
        ["es-6.1td"] = (
            Account.Plain with { ContractedKw = Contracted(130, 130, 140) },
            () => Priced(i => Period(i) switch { "p1" => 0.17, "p2" => 0.13, _ => 0.09 }) + Days * (130 * 0.062 + 130 * 0.034 + 140 * 0.008)
                + 1.4064 * (Root("p1", 130) + 0.5 * Root("p2", 130) + 0.17 * Root("p6", 140))),
        ["uk-duos"] = (
            Account.Plain with { ContractedKw = ImmutableDictionary<string, decimal>.Empty.Add("capacity/all", 140) },
            () => Priced(i => IsWork(i) && Hour(i) is >= 16 and < 19 ? 0.0871 : IsWork(i) && Hour(i) is >= 7.5 and < 21.5 ? 0.0143 : 0.0021)
                + Days * (140 * 0.0463 + (Peak(Kva()) - 140) * 0.0712 + 4.2) + Math.Max(0, Kvar.Sum() / 4 - 0.33 * Load.Sum() / 4) * 0.0034),
        ["be-vlaanderen-capacity"] = (
            Account.Plain with { PriorPeaks = [.. Enumerable.Range(1, 11).Select(back => new PriorPeak { Month = new YearMonth(2026, 1).OnDayOfMonth(1).PlusMonths(-back).ToYearMonth(), Kw = back == 4 ? 1 : 90 + back })] },
            () => Priced(_ => 0.0536) + Math.Min(0.34 * Load.Sum() / 4, 3.62 * (Peak(Load) + Enumerable.Range(1, 11).Sum(back => back == 4 ? 2.5 : 90 + back)) / 12)),
        ["au-kva-ratchet"] = (
            Account.Plain with { PriorPeaks = [new PriorPeak { Month = new YearMonth(2025, 7), Kw = 201.5m }, new PriorPeak { Month = new YearMonth(2025, 1), Kw = 900 }] },
            () => Priced(i => Hour(i) is >= 15 and < 21 ? 0.064 : 0.031) + Math.Max(Peak(Kva()), 201.5) * 11.9),
    };

    public static TheoryData<string> Names => [.. Directory.EnumerateFiles(KnownData.GetPath("published"), "*.json").Select(f => Path.GetFileNameWithoutExtension(f)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_month_comes_to_the_cent_of_a_calculation_of_its_own(string name)
    {
        var tariff = TariffJson.Read(File.ReadAllBytes(KnownData.GetPath($"published/{name}.json"))).OrThrow();
        Assert.True(tariff.Source is { Length: > 0 } source && source.Contains("ours", StringComparison.Ordinal), "the file says where its form and figures are from");
        var start = DateTimeZoneProviders.Tzdb[tariff.TimeZone].AtStartOfDay(January.From).ToInstant();
        IntervalSeries Series(double[] values) => IntervalSeries.Create(start, Duration.FromMinutes(15), IntervalUnit.Kw, [.. values.Select(v => (decimal)v)]);
        var (account, kernel) = Cases[name];
        var bill = BillCalculator.Calculate(CompiledTariff.Compile(tariff), new MeterData { Net = Series(Load), Reactive = Series(Kvar) }, [January], account);
        Assert.Equal(Math.Round((decimal)kernel(), 2, MidpointRounding.AwayFromZero), bill.Payable);
        Assert.Equal(bill.Total, bill.Replay());
        Assert.False(bill.Provisional, string.Join("; ", bill.Notes));
    }

    [Fact]
    public void Every_calculation_has_its_tariff() => Assert.Equal(Cases.Keys.Order(StringComparer.Ordinal), Names.Select(n => n.Data).Order(StringComparer.Ordinal));

    private static ImmutableDictionary<string, decimal> Contracted(decimal p1, decimal p2, decimal p6) =>
        new Dictionary<string, decimal>(StringComparer.Ordinal) { ["potencia/p1"] = p1, ["potencia/p2"] = p2, ["potencia/p6"] = p6 }.ToImmutableDictionary(StringComparer.Ordinal);

    private static double Priced(Func<int, double> price) => Load.Select((kw, i) => kw / 4 * price(i)).Sum();

    private static double Peak(IEnumerable<double> kw) => kw.Max();

    private static double[] HalfHours(double[] quarters) => [.. quarters.Chunk(2).Select(pair => (pair[0] + pair[1]) / 2)];

    private static double[] Kva() => [.. HalfHours(Load).Zip(HalfHours(Kvar), (kw, kvar) => Math.Sqrt(kw * kw + kvar * kvar))];

    private static double Hour(int quarter) => quarter % PerDay / 4.0;

    /// <summary>1 January 2026 is a Thursday.</summary>
    private static bool IsWork(int quarter) => (quarter / PerDay + 3) % 7 < 5;

    private static string Period(int quarter) => !IsWork(quarter) || Hour(quarter) < 8 ? "p6" : Hour(quarter) is (>= 10 and < 14) or (>= 18 and < 22) ? "p1" : "p2";

    private static double Maximeter(string period, double contracted)
    {
        var most = Peak(Load.Where((_, i) => Period(i) == period));
        return most > 1.05 * contracted ? most + 2 * (most - 1.05 * contracted) : Math.Max(most, 0.85 * contracted);
    }

    private static double Root(string period, double contracted) => Math.Sqrt(Load.Where((kw, i) => Period(i) == period && kw > contracted).Sum(kw => (kw - contracted) * (kw - contracted)));
}
