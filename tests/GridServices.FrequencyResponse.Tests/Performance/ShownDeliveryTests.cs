using FsCheck;
using FsCheck.Fluent;
using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Performance;
using NodaTime;

namespace GridServices.FrequencyResponse.Tests.Performance;

/// <summary>What was never scored is not measured and not paid, however readings are timed; honest ones within the stated lateness are scored.</summary>
public sealed class ShownDeliveryTests
{
    private static readonly string[] Services = ["CE-FCR", "GB-DCL", "GB-STATIC-FFR", "NORDIC-FFR-49.7", "NORDIC-FCR-D-UP", "PJM-REGULATION"];

    private static Arbitrary<(string Service, Telling How, double Lasts)> Draw(double mostLate, double mostBehind, int mostAssets, double mostEvery) =>
        (from service in Gen.Elements(Services)
         from assets in Gen.Choose(1, mostAssets)
         from every in Gen.Elements(new[] { 1.0, 2, 5, 10 }.Where(e => e <= mostEvery).ToArray())
         from late in Gen.Choose(0, (int)(mostLate * 10))
         from behind in Gen.Choose(0, (int)(mostBehind * 10))
         from turn in Gen.Elements(0.02, 0.05, 0.1, 0.5, 1.0)
         from silent in Gen.Elements(true, false)
         from lasts in Gen.Choose(60, 200)
         from seed in Gen.Choose(0, int.MaxValue - 1)
         select (service, new Telling(assets, every, late / 10.0, behind / 10.0, turn, silent, seed), (double)lasts)).ToArbitrary();

    [Fact]
    public void An_asset_that_never_responds_is_never_paid_for_a_period_with_something_due() => Prop.ForAll(Draw(20, 20, 3, 10), drawn =>
    {
        var period = new Deliveries(drawn.Service, drawn.How, _ => 0, drawn.Lasts).Settle(drawn.How.Turn).Single();
        Assert.True(period.Performance == 0, $"{period.Performance} ({period.Factor}, {period.MeasuredSeconds} s measured, {period.Score}) of {drawn}");
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(150));

    [Fact]
    public void Who_responds_and_tells_it_within_the_stated_lateness_is_paid() => Prop.ForAll(Draw(5, 0, 1, 5), drawn =>
    {
        // Faster than the rules' windows: between two samples the frequency is held.
        var honest = drawn.How with { Silent = false, Turn = Math.Min(drawn.How.Turn, 0.1) };
        var period = new Deliveries(drawn.Service, honest, _ => 1, drawn.Lasts).Settle(honest.Turn).Single();

        // The precision of a signal counts the points at which it leaps, of which there are two here.
        var least = drawn.Service == "PJM-REGULATION" ? 0.65 : 0.99;
        Assert.True(period.Factor > least && period.MeasuredSeconds > 290, $"{period.Factor}, {period.MeasuredSeconds} s measured, {period.Score}, of {drawn}");
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));

    [Theory]
    [InlineData(2, 10, 0.5, 0)]
    [InlineData(3, 10, 5, 0)]
    [InlineData(1, 1, 0, 8)]
    public void Readings_that_take_turns_or_bear_an_old_stamp_are_scored(int assets, double every, double late, double behind)
    {
        var period = new Deliveries("CE-FCR", new Telling(assets, every, late, behind, 0.1, Silent: false, 1), _ => 0, 200).Settle(0.1).Single();
        Assert.True(period.Score.Scored > 0 && period.MeasuredSeconds > 250);
        Assert.Equal(0, period.Factor);
    }

    [Fact]
    public void Readings_later_than_any_turn_waits_for_measure_nothing()
    {
        var period = new Deliveries("CE-FCR", new Telling(1, 1, 0, 17, 0.1, Silent: false, 1), _ => 1, 200).Settle(0.1).Single();
        Assert.Equal((0, MeterSource.None, UnavailableReasons.NotMeasured), (period.MeasuredSeconds, period.Source, period.Reasons));
        Assert.Equal(0, period.Performance);
    }

    [Fact]
    public void A_reading_is_scored_however_fast_the_samples_come()
    {
        // Samples every 20 ms on a grid of 100 ms; the reading always belongs to the one that no step falls on.
        var live = new VirtualCompliance(ServiceCatalog.BuiltIn.Find("CE-FCR")!);
        for (var i = 0; i < 60 * 50; i++)
        {
            live.Add(i * 20_000_000L, 49.8, 0, 1, fresh: i % 50 == 2);
        }

        Assert.True(live.Score.Scored >= 59);
        Assert.Equal(0, live.Now.PredictedFactor);
    }

    [Fact]
    public void Half_of_what_was_due_is_to_be_shown()
    {
        Assert.Equal(1, new PeriodScore { ShownSteps = 50, UnshownSteps = 50 }.GetFactor(SettlementRule.None));
        Assert.Equal(0.5, new PeriodScore { ShownSteps = 25, UnshownSteps = 75 }.GetFactor(SettlementRule.None));
        Assert.Equal(0, new PeriodScore { UnshownSteps = 1 }.GetFactor(SettlementRule.FcrBand));
        Assert.Equal(1, default(PeriodScore).GetFactor(SettlementRule.GbDynamic));
    }

    [Fact]
    public void The_parts_of_a_period_make_the_score_of_the_whole() => Prop.ForAll(Draw(5, 0, 1, 2), Gen.Choose(70, 260).ToArbitrary(), (drawn, cut) =>
    {
        var (how, gain) = (drawn.How with { Silent = false }, (Func<double, double>)(at => at < cut ? 0.5 : 1));
        var whole = new Deliveries(drawn.Service, how, gain, drawn.Lasts).Settle(how.Turn).Single();
        var (run, sum, account) = (new Deliveries(drawn.Service, how, gain, drawn.Lasts), default(PeriodScore), (ContractAccount?)null);
        account = run.Account(Duration.FromMinutes(1));
        var halved = false;
        for (var i = 0; i * how.Turn < 300; i++)
        {
            if (i * how.Turn >= cut && !halved)
            {
                (halved, sum) = (true, account.Close().Aggregate(sum, (s, p) => s.Plus(p.Score)));
                account = run.Account(Duration.FromMinutes(1));
            }

            sum = account.Add(run.Turn(i * how.Turn)) is { } slice ? sum.Plus(slice.Score) : sum;
        }

        sum = account.Close().Aggregate(sum, (s, p) => s.Plus(p.Score));
        var rule = ServiceCatalog.BuiltIn.Find(drawn.Service)!.Settlement;

        // After the cut a service without a rule of its own is due again only after its time for full activation.
        var close = rule is SettlementRule.FcrBand or SettlementRule.GbDynamic ? 0.25 : 1;
        Assert.True(Math.Abs(sum.GetFactor(rule) - whole.Factor) <= close && (whole.Factor > 0.85 || sum.GetFactor(rule) < 0.99), $"{sum.GetFactor(rule)} instead of {whole.Factor}, {sum}, of {drawn}, cut at {cut}");
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(60));
}
