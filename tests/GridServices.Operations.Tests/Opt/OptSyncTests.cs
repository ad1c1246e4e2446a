using GridServices.Operations.Events;
using GridServices.Operations.Opt;
using NodaTime;

namespace GridServices.Operations.Tests.Opt;

public sealed class OptSyncTests
{
    private static readonly Instant Chosen = Sample.Now;
    private static readonly SentOpt[] Told = [new(OptState.Out, OptBasis.Person, "ann", "economic: inventory"), new(OptState.In, OptBasis.Plan, "ann", "participating: opt plan")];

    [Fact]
    public void Our_own_word_is_told_over_however_far_the_service_s_clock_is_ahead()
    {
        var there = new SiteOpt(OptState.Out, OptSource.User, "ann", "economic: inventory", Chosen + Duration.FromSeconds(5));
        Assert.Equal(OptStep.Tell, OptSync.Decide(there, OptState.In, Chosen, Told));
        Assert.Equal(OptStep.Flag, OptSync.Decide(there, OptState.In, Chosen, []));
    }

    [Fact]
    public void Somebody_else_s_later_word_is_shown_and_an_earlier_one_is_told_over()
    {
        var there = new SiteOpt(OptState.Out, OptSource.User, "ben", "economic: inventory", Chosen + Duration.FromSeconds(5));
        Assert.Equal(OptStep.Flag, OptSync.Decide(there, OptState.In, Chosen, Told));
        Assert.Equal(OptStep.Flag, OptSync.Decide(there with { Who = "ann", Reason = "emergency" }, OptState.In, Chosen, Told));
        Assert.Equal(OptStep.Tell, OptSync.Decide(there with { At = Chosen - Duration.FromSeconds(5) }, OptState.In, Chosen, Told));
        Assert.Equal(OptStep.Tell, OptSync.Decide(there with { By = OptSource.Rule }, OptState.In, Chosen, Told));
        Assert.Equal(OptStep.Nothing, OptSync.Decide(there, OptState.Out, Chosen, Told));
    }

    [Fact]
    public void What_was_told_for_a_plan_is_known_again_as_such()
    {
        Assert.Equal(OptBasis.Plan, OptSync.FindOwn(new SiteOpt(OptState.In, OptSource.User, "ann", "participating: opt plan"), Told)?.Basis);
        Assert.Null(OptSync.FindOwn(new SiteOpt(OptState.In, OptSource.Rule, "ann", "participating: opt plan"), Told));
        Assert.Null(OptSync.FindOwn(SiteOpt.NotAsked, Told));
    }
}
