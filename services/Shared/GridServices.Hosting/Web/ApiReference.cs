using System.Security.Cryptography;
using GridServices.Hosting.Auth;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Scalar.AspNetCore;

namespace GridServices.Hosting.Web;

/// <summary><c>/docs</c>: the OpenAPI document as a page to read and try. Everything on it comes from this service; its policy lets it ask nobody else.</summary>
internal static class ApiReference
{
    private const int NonceBytes = 16;

    internal static void MapApiReference(this WebApplication app, ServiceIdentity identity) => app
        .MapScalarApiReference("/docs", (options, http) => Set(options, http, identity))
        .OpenOnLoopback();

    private static void Set(ScalarOptions options, HttpContext http, ServiceIdentity identity)
    {
        var nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(NonceBytes));
        http.Response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        http.Response.Headers.CacheControl = "no-store";
        options.Nonce = nonce;
        options.Title = "GridServices " + identity.Name;
        options.OpenApiRoutePattern = "/openapi/{documentName}.json";
        options.DefaultFonts = false;
        options.Telemetry = false;
        options.Agent = new ScalarAgentOptions { Disabled = true };
        options.Mcp = new ScalarMcpOptions { Disabled = true };
        options.Servers = [new ScalarServer($"{http.Request.Scheme}://{http.Request.Host}")];
    }
}
