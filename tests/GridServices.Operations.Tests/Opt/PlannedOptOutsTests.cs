using GridServices.Operations.Opt;
using GridServices.Operations.Registry;
using NodaTime;

namespace GridServices.Operations.Tests.Opt;

public sealed class PlannedOptOutsTests
{
    private static readonly TwoPersonRule Two = new(Enabled: true, OptOutSites: 2);

    [Fact]
    public void Of_one_persons_plans_those_that_exceed_what_one_may_opt_out_at_a_time_are_beyond()
    {
        OptPlan[] plans = [Plan("a", 0, 4), Plan("b", 1, 3), Plan("c", 2, 5), Plan("d", 6, 9), Plan("e", 6, 9)];
        Assert.Equal(["c"], PlannedOptOuts.Beyond(Two, plans).Order(StringComparer.Ordinal));

        // The latest to be stated waits, wherever it lies; what was told before stays so.
        Assert.Equal(["a"], PlannedOptOuts.Beyond(Two, [.. plans.Select(p => p.Id == "a" ? p with { Updated = p.Updated with { At = p.Updated.At + Duration.FromMinutes(1) } } : p)]));
        Assert.Equal(["c", "f"], PlannedOptOuts.Beyond(Two, [.. plans, Plan("f", 1, 3)]).Order(StringComparer.Ordinal));
        Assert.Empty(PlannedOptOuts.Beyond(Two with { OptOutSites = 3 }, plans));
        Assert.Empty(PlannedOptOuts.Beyond(Two with { Enabled = false }, plans));
    }

    [Fact]
    public void What_does_not_count_together_is_not()
    {
        Assert.Empty(PlannedOptOuts.Beyond(Two, [Plan("a", 0, 2), Plan("b", 0, 2), Plan("c", 2, 4)]));
        Assert.Empty(PlannedOptOuts.Beyond(Two, [Plan("a", 0, 4), Plan("b", 0, 4), Plan("c", 0, 4) with { Updated = new Stamp(Sample.Now, "ben") }]));
        Assert.Empty(PlannedOptOuts.Beyond(Two, [Plan("a", 0, 4), Plan("b", 0, 4), Plan("c", 0, 4) with { Direction = OptDirection.In }]));
        Assert.Empty(PlannedOptOuts.Beyond(Two, [Plan("a", 0, 4), Plan("b", 0, 4), Plan("c", 0, 4) with { SiteId = "a" }]));
    }

    private static OptPlan Plan(string id, int from, int until) => new()
    {
        Id = id,
        Tenant = "default",
        Created = Sample.Stamp,
        Updated = Sample.Stamp,
        Version = 1,
        SiteId = id,
        From = Sample.Now + Duration.FromHours(from),
        Until = Sample.Now + Duration.FromHours(until),
        Direction = OptDirection.Out,
        Reason = OptReason.Economic,
    };
}
