using GridServices.Hosting;
using GridServices.Hosting.Auth;
using GridServices.Operations.Service.Export;

namespace GridServices.Operations.Service.Feeds;

/// <summary>Files that are made by a job, and calendars that programs subscribe to.</summary>
internal static class FeedsSetup
{
    internal static void AddFeeds(this WebApplicationBuilder builder) => builder.Services
        .AddSingleton<ExportStore>().AddSingleton<ExportWriter>().AddSingleton<CalendarFeeds>().AddRecurringJob<ExportJob>(ExportJob.Name, "* * * * *", runsAtStart: true);

    /// <summary>The secret in the address is the permission: calendar programs send no other.</summary>
    internal static void MapFeeds(this IEndpointRouteBuilder routes) => routes.MapGet("/calendar/{token}.ics", async (string token, HttpContext http, CalendarFeeds feeds) =>
    {
        http.Response.Headers.CacheControl = "private, no-store";
        http.Response.Headers["Referrer-Policy"] = "no-referrer";
        return await feeds.ReadAsync(token, http.RequestAborted) is { } calendar ? Results.Text(calendar, "text/calendar", System.Text.Encoding.UTF8) : Results.NotFound();
    }).Open().ExcludeFromDescription();
}
