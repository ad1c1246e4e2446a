using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Measurement;
using GridServices.FrequencyResponse.Performance;
using GridServices.FrequencyResponse.Safety;
using GridServices.Wire;
using NodaTime;

namespace GridServices.FrequencyResponse.Tests.Performance;

/// <summary>A regulation signal is scored while it is followed, as PJM's score does after the hour.</summary>
public sealed class RegulationTests
{
    private const double QuantityW = 2e6;
    private const long Second = 1_000_000_000;
    private static readonly Instant Noon = Instant.FromUtc(2027, 1, 15, 12, 0);
    private static readonly ServiceDefinition Pjm = ServiceCatalog.BuiltIn.Find("PJM-REGULATION")!;

    [Fact]
    public void An_hour_is_scored_and_paid_as_the_reference_does()
    {
        foreach (var known in FrequencyData.Json("open/pjm_score.json.gz").GetProperty("cases").EnumerateArray())
        {
            var (signal, response) = (known.Numbers("signal_pu"), known.Numbers("response_pu"));
            var hour = Assert.Single(Settle(Pjm, i => signal[i], i => response[i], Duration.FromMinutes(60)));
            var reference = PjmScorer.Hour(signal, response, PjmScoreVersion.PrecisionOnly);
            var forfeit = reference.Score < 0.25;
            Assert.Equal(forfeit ? 0 : reference.Score, hour.Factor, 9);
            Assert.Equal(12, hour.Regulation.Select(w => w.From).Distinct().Count());
            Assert.Equal(Noon + Duration.FromMinutes(55), hour.Regulation[^1].From);
        }
    }

    /// <summary>Paid as the hour's score after it, whatever the period was cut into on the way; sums from before each five minutes were kept count as one.</summary>
    [Fact]
    public void Five_minutes_that_went_wrong_take_their_own_part_of_what_is_paid()
    {
        double Wrong(int i) => i is >= 60 and < 90 ? -Signal(i) : Signal(i);
        var hour = Assert.Single(Settle(Pjm, Signal, Wrong, Duration.FromMinutes(60)));
        var reference = PjmScorer.Hour([.. Enumerable.Range(0, PjmScorer.Points).Select(Signal)], [.. Enumerable.Range(0, PjmScorer.Points).Select(Wrong)], PjmScoreVersion.PrecisionOnly);
        Assert.Equal(reference.Score, hour.Factor, 9);

        // Two windows of a mean signal of 0.5, of which one went wrong; a restart cut that one.
        var whole = Score(45, 15, (0, 30, 0), (1, 15, 15)).Plus(Score(15, 15, (1, 15, 15)));
        Assert.Equal(Score(60, 30, (0, 30, 0), (1, 30, 30)), whole);
        Assert.Equal(0.5, whole.GetFactor(SettlementRule.PjmRegulation, RegulationTerms.For(Pjm)), 9);
        Assert.Equal(whole, whole.Since(Score(15, 15, (1, 15, 15))).Plus(Score(15, 15, (1, 15, 15))));
        Assert.Equal(0, new PeriodScore { Regulation = whole.Regulation with { Errors = null } }.GetFactor(SettlementRule.PjmRegulation, RegulationTerms.For(Pjm)), 9);

        static PeriodScore Score(int points, double error, params (long Window, long Points, double Error)[] parts) =>
            new()
            {
                Regulation = new RegulationSums { Points = points, Signal = points * 0.5, Error = error, Errors = parts.Select(p => new RegulationError(p.Window, p.Points, p.Error)).ToValueList() },
            };
    }

    [Fact]
    public void Each_five_minutes_tell_accuracy_and_delay_once_the_response_after_them_is_known()
    {
        var hour = Assert.Single(Settle(Pjm, Signal, i => Signal(i - 4), Duration.FromMinutes(60)));
        var windows = hour.Regulation.GroupBy(w => w.From).Select(g => g.ToList()).ToList();
        Assert.All(windows, w => Assert.Equal(((double?)null, 300.0), (w[0].Accuracy, w[0].MeasuredSeconds)));
        Assert.All(windows[..^1], w =>
        {
            Assert.Equal(1, w[^1].Accuracy!.Value, 6);
            Assert.Equal((300 - 40) / 300.0, w[^1].Delay!.Value, 6);
            Assert.Equal(w[0].Precision, w[^1].Score);
        });

        // Of the last no response after the hour is known: no more than without any delay.
        Assert.InRange(windows[^1][^1].Accuracy!.Value, 0, 0.999);

        // By the rule that held until then, all three parts count.
        var threeParts = CatalogOverrides.Apply(ServiceCatalog.BuiltIn, """{"PJM-REGULATION":{"accuracyWeight":0.333,"delayWeight":0.333,"precisionWeight":0.333}}"""u8.ToArray()).Value!.Find("PJM-REGULATION")!;
        var score = Assert.Single(Settle(threeParts, Signal, i => Signal(i - 4), Duration.FromMinutes(60))).Factor;
        var reference = PjmScorer.Hour([.. Enumerable.Range(0, PjmScorer.Points).Select(Signal)], [.. Enumerable.Range(0, PjmScorer.Points).Select(i => Signal(i - 4))]);
        Assert.InRange(score, reference.Score - 0.03, reference.Score + 0.03);
        Assert.True(score > hour.Factor);
    }

