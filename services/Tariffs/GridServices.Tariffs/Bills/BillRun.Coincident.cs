using System.Collections.Immutable;
using NodaTime;

namespace GridServices.Tariffs;

/// <summary>Step 2: demand at called system peaks, of this cycle or of an earlier year by its tags.</summary>
internal sealed partial class BillRun
{
    private readonly SortedDictionary<string, SortedSet<LocalDate>> untagged = new(StringComparer.Ordinal);

    /// <summary>Calls of the rule's kind that start in the segments, as intervals [From, Until).</summary>
    internal static IEnumerable<(int From, int Until)> Called(BillPlan plan, CoincidentPeak rule, IReadOnlyCollection<BillSegment> segments) =>
        from e in plan.Events
        where e.Kind == rule.Event
        let called = (From: plan.Grid.IndexAt(e.From), Until: plan.Grid.IndexAt(e.Until))
        where called.Until > called.From && segments.Any(s => called.From >= s.From && called.From < s.Until)
        select called;

    /// <summary>Days on which tags hold are billed by them; calls in them set the tag of a later year. Other days are billed by their calls.</summary>
    private void Coincident(BillSegment segment, DemandCharge charge, CoincidentPeak rule)
    {
        foreach (var stretch in Stretches(segment, charge.Id))
        {
            var part = segment with { Span = stretch, From = plan.At(stretch.From), Until = plan.At(stretch.Until) };
            if (TagsOn(charge.Id, stretch.From) is { Length: > 0 } tags)
            {
                Tagged(part, charge, rule, tags, VersionOf(segment));
            }
            else if (Called(plan, rule, [part]).ToArray() is { Length: > 0 } called)
            {
                Called(part, charge, rule, called, VersionOf(segment));
            }
            else if (!Called(plan, rule, [.. plan.SegmentsOf(segment.Cycle)]).Any())
            {
                totals.Unpriced = true;
                (untagged.TryGetValue(charge.Id, out var days) ? days : untagged[charge.Id] = []).Add(stretch.From);
            }
        }
    }

    private void Tagged(BillSegment part, DemandCharge charge, CoincidentPeak rule, CoincidentTag[] tags, string? version)
    {
        var kw = Combined(rule, [.. tags.Select(t => t.Kw)]);
        Tiers(part, charge, charge.Rates[0], rounding.OfKw(kw), new LineDetail(
            charge.Rates[0].Period, null, version, [.. tags.Select(t => t.At).OfType<Instant>()], Note: $"{rule.Combine} of {tags.Length} tags of the account"));
    }

    private void Called(BillSegment part, DemandCharge charge, CoincidentPeak rule, (int From, int Until)[] called, string? version)
    {
        var kw = Combined(rule, [.. called.Select(c => data.Net.Kw(Import(c.From, c.Until - c.From), c.Until - c.From))]);
        Tiers(part with { Span = plan.Cycles[part.Cycle] }, charge, charge.Rates[0], rounding.OfKw(kw), new LineDetail(
            charge.Rates[0].Period, null, version, [.. called.Select(c => StartOf(c.From))], Note: $"{rule.Combine} over {called.Length} called peaks"));
    }

    private static decimal Combined(CoincidentPeak rule, decimal[] kw) => rule.Combine switch
    {
        PeakCombination.Max => kw.Max(),
        PeakCombination.Mean => kw.Sum() / kw.Length,
        _ => kw.Sum(),
    };

    /// <summary>The segment's days, cut where a tag begins or ends to hold.</summary>
    private IEnumerable<BillingCycle> Stretches(BillSegment segment, string charge)
    {
        var edges = TagsOf(charge).SelectMany(t => new[] { FirstDay(t), EndDay(t) }).OfType<LocalDate>()
            .Where(d => d > segment.Span.From && d < segment.Span.Until).Distinct().Order();
        var from = segment.Span.From;
        foreach (var until in edges.Append(segment.Span.Until))
        {
            yield return new BillingCycle(from, until);
            from = until;
        }
    }

    private IEnumerable<CoincidentTag> TagsOf(string charge) => account.CoincidentTags.Where(t => t.Charge is null || t.Charge == charge);

    private CoincidentTag[] TagsOn(string charge, LocalDate day) =>
        [.. TagsOf(charge).Where(t => (FirstDay(t) is not { } first || first <= day) && (EndDay(t) is not { } end || day < end))];

    /// <summary>A tag with its moment alone is billed in the calendar year after it.</summary>
    private LocalDate? FirstDay(CoincidentTag tag) => tag.From ?? (tag.Until is null && tag.At is { } at ? new LocalDate(at.InZone(plan.Zone).Year + 1, 1, 1) : null);

    private LocalDate? EndDay(CoincidentTag tag) => tag.Until ?? (tag.From is null && tag.At is { } at ? new LocalDate(at.InZone(plan.Zone).Year + 2, 1, 1) : null);

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
