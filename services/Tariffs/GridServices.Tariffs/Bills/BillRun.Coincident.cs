using System.Collections.Immutable;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Bills;

/// <summary>Step 2: demand at called system peaks, of this cycle or of an earlier year by its tags.</summary>
internal sealed partial class BillRun
{
    private readonly SortedDictionary<string, SortedSet<LocalDate>> untagged = new(StringComparer.Ordinal);

    /// <summary>
    /// Days on which tags hold are billed by them; calls in them set the tag of a later year. The other days are billed, for their share of the cycle, by the cycle's calls
    /// on such days; a sum pays each of its calls in full, at the price of its own version.
    /// </summary>
    private void Coincident(BillSegment segment, DemandCharge charge, CoincidentPeak rule)
    {
        var calls = CalledPeaks.Find(plan, rule.Event, segment.Cycle).RemoveAll(c => TagsOn(charge.Id, GetDate(c)).Length > 0);
        foreach (var stretch in Stretches(segment, charge.Id))
        {
            var part = segment with { Span = stretch };
            if (TagsOn(charge.Id, stretch.From) is { Length: > 0 } tags)
            {
                Tagged(part, charge, rule, tags, FindVersionName(segment));
            }
            else if (calls.IsEmpty)
            {
                totals.Unpriced = true;
                (untagged.TryGetValue(charge.Id, out var days) ? days : untagged[charge.Id] = []).Add(stretch.From);
            }
            else
            {
                var paid = rule.Combine == PeakCombination.Sum ? calls.RemoveAll(c => GetDate(c) < stretch.From || GetDate(c) >= stretch.Until) : calls;
                Called(rule.Combine == PeakCombination.Sum ? part with { Span = plan.Cycles[part.Cycle] } : part, charge, rule, paid, FindVersionName(segment));
            }
        }
    }

    private LocalDate GetDate(WindowSpan call) => Instant.FromUnixTimeSeconds(call.From).InZone(plan.Zone).Date;

    private void Tagged(BillSegment part, DemandCharge charge, CoincidentPeak rule, CoincidentTag[] tags, string? version)
    {
        var kw = Combined(rule, [.. tags.Select(t => t.Kw)]);
        Tiers(part, charge, charge.Rates[0], rounding.RoundKw(Math.Max(kw, charge.MinimumKw ?? 0)), new LineDetail(
            charge.Rates[0].Period, null, version, [.. tags.Select(t => t.At).OfType<Instant>()], Note: JoinReasons([$"{rule.Combine} of {tags.Length} tags of the account", Least(charge, kw)])));
    }

    private void Called(BillSegment part, DemandCharge charge, CoincidentPeak rule, ImmutableArray<WindowSpan> calls, string? version)
    {
        var measured = calls.Select(c => (Call: c, Load: peaks.Known(c))).ToArray();
        foreach (var (call, load) in measured.Where(m => m.Load.Seconds < m.Call.Seconds))
        {
            totals.Unpriced = true;
            notes.Add($"the meter has {(load.Seconds == 0 ? "no reading" : "readings of a part only")} of the call of '{rule.Event}' at {Instant.FromUnixTimeSeconds(call.From)}: "
                + (load.Seconds == 0 ? "it is not on the bill yet" : "the mean of that part was taken"));
        }

        measured = [.. measured.Where(m => m.Load.Seconds > 0)];
        if (measured.Length > 0)
        {
            var kw = Combined(rule, [.. measured.Select(m => m.Load.Kw)]);
            Tiers(part, charge, charge.Rates[0], rounding.RoundKw(Math.Max(kw, charge.MinimumKw ?? 0)), new LineDetail(
                charge.Rates[0].Period, null, version, [.. measured.Select(m => Instant.FromUnixTimeSeconds(m.Call.From))],
                    Note: JoinReasons([$"{rule.Combine} over {measured.Length} called peaks", Least(charge, kw)])));
        }
    }

    private static string? Least(DemandCharge charge, decimal kw) => kw < charge.MinimumKw ? $"minimum billing demand {charge.MinimumKw:0.######} kW; at the peaks {kw:0.######} kW" : null;

    private static decimal Combined(CoincidentPeak rule, decimal[] kw) => rule.Combine switch
    {
        PeakCombination.Max => kw.Max(),
        PeakCombination.Mean => kw.Sum() / kw.Length,
        _ => kw.Sum(),
    };

    /// <summary>The segment's days, cut where a tag begins or ends to hold.</summary>
    private IEnumerable<BillingCycle> Stretches(BillSegment segment, string charge)
    {
        var edges = TagDays.GetTags(account, charge).SelectMany(t => new[] { TagDays.First(t, plan.Zone), TagDays.End(t, plan.Zone) }).OfType<LocalDate>()
            .Where(d => d > segment.Span.From && d < segment.Span.Until).Distinct().Order();
        var from = segment.Span.From;
        foreach (var until in edges.Append(segment.Span.Until))
        {
            yield return new BillingCycle(from, until);
            from = until;
        }
    }

    private CoincidentTag[] TagsOn(string charge, LocalDate day) => TagDays.On(account, charge, day, plan.Zone);

    private void CheckTags()
    {
        var known = plan.Versions.SelectMany(v => v.Source.Demand).Where(d => d.Coincident is not null).Select(d => d.Id).Distinct(StringComparer.Ordinal).ToArray();
        foreach (var tag in account.CoincidentTags)
        {
            if (tag.Charge is { } charge && !known.Contains(charge))
            {
                throw new BillRefusedException($"account.coincidentTags names '{charge}', which is no coincident charge of the tariff; it has {(known.Length == 0 ? "none" : string.Join(", ", known))}");
            }

            if (tag.Kw < 0 || tag.From >= tag.Until)
            {
                throw new BillRefusedException("a coincident tag has kw of at least 0 and holds from a day until a later one");
            }
        }
    }

    private void NoteTags()
    {
        foreach (var (charge, days) in untagged)
        {
            notes.Add($"the charge '{charge}' is for called system peaks; from {string.Join(", ", days.Select(d => d.ToString("uuuu-MM-dd", null)))} on neither a call nor a tag is known, so it is not on the bill yet: "
                + "give account.coincidentTags (the kW at the peaks that these days are billed by; 0 if there were none), or the calls in events");
        }
    }
}
