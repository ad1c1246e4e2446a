using System.Globalization;
using GridServices.Contracts;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using GridServices.Operations.Access;
using GridServices.Operations.Events;
using GridServices.Operations.Opt;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Api;

/// <summary>Events of all utilities, and persons' choices about them.</summary>
internal static class EventEndpoints
{
    internal static void MapEvents(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/events").WithTags("Events").AddEndpointFilter<RouteGroupBuilder, FormRefusals>();
        group.MapGet("/", ListAsync).Needs(UserPermission.SeeSites).WithName("listEvents").WithSummary("Events by their start, a page at a time")
            .WithDescription("Those that touch [from, until). filter takes program:CODE. Only sites that the token sees are named in them.").Produces<Page<EventItem>>();
        group.MapGet("/{id}", GetAsync).Needs(UserPermission.SeeSites).WithName("getEvent").WithSummary("One event: everything the utility said, and every site")
            .WithDescription("revisions are as told, oldest first; the last one holds.").Produces<EventItem>().WritesETag();
        group.MapPut("/{id}/sites/{siteId}/opt", OptAsync).Needs(UserPermission.Opt).WithName("putEventOpt").WithSummary("Opt a site in to or out of an event")
            .WithDescription("Kept first, then told to the utility by the OpenAdr service, and told again whenever that says otherwise, e.g. after a new registration.")
            .Accepts<OptBody>(OperationsWire.Json).Produces<EventItem>().TakesIfMatch("The ETag of the event, or *: done only while the event is as it was read. Absent: done whatever has changed.").Refuses(ErrorClass.Conflict);
        group.MapPost("/{id}/opt", OptManyAsync).Needs(UserPermission.Opt).WithName("optEventSites").WithSummary("Opt many sites in or out at once")
            .WithDescription("An opt-out of more sites than the tenant's rule of two persons allows waits for a second person: 202.")
            .Accepts<OptManyBody>(OperationsWire.Json).Produces<EventItem>().Produces<ApprovalItem>(StatusCodes.Status202Accepted).PointsToWork().TakesIdempotencyKey().Refuses(ErrorClass.Conflict);
    }

    private static async Task<IResult> ListAsync(
        HttpContext http, EventStore events, SiteStore sites, SettingsStore settings, IClock clock, string? filter = null, string? from = null, string? until = null, string? after = null, string? limit = null)
    {
        var shown = await ShownAsync(http, sites, settings);
        var list = ListQuery.Parse(filter, null, after, limit);
        var page = await events.PageAsync(http.Actor().Tenant, new EventQuery(list.Limit)
        {
            From = AuditEndpoints.At(from, "from"),
            Until = AuditEndpoints.At(until, "until"),
            After = Cursor(after),
            Sites = shown,
            Program = list.Filter!.Select(f => f.Field == "program" ? f.Value : throw new ProblemException(ErrorClass.SemanticCode, "The field of events is program.", "filter")).FirstOrDefault(),
        }, http.RequestAborted);
        var now = clock.GetCurrentInstant();
        return OperationsWire.Answer(new Page<EventItem>([.. page.Items.Select(e => EventItem.From(e, shown, now))], page.Next));
    }

    private static async Task<IResult> GetAsync(string id, HttpContext http, EventStore events, SiteStore sites, SettingsStore settings, IClock clock)
    {
        var shown = await ShownAsync(http, sites, settings);
        var held = await RequireAsync(id, http, events, shown);
        http.Tag(GetETag(held));
        return OperationsWire.Answer(EventItem.From(held, shown, clock.GetCurrentInstant()));
    }

    private static string GetETag(HeldEvent held) => $"\"{held.Id}-{held.Version}\"";

    private static async Task<IResult> OptAsync(
        string id, string siteId, HttpContext http, EventStore events, SiteStore sites, SettingsStore settings, OptReconciler reconciler,
        OperationsStore operations, IClock clock)
    {
        var body = OperationsWire.Read<OptBody>(await http.Request.ReadBodyAsync(OperationsWire.MaxBody, OperationsWire.Json));
        var shown = await ShownAsync(http, sites, settings);
        var held = await RequireAsync(id, http, events, shown);
        await RequireAccessAsync(http, sites, settings, [siteId]);
        await operations.WriteAsync(
            http.Actor(),
            async transaction =>
            {
                // As it is now: a revision may have come since it was read.
                var current = await events.FindAsync(transaction.Tx, transaction.Actor.Tenant, held.Id)
                    ?? throw new ProblemException(ErrorClass.NotFound, $"There is no event '{SafeText.Line(id)}' here.");
                http.RequireMatch(GetETag(current));
                await OptCommands.ChooseAsync(transaction, current, [siteId], body);
            },
            http.RequestAborted);
        await reconciler.SendChoicesAsync(held, http.RequestAborted);
        return OperationsWire.Answer(EventItem.From(await RequireAsync(id, http, events, shown), shown, clock.GetCurrentInstant()));
    }