    [Fact]
    public void The_latest_are_the_last_five_minutes_that_are_over()
    {
        var latest = new List<Instant?>();
        Settle(Pjm, Signal, Signal, Duration.FromMinutes(60), account => latest.Add(account.LastWindow?.From));
        Assert.Equal([null, Noon, Noon + Duration.FromMinutes(5), Noon + Duration.FromMinutes(10)], latest.Take(1_200).Distinct());
        Assert.Equal(Noon + Duration.FromMinutes(10), latest[920]);
    }

    [Fact]
    public void What_no_reading_shows_has_no_score()
    {
        var hour = Assert.Single(Settle(Pjm, Signal, i => i is >= 75 and < 120 ? double.NaN : Signal(i), Duration.FromMinutes(60)));
        var windows = hour.Regulation.GroupBy(w => w.From).Select(g => g.Last()).ToList();

        // A reading is held for ten seconds, and no longer.
        Assert.Equal(160, windows[2].MeasuredSeconds);
        Assert.Equal(new RegulationWindow { From = Noon + Duration.FromMinutes(15), MeasuredSeconds = 0 }, windows[3]);
        Assert.Equal(1, windows[4].Score);
        Assert.True(hour.AvailableSeconds < 3_600 - 400, $"{hour.AvailableSeconds}");
    }

    [Fact]
    public void Both_parts_of_a_period_make_the_precision_of_the_whole()
    {
        var whole = Assert.Single(Settle(Pjm, Signal, i => 0.8 * Signal(i), Duration.FromMinutes(60)));
        var slices = Settle(Pjm, Signal, i => 0.8 * Signal(i), Duration.FromMinutes(1));
        var sum = slices.Aggregate(default(PeriodScore), (s, r) => s.Plus(r.Score));
        Assert.Equal(60, slices.Count);
        Assert.Equal(whole.Factor, sum.GetFactor(SettlementRule.PjmRegulation, RegulationTerms.For(Pjm)), 9);
        Assert.Equal(0.8, whole.Factor, 6);
        Assert.Equal(whole.Regulation.Count, slices.Sum(s => s.Regulation.Count));
    }

    [Fact]
    public void Another_markets_regulation_tells_the_same_windows_and_is_paid_by_what_was_delivered()
    {
        var service = ServiceCatalog.BuiltIn.Find("NYISO-REGULATION")!;
        var records = Settle(service, Signal, i => 0.5 * Signal(i), Duration.FromMinutes(15));
        Assert.Equal(0.5, records[0].Regulation.Last(w => w.From == Noon).Precision!.Value, 6);
        Assert.InRange(records[0].Factor, 0.4, 0.6);
        Assert.Empty(Settle(ServiceCatalog.BuiltIn.Find("ERCOT-ECRS")!, Signal, Signal, Duration.FromMinutes(15))[0].Regulation);
    }

    private static double Signal(int i) => (0.6 * Math.Sin(i / 2.0)) + (0.2 * Math.Cos(i / 0.9));

    /// <summary>The records of an hour: a signal and a reading every second, both new every ten.</summary>
    private static List<PeriodRecord> Settle(ServiceDefinition service, Func<int, double> signal, Func<int, double> response, Duration slice, Action<ContractAccount>? look = null)
    {
        var account = new ContractAccount(service, QuantityW, slice: slice);
        var records = new List<PeriodRecord>();
        for (var s = 0; s <= 3_640; s++)
        {
            var (asked, given) = (signal(Math.Min(s / 10, 390)), response(Math.Min(s / 10, 390)));
            var measured = double.IsFinite(given) ? new MeasuredPower(given * QuantityW, s * Second, MeterSource.Telemetry) : default;
            var output = new ServiceOutput(asked, asked, asked * QuantityW, double.NaN, ServicePhase.Active, FailSafeRung.Valid, SampleFault.None, Procured: true);
            if (account.Add(new AccountTurn(s * Second, (Noon.ToUnixTimeTicks() * 100) + (s * Second), asked * QuantityW, asked * QuantityW, ControlReasons.None, output, 0, measured)) is { } ended)
            {
                records.Add(ended);
            }

            look?.Invoke(account);
        }

        return records;
    }
}
