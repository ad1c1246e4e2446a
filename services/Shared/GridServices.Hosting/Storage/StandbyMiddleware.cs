using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Refusals;
using Microsoft.AspNetCore.Http;

namespace GridServices.Hosting.Storage;

/// <summary>A stand-by answers probes, and 503 to everything else: it knows nothing of what holds, and "no limit" would be the worst guess.</summary>
internal sealed class StandbyMiddleware(RequestDelegate next, Standby standby)
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(5);

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<OpenToAll>() is { LoopbackOnly: true })
        {
            await next(context);
            return;
        }

        // One that was stopped and goes on, or that is cut off from the database, may have been overtaken: it tells nothing before it has looked.
        if (!standby.MayTell)
        {
            throw new ProblemException(
                ErrorClass.Unavailable, "This instance is a stand-by, or does not know whether it is: another one may work on the same store. Send this to that one; when it ends, this one takes over by itself.")
            {
                RetryAfter = AskAgain,
            };
        }

        // An answer under way ends with the right to give it: an endless one would go on telling from memory, and a held one would tell it late.
        await using var doubt = standby.Doubt.UnsafeRegister(static context => ((HttpContext)context!).Abort(), context);
        await next(context);
    }
}
