using System.Collections.Immutable;
using System.Text.Json;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Settlement;
using GridServices.Tariffs.Time;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Tariffs.Tests.Settlement;

public sealed class KnownBaselines
{
    [Fact]
    public void Every_baseline_rule_selects_the_expected_days_and_delivers_the_expected_energy()
    {
        var failures = KnownData.Cases("baseline", "bl_*.json").SelectMany(c => Check(c.Id, c.Case)).ToList();
        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    [Fact]
    public void The_capacity_ladder_pays_every_rung_as_expected()
    {
        var known = KnownData.Json(KnownData.GetPath("baseline/settle_ladder_a.json"));
        var ladder = known.GetProperty("ladder").EnumerateArray().Select(s => new LadderStep(
            Optional(s, "ratio_from"), Optional(s, "ratio_to"), Enum.Parse<LadderKind>(s.GetProperty("kind").GetString()!, ignoreCase: true), Optional(s, "value"))).ToImmutableArray();
        foreach (var expected in known.GetProperty("expected").EnumerateArray())
        {
            var paid = CapacityLadder.Pay(ladder, known.GetProperty("nominated_kw").GetDecimal(), known.GetProperty("price_per_kw").GetDecimal(), expected.GetProperty("delivered_kw").GetDecimal());
            Assert.Equal(expected.GetProperty("payment").GetDecimal(), paid.Payment);
            Assert.Equal(expected.GetProperty("ratio").GetDecimal(), paid.Ratio);
        }
    }

    private static decimal? Optional(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDecimal() : null;

    private static IEnumerable<string> Check(string id, JsonElement known)
    {
        LocalDate Date(string text) => LocalDatePattern.Iso.Parse(text).Value;
        var date = Date(known.GetProperty("event_date").GetString()!);
        var load = KnownData.Column(known.GetProperty("load").GetString()!);
        known.Numbers("event_day_actual_kw").CopyTo(load, (date.DayOfYear - 1) * 24);
        var hours = known.GetProperty("event_hours").EnumerateArray().Select(h => h.GetInt32()).ToArray();
        var outcome = Baseline.Compute(
            Rule(known.GetProperty("rule")),
            new DemandResponseEvent(date, hours[0], hours[1]),
            KnownData.Series(load, 60),
            DateTimeZoneProviders.Tzdb[KnownData.TypicalZone],
            known.GetProperty("prior_event_days").EnumerateArray().Select(d => Date(d.GetString()!)).ToHashSet(),
            new HolidayCalendar([.. known.GetProperty("holidays").EnumerateArray().Select(d => new Holiday { Date = Date(d.GetString()!) })]));
        return Compare(known.GetProperty("expected"), outcome).Select(d => $"{id}: {d}");
    }

    private static IEnumerable<string> Compare(JsonElement expected, BaselineOutcome outcome)
    {
        string Days(IEnumerable<LocalDate> days) => string.Join(' ', days.Select(LocalDatePattern.Iso.Format));
        string Names(string name) => string.Join(' ', expected.GetProperty(name).EnumerateArray().Select(d => d.GetString()));
        foreach (var (name, wanted, actual) in new[]
        {
            ("candidates", Names("candidate_days"), Days(outcome.Candidates)),
            ("selected", Names("selected_days"), Days(outcome.Selected)),
            ("excluded", string.Join(' ', expected.GetProperty("excluded").EnumerateArray().Select(d => d[0].GetString())), Days(outcome.Days.Where(d => d.Reason == "event day").Select(d => d.Date))),
        })
        {
            if (wanted != actual)
            {
                yield return $"{name}: expected {wanted}, got {actual}";
            }
        }

        foreach (var (name, actual) in new (string, decimal[])[]
        {
            ("unadjusted_kw", [.. outcome.UnadjustedKw]),
            ("adjustment_raw", [outcome.AdjustmentRaw]),
            ("adjustment_applied", [outcome.AdjustmentApplied]),
            ("adjusted_kw", [.. outcome.AdjustedKw]),
            ("delivered_kwh", [.. outcome.DeliveredKwh.OfType<decimal>()]),
            ("delivered_total_kwh", [outcome.DeliveredTotalKwh]),
            ("energy_payment_at_0_25", [DemandResponseSettlement.Compute(outcome, new DemandResponseTerms { EnergyPrice = 0.25m }).Total]),
        })
        {
            var value = expected.GetProperty(name);
            foreach (var difference in KnownData.Differences(name, value.ValueKind == JsonValueKind.Array ? expected.Numbers(name) : [value.GetDecimal()], actual, 0.0000001m))
            {
                yield return difference;
            }
        }
    }

    private static BaselineRule Rule(JsonElement rule) => new()
    {
        Name = rule.GetProperty("name").GetString()!,
        WindowDays = rule.GetProperty("window_days").GetInt32(),
        Select = rule.GetProperty("select").GetInt32(),
        DropHighest = (int)(Optional(rule, "drop_high") ?? 0),
        MaxLookbackDays = rule.GetProperty("max_lookback_days").GetInt32(),
        LowUsageShare = Optional(rule, "low_usage_exclusion"),
        Adjustment = Enum.Parse<AdjustmentMethod>(rule.GetProperty("adj").GetString()!, ignoreCase: true),
        AdjustmentHours = [.. rule.GetProperty("adj_hours").EnumerateArray().Select(h => h.GetInt32())],
        AdjustmentCap = Optional(rule, "cap"),
    };
}
