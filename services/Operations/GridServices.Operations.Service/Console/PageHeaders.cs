using Microsoft.AspNetCore.Mvc.RazorPages;

namespace GridServices.Operations.Service.Console;

/// <summary>What a browser may do with our pages: nothing inside of them runs or styles, nothing is asked of anybody else, no other site frames them, no cache keeps them.</summary>
internal sealed class PageHeaders(RequestDelegate next)
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<PageActionDescriptor>() is not null)
        {
            var headers = context.Response.Headers;
            headers.ContentSecurityPolicy = Policy;
            headers.CacheControl = "no-cache, no-store";
            headers["Referrer-Policy"] = "same-origin";
        }

        return next(context);
    }
}
