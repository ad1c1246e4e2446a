using GridServices.Contracts;
using GridServices.Hosting.Refusals;

namespace GridServices.EnvelopeHub.Service.Nodes;

/// <summary>What is told of sites ends, and is refused, while this instance has not seen the shared store for too long.</summary>
internal sealed class StoreFreshnessMiddleware(RequestDelegate next, StoreFreshness freshness)
{
    private static readonly PathString Sites = "/v1/sites";
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(2);

    public async Task InvokeAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method) || !context.Request.Path.StartsWithSegments(Sites, StringComparison.OrdinalIgnoreCase))
        {
            await next(context);
            return;
        }

        if (!freshness.MayTell)
        {
            throw new ProblemException(
                ErrorClass.Unavailable, "This instance could not look at the shared store for some time, so what it holds may be old. Ask another instance, or this one again.")
            {
                RetryAfter = AskAgain,
            };
        }

        // A stream under way ends with it: it would go on with what may be old.
        await using var doubt = freshness.Doubt.UnsafeRegister(static context => ((HttpContext)context!).Abort(), context);
        await next(context);
    }
}
