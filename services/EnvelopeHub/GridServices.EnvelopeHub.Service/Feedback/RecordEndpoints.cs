using System.Globalization;
using GridServices.Contracts;
using GridServices.EnvelopeHub.Service.Sites;
using GridServices.Hosting.Auth;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using NodaTime;

namespace GridServices.EnvelopeHub.Service.Feedback;

/// <summary>Receipts and readings of a site, for people and reports.</summary>
internal static class RecordEndpoints
{
    private static readonly Duration Usual = Duration.FromHours(24);
    private const string Window = "[from, until) by the items' own instants; absent: until is now, and from 24 h before it. keptSince tells from when on all that came in is still here; damaged, how many items of the page were changed in the store and are left out.";

    public static void MapFeedbackRecords(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/sites/{siteId}/receipts", ReceiptsAsync)
            .RequirePermission(Permission.SeeSites, Role.Publisher)
            .WithName("listReceipts").WithTags("Feedback")
            .WithSummary("Receipts of a site as they were posted, oldest first")
            .WithDescription(Window)
            .Explains("from", "Start of the window, RFC 3339 in UTC; absent = 24 hours before until.")
            .Explains("until", "End of the window, exclusive, RFC 3339 in UTC; absent = now.")
            .Explains("after", "The next of the page before: the page goes on after it.")
            .Produces<SiteReceipts>().Refuses(ErrorClass.CursorInvalid);
        routes.MapGet("/v1/sites/{siteId}/telemetry", ReadingsAsync)
            .RequirePermission(Permission.SeeSites, Role.Publisher)
            .WithName("listTelemetry").WithTags("Feedback")
            .WithSummary("Readings of a site and of the assets behind it as they were posted, oldest first")
            .WithDescription(Window)
            .Explains("from", "Start of the window, RFC 3339 in UTC; absent = 24 hours before until.")
            .Explains("until", "End of the window, exclusive, RFC 3339 in UTC; absent = now.")
            .Explains("after", "The next of the page before: the page goes on after it.")
            .Produces<SiteReadings>().Refuses(ErrorClass.CursorInvalid);
    }

    private static async Task<IResult> ReceiptsAsync(string siteId, string? from, string? until, HttpContext http, FeedbackRecords records, IClock clock, string? after = null, string? limit = null)
    {
        var key = SiteAccess.Require(http, siteId);
        var (window, page) = (TimeWindow.Read(from, until, clock.GetCurrentInstant(), Usual), ParsePage(after, limit));
        var parts = (page.After ?? string.Empty).Split('.');
        var (at, sequence) = (long.MinValue, 0L);
        if (page.After is not null && (parts.Length != 2 || !TryNumber(parts[0], out at) || !TryNumber(parts[1], out sequence)))
        {
            throw Unreadable();
        }

        return await records.ReceiptsAsync(key, window, (at, sequence), page.Limit, http.RequestAborted) is { } found ? Answer(http, found) : throw Unknown(siteId);
    }

    private static async Task<IResult> ReadingsAsync(string siteId, string? from, string? until, HttpContext http, FeedbackRecords records, IClock clock, string? after = null, string? limit = null)
    {
        var key = SiteAccess.Require(http, siteId);
        var (window, page) = (TimeWindow.Read(from, until, clock.GetCurrentInstant(), Usual), ParsePage(after, limit));
        var parts = (page.After ?? string.Empty).Split('/');
        if (page.After is not null && (parts.Length != 2 || !TryNumber(parts[0], out _) || !(parts[1].Length == 0 || Identifiers.IsSafe(parts[1]))))
        {
            throw Unreadable();
        }

        return await records.ReadingsAsync(key, window, page.After, page.Limit, http.RequestAborted) is { } found ? Answer(http, found) : throw Unknown(siteId);
    }

    private static Paging ParsePage(string? after, string? limit) => Paging.Parse(after, limit) ?? new Paging(null, Paging.Most);

    private static bool TryNumber(string text, out long number) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);

    private static IResult Answer<T>(HttpContext http, T found)
    {
        http.Response.Headers.CacheControl = "no-store";
        return Results.Json(found, ContractJson.Options);
    }

    private static ProblemException Unreadable() => new(ErrorClass.CursorInvalid, "after is the next of the page before, as it is.", "after");

    // A mistyped site must not read as one that fed nothing back.
    private static ProblemException Unknown(string siteId) =>
        new(ErrorClass.NotFound, $"The hub has never heard of site '{siteId}'. GET /v1/sites lists those it knows.", "siteId");
}
