using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace GridServices.Hosting.Web;

/// <summary>When an endless answer must end.</summary>
public static class RequestLifetime
{
    /// <summary>Cancelled when the client goes away or the service stops: what a stream (SSE, long poll) waits with, so that shutdown is quick.</summary>
    public static CancellationToken RequestLifetimeToken(this HttpContext context)
    {
        var life = context.RequestServices.GetRequiredService<IHostApplicationLifetime>();
        var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, life.ApplicationStopping);
        context.Response.RegisterForDispose(either);
        return either.Token;
    }
}
