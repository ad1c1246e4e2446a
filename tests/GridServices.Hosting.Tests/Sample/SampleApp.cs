using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Publishing;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using NodaTime;

namespace GridServices.Hosting.Tests.Sample;

/// <summary>A service as services are written: the least that meets every promise of Hosting.</summary>
public static class SampleApp
{
    public static ServiceIdentity Identity { get; } = new("sample", 5199, typeof(SampleApp).Assembly);

    public static WebApplication Build(string[] args) => Build(args, _ => { });

    public static WebApplication Build(string[] args, Action<WebApplicationBuilder> more) => Build(args, more, Identity);

    public static WebApplication Build(string[] args, Action<WebApplicationBuilder> more, ServiceIdentity identity)
    {
        var builder = GridService.CreateBuilder(args, identity);
        builder.Services.AddOutbox();
        more(builder);
        var app = builder.Build();
        app.UseGridService();
        app.MapGet("/v1/whoami", (HttpContext context) => context.Caller().TokenId);
        app.MapGet("/v1/sites/{siteId}", (string siteId, HttpContext context) =>
        {
            context.Caller().RequireSite(siteId);
            return new Site(siteId, Instant.FromUtc(2027, 1, 15, 18, 0), Duration.FromMinutes(2), TargetKind.EvseGroup, null);
        }).WithName("getSite");
        app.MapPost("/v1/publish", () => "published").RequireRole(Role.Publisher);
        app.MapPost("/v1/control", () => "controlled").RequireRole(Role.Controller);
        app.MapPost("/v1/echo", async (HttpRequest request) =>
            Results.Bytes((await request.ReadBodyAsync(2 * 1024 * 1024, "application/json", "application/xml")).ToArray(), "application/octet-stream"))
            .WithMetadata(new AcceptsMetadata(["*/*"], typeof(Site)));
        app.MapPost("/v1/small", async (HttpRequest request) =>
            (await request.ReadBodyAsync(100, "application/json")).Length)
            .WithMetadata(new AcceptsMetadata(["*/*"], typeof(Site)));
        app.MapPost("/v1/bind", (Site site) => site);
        app.MapGet("/v1/boom", string () => throw new InvalidOperationException("the secret of the house"));
        app.MapGet("/v1/stop-token", async (HttpContext context) => await SlowStreamAsync(context));
        app.MapPost("/v1/notes", async (Store store, IClock clock) => await store.WriteAsync(tx => tx.Connection!.ExecuteAsync(
            "INSERT INTO note (author, written_at, payload) VALUES ('me', @now, @payload)", new { now = clock.GetCurrentInstant(), payload = new byte[4096] }, tx)));
        app.MapGet("/v1/open", () => "open").Open();
        return app;
    }

    private static async Task SlowStreamAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        await context.Response.WriteAsync(": hello\n\n");
        await context.Response.Body.FlushAsync();
        var ending = context.RequestLifetimeToken();
        try
        {
            await Task.Delay(Timeout.Infinite, ending);
        }
        catch (OperationCanceledException)
        {
            await context.Response.WriteAsync(": bye\n\n", CancellationToken.None);
        }
    }
}

public sealed record Site(string Id, Instant At, Duration Every, TargetKind Kind, string? Note);
