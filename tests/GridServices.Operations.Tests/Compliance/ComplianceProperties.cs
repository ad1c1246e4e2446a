using FsCheck;
using FsCheck.Fluent;
using GridServices.Operations.Compliance;
using GridServices.Operations.Events;
using NodaTime;
using static GridServices.Operations.Tests.Compliance.ComplianceCase;

namespace GridServices.Operations.Tests.Compliance;

public sealed class ComplianceProperties
{
    private static readonly Arbitrary<(byte[], NonNegativeInt, NonNegativeInt)> Drawn = ArbMap.Default.ArbFor<(byte[], NonNegativeInt, NonNegativeInt)>();

    [Fact]
    public void Splitting_the_meter_s_intervals_changes_no_number() => Prop.ForAll(Drawn, drawn =>
    {
        var (whole, parts) = (Input(drawn), new[] { 1, 3, 5, 15 }[drawn.Item2.Get % 4]);
        var split = whole with { Meter = [.. whole.Meter.SelectMany(m => Split(m, parts))] };
        return Numbers(ComplianceCalculator.Report(whole)) == Numbers(ComplianceCalculator.Report(split));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Splitting_baseline_and_limits_changes_no_number() => Prop.ForAll(Drawn, drawn =>
    {
        var whole = Input(drawn);
        var at = Start + Duration.FromMinutes(1 + drawn.Item2.Get % 238);
        var split = whole with
        {
            Baseline = [new BaselineInterval(Start, at, 100), new BaselineInterval(at, End, 100)],
            Limits = [new LimitStep(Start, at, true, 50_000), new LimitStep(at, End, true, 50_000)],
        };
        return Numbers(ComplianceCalculator.Report(whole)) == Numbers(ComplianceCalculator.Report(split));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Repeating_readings_changes_no_number() => Prop.ForAll(Drawn, drawn =>
    {
        var whole = Input(drawn) with { Meter = [] };
        var finer = whole with { Readings = [.. whole.Readings.SelectMany(r => new[] { r, r with { At = r.At + Duration.FromSeconds(30) } })] };
        return Numbers(ComplianceCalculator.Report(whole)) == Numbers(ComplianceCalculator.Report(finer));
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0, null)]
    [InlineData(-1, null)]
    [InlineData(0, 1)]
    [InlineData(-2, 1)]
    public void Missing_data_never_raise_the_score_nor_make_a_limit_kept(int floor, int? cap) => Prop.ForAll(Drawn, drawn =>
    {
        var full = Input(drawn) with { Terms = Terms with { ScoreFloor = floor, ScoreCap = cap } };
        var index = drawn.Item2.Get % 16;
        var (from, until) = (Start + Duration.FromMinutes(15 * index), Start + Duration.FromMinutes(15 * (index + 1)));
        var less = full with
        {
            Meter = [.. full.Meter.Where((_, i) => i != index)],
            Readings = [.. full.Readings.Where(r => r.At < from - Duration.FromMinutes(5) || r.At >= until)],
        };
        var (before, after) = (ComplianceCalculator.Report(full), ComplianceCalculator.Report(less));
        return after.Score <= before.Score && after.CountedKwh <= before.CountedKwh && after.NominatedKwh == before.NominatedKwh
            && after.Status == ReportStatus.Preliminary && after.Limit.Respected != LimitAnswer.Yes && after.Limit.OverWh <= before.Limit.OverWh;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_score_is_within_cap_and_floor_and_its_sums() => Prop.ForAll(Drawn, drawn =>
    {
        var report = ComplianceCalculator.Report(Input(drawn) with { Terms = Terms with { ScoreCap = 1.2m, ScoreFloor = -0.5m } });
        return report.Score is >= -0.5m and <= 1.2m && Math.Abs(report.Score.Value * report.NominatedKwh - report.CountedKwh) < 0.001m;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void More_load_never_raises_the_score() => Prop.ForAll(Drawn, drawn =>
    {
        var input = Input(drawn);
        var index = drawn.Item2.Get % 16;
        var more = input with { Meter = [.. input.Meter.Select((m, i) => i == index ? m with { Kwh = m.Kwh + drawn.Item3.Get % 50 } : m)] };
        return ComplianceCalculator.Report(more).Score <= ComplianceCalculator.Report(input).Score;
    }).QuickCheckThrowOnFailure();

    /// <summary>Sixteen quarter hours of -56 to 199 kW, and readings that say the same.</summary>
    private static ComplianceInput Input((byte[] Load, NonNegativeInt, NonNegativeInt) drawn)
    {
        int Kw(int i) => (drawn.Load.Length == 0 ? 70 : drawn.Load[i % drawn.Load.Length]) - 56;
        return ComplianceCase.Input() with { Meter = [.. Meter(Start, End, 15, i => Kw(i))], Readings = [.. Readings(Start, End, 60, i => Kw(i / 15) * 1000L)] };
    }

    private static IEnumerable<MeterInterval> Split(MeterInterval m, int parts) =>
        Enumerable.Range(0, parts).Select(i => new MeterInterval(m.From + Duration.FromMinutes(15.0 / parts * i), m.From + Duration.FromMinutes(15.0 / parts * (i + 1)), m.Kwh / parts));

    private static (decimal?, decimal, decimal, decimal, decimal, string, ReportStatus) Numbers(ComplianceReport r) =>
        (Rounded(r.Score), Rounded(r.DeliveredKwh)!.Value, Rounded(r.CountedKwh)!.Value, Rounded(r.Limit.OverWh)!.Value, r.Limit.UnknownSeconds, r.VerdictText, r.Status);

    private static decimal? Rounded(decimal? value) => value is { } v ? decimal.Round(v, 4) : null;
}
