using GridServices.Contracts;
using Microsoft.AspNetCore.Http;

namespace GridServices.Hosting;

/// <summary>A stand-by answers probes, and 503 to everything else: it knows nothing of what holds, and "no limit" would be the worst guess.</summary>
internal sealed class StandbyGate(RequestDelegate next, Standby standby, Store store)
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(5);

    // One that was stopped and goes on may have been overtaken: what it holds in memory is not told before it has looked.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(PostgreSqlOwner.SilenceSeconds);

    public Task InvokeAsync(HttpContext context) =>
        (standby.WaitsFor is null && !(store.HasOneWriter && standby.Unsure > Silence)) || context.GetEndpoint()?.Metadata.GetMetadata<OpenToAll>() is { LoopbackOnly: true }
            ? next(context)
            : throw new ProblemException(
                ErrorClass.Unavailable, "This instance is a stand-by, or does not know whether it is: another one may work on the same store. Send this to that one; when it ends, this one takes over by itself.")
            {
                RetryAfter = AskAgain,
            };
}
