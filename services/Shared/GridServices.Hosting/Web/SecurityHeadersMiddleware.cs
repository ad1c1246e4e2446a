using Microsoft.AspNetCore.Http;

namespace GridServices.Hosting.Web;

/// <summary>No answer is to be taken for another type than it states; who came by TLS once is to come by TLS from then on.</summary>
internal sealed class SecurityHeadersMiddleware(RequestDelegate next)
{
    private const string OneYear = "max-age=31536000";

    public Task InvokeAsync(HttpContext context)
    {
        context.Response.OnStarting(
            static state =>
            {
                var http = (HttpContext)state;
                http.Response.Headers.XContentTypeOptions = "nosniff";
                if (http.Request.IsHttps)
                {
                    http.Response.Headers.StrictTransportSecurity = OneYear;
                }

                return Task.CompletedTask;
            },
            context);
        return next(context);
    }
}
