using FsCheck;
using FsCheck.Fluent;
using GridServices.Adapters.Lines;
using GridServices.Contracts;
using static GridServices.Adapters.Tests.Some;

namespace GridServices.Adapters.Tests.Lines;

public sealed class PartMergeTests
{
    [Fact]
    public void Nobody_states_anything_at_any_part_is_nothing_stated() => Assert.Empty(PartMerge.Merge([[], []]));

    [Fact]
    public void At_every_instant_no_more_is_allowed_than_at_any_part() => Prop.ForAll(Views, Views, (site, part) =>
    {
        var both = site with { Segments = PartMerge.Merge([site.Segments, part.Segments]), IsKnown = true };
        return both.Segments.Select(s => s.From).Append(Now).All(at => Enum.GetValues<Quantity>().All(quantity =>
            Allowed(both, quantity, at) == Least(Allowed(site with { IsKnown = true }, quantity, at), Allowed(part with { IsKnown = true }, quantity, at))));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Who_is_bound_to_two_parts_is_off_where_one_of_them_must_be()
    {
        var merged = PartMerge.Merge([View(known: true, (60, Import(5))).Segments, View(known: true, (20, new EffectiveLimits { Energize = Bound(false) }), (40, EffectiveLimits.None)).Segments]);
        Assert.Equal([(5L, false), (5, true)], merged.Select(s => (s.Limits.ImportLimitW!.Value, s.Limits.Energize is null)));
        Assert.Null(merged[^1].Until);
    }

    private static long? Least(long? a, long? b) => a is null ? b : b is null ? a : Math.Min(a.Value, b.Value);
}