    private static async Task<IResult> OptManyAsync(string id, HttpContext http, EventStore events, SiteStore sites, SettingsStore settings, OptReconciler reconciler, IClock clock)
    {
        var body = await http.Request.ReadBodyAsync(OperationsWire.MaxBody, OperationsWire.Json);
        var read = OperationsWire.Read<OptManyBody>(body);
        var shown = await ShownAsync(http, sites, settings);
        var held = await RequireAsync(id, http, events, shown);
        var wanted = read.SiteIds.Count > 0 ? read.SiteIds : [.. held.Event.Sites.Where(s => s.State == SiteEventState.Held && shown?.Contains(s.SiteId) != false).Select(s => s.SiteId)];
        await RequireAccessAsync(http, sites, settings, wanted);
        var answer = await http.OnceAsync(body, async transaction => await OptCommands.ChooseAsync(transaction, held, wanted, new OptBody { Direction = read.Direction, Reason = read.Reason, Text = read.Text }) is { } approval
            ? PostAnswer.Accepted($"/v1/approvals/{approval.Id}", approval)
            : PostAnswer.Ok(EventItem.From(held, shown, clock.GetCurrentInstant())));
        await reconciler.SendChoicesAsync(held, http.RequestAborted);
        return answer;
    }

    private static async Task<IReadOnlySet<string>?> ShownAsync(HttpContext http, SiteStore sites, SettingsStore settings)
    {
        var actor = http.Actor();
        return await sites.ShownAsync(actor.Tenant, AccessRules.Filter(actor.Grants, UserPermission.SeeSites, (await settings.GetAsync(actor.Tenant, http.RequestAborted)).Access), http.RequestAborted);
    }

    private static async Task RequireAccessAsync(HttpContext http, SiteStore sites, SettingsStore settings, IReadOnlyList<string> siteIds)
    {
        var actor = http.Actor();
        var access = (await settings.GetAsync(actor.Tenant, http.RequestAborted)).Access;
        var places = await sites.PlacesAsync(actor.Tenant, siteIds, http.RequestAborted);
        foreach (var siteId in siteIds)
        {
            actor.Require(UserPermission.Opt, places.GetValueOrDefault(siteId)?.Target ?? new AccessTarget { SiteId = siteId }, access);
        }
    }

    /// <summary>An event of which the caller sees no site does not exist for it.</summary>
    internal static async Task<HeldEvent> RequireAsync(string id, HttpContext http, EventStore events, IReadOnlySet<string>? shown) =>
        await events.FindAsync(http.Actor().Tenant, id, http.RequestAborted) is { } held && (shown is null || held.Event.Sites.Any(s => shown.Contains(s.SiteId)))
            ? held
            : throw new ProblemException(ErrorClass.NotFound, $"There is no event '{SafeText.Line(id)}' here.");

    private static (long At, string Id)? Cursor(string? after) => after is null ? null
        : after.Split('~') is [var at, var id] && long.TryParse(at, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var ticks) ? (ticks, id)
        : throw new ProblemException(ErrorClass.CursorInvalid, "This is no cursor of events; start again without after.", "after");
}

/// <summary>A person's choice for many sites.</summary>
public sealed record OptManyBody
{
    public required OptDirection Direction { get; init; }
    public required OptReason Reason { get; init; }
    public string? Text { get; init; }

    /// <summary>Absent: all sites of the event that the caller sees.</summary>
    public IReadOnlyList<string> SiteIds { get; init; } = [];
}

/// <summary>An event as it is answered.</summary>
public sealed record EventItem
{
    public required string Id { get; init; }
    public required EventPhase Phase { get; init; }
    public required EventCounts Counts { get; init; }
    public required Event Event { get; init; }

    internal static EventItem From(HeldEvent held, IReadOnlySet<string>? shown, Instant now)
    {
        var e = held.Narrow(shown).Event;
        return new EventItem { Id = held.Id, Phase = e.PhaseAt(now), Counts = EventCounts.Count(e), Event = e };
    }
}
