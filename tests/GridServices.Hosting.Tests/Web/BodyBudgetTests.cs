using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using GridServices.Testing;
using Microsoft.AspNetCore.Http;

namespace GridServices.Hosting.Tests.Web;

/// <summary>Large bodies are bounded together, not only each for itself.</summary>
public sealed class BodyBudgetTests
{
    private const int Large = 16 * 1024 * 1024;

    [Fact]
    public void A_share_is_refused_while_others_hold_it_and_had_again_when_they_are_answered()
    {
        using var budget = new BodyBudget(new ManualTimeProvider());
        var held = Enumerable.Range(0, 3).Select(_ => Request(budget)).ToList();
        var refused = Assert.Throws<ProblemException>(() => Request(budget));
        Assert.Equal((ErrorClass.Backpressure, TimeSpan.FromSeconds(1)), (refused.Class, refused.RetryAfter));
        held[0]();
        Request(budget);
        Assert.Equal(3L * Large, budget.Taken);
    }

    [Fact]
    public void One_body_alone_is_always_taken()
    {
        using var budget = new BodyBudget(new ManualTimeProvider());
        budget.Acquire(new DefaultHttpContext(), int.MaxValue);
        Assert.Equal(int.MaxValue, budget.Taken);
    }

    private static Action Request(BodyBudget budget)
    {
        var ended = new List<IDisposable>();
        var context = new DefaultHttpContext();
        context.Features.Set<Microsoft.AspNetCore.Http.Features.IHttpResponseFeature>(new Ending(ended));
        budget.Acquire(context, Large);
        return () => ended.ForEach(share => share.Dispose());
    }

    private sealed class Ending(List<IDisposable> shares) : Microsoft.AspNetCore.Http.Features.HttpResponseFeature
    {
        public override void OnCompleted(Func<object, Task> callback, object state)
        {
            if (state is IDisposable share)
            {
                shares.Add(share);
            }
        }
    }
}
