using GridServices.Contracts;
using Microsoft.AspNetCore.Http;

namespace GridServices.Hosting;

/// <summary>A stand-by answers probes, and 503 to everything else: it knows nothing of what holds, and "no limit" would be the worst guess.</summary>
internal sealed class StandbyGate(RequestDelegate next, Standby standby)
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(5);

    public Task InvokeAsync(HttpContext context) =>
        standby.WaitsFor is null || context.GetEndpoint()?.Metadata.GetMetadata<OpenToAll>() is { LoopbackOnly: true }
            ? next(context)
            : throw new ProblemException(
                ErrorClass.Unavailable, "This instance is a stand-by: another one works on the same store. Send this to that one; when it ends, this one takes over by itself.")
            {
                RetryAfter = AskAgain,
            };
}
