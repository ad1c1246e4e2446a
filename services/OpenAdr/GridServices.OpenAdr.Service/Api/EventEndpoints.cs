using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Documents;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using GridServices.OpenAdr.Events;
using GridServices.OpenAdr.Service.Driver;
using NodaTime;

namespace GridServices.OpenAdr.Service.Api;

/// <summary>The events a VEN holds, and people's choices about them.</summary>
internal static partial class EventEndpoints
{
    private const int MaxBody = 64 * 1024;

    public static void MapEvents(this IEndpointRouteBuilder routes)
    {
        var events = routes.MapGroup("/v1/vens/{venKey}/events").RequirePermission(Permission.SeeSites).WithTags("Events");
        events.MapGet("/", List).WithName("listEvents").WithSummary("Events as they stand now: held, refused with their codes, and gone ones with a person's choice").Produces<ListOrPage<EventItem>>();
        events.MapGet("/{eventId}", Get).WithName("getEvent").WithSummary("One event").Produces<EventItem>().WritesETag();
        events.MapPut("/{eventId}/opt", OptAsync).RequirePermission(Permission.Opt).WithName("putOpt").WithSummary("Opt in to or out of an event")
            .WithDescription("Stored before it is answered, then told to the VTN; opting out withdraws the event's limits at once.")
            .Accepts<OptChoice>("application/json").Produces<EventItem>().Refuses(ErrorClass.Conflict).TakesIfMatch().WritesETag();
    }

    private static IResult List(string venKey, HttpContext http, VenHost host, IClock clock, string? after = null, string? limit = null)
    {
        var state = http.GetVen(host, venKey).View.State;
        var now = clock.GetCurrentInstant();
        var events = EventItem.All(state, now);
        return Paging.Answer(after, limit, events, e => e.EventId);
    }

    private static IResult Get(string venKey, string eventId, HttpContext http, VenHost host, IClock clock)
    {
        var state = http.GetVen(host, venKey).View.State;
        var found = Named(EventItem.All(state, clock.GetCurrentInstant()), e => e.EventId, eventId);
        http.Tag(ComputeTag(found));
        return Results.Ok(found);
    }

    /// <summary>Of what a choice is about, and of the choice: neither the clock nor the VTN's acknowledgement changes it.</summary>
    private static string ComputeTag(EventItem item) => EntityTags.Compute(new { item.EventId, item.ModificationNumber, item.OptType, item.OptBy, item.OptActor, item.OptReason, item.OptAt });

    private static async Task<IResult> OptAsync(string venKey, string eventId, HttpContext http, VenHost host, IClock clock, ILogger<VenHost> log)
    {
        var ven = http.GetVen(host, venKey);
        http.RequireMatch(ComputeTag(EventItem.From(ven.View.State, GetEvent(ven.View.State, eventId), clock.GetCurrentInstant())));
        if (StrictJson.Read<OptChoice>(await http.Request.ReadBodyAsync(MaxBody, "application/json"), out var faults) is not { } choice)
        {
            return ConfigProblem.Answer(http, faults);
        }

        eventId = GetEvent(ven.View.State, eventId).Id;
        var (safeId, by) = (SafeText.Line(eventId), http.Caller().TokenId);
        var (reason, actor) = (ChoiceText.Reason(choice.Reason), ChoiceText.Actor(choice.Actor));
        var notes = await ven.SubmitAsync(new VenInput.OptChosen(eventId, choice.OptType, reason, by, actor), http.RequestAborted);
        var held = GetEvent(ven.View.State, eventId);
        if (held.Opt != choice.OptType)
        {
            throw new ProblemException(ErrorClass.Conflict, notes.Count > 0 ? SafeText.Line(notes[^1].Text) : "The event's program does not allow this choice.");
        }

        LogOpt(log, ven.Id, safeId, choice.OptType, actor is null ? by : $"{actor} through {by}", reason ?? "none given");
        var item = EventItem.From(ven.View.State, held, clock.GetCurrentInstant());
        http.Tag(ComputeTag(item));
        return Results.Ok(item);
    }

    private static HeldEvent GetEvent(VenState state, string eventId) => Named(state.Events, e => e.Id, eventId);

    // Routing leaves %2F as it is, and a VTN may name an event by a URL.
    private static T Named<T>(IEnumerable<T> events, Func<T, string> id, string asked)
        where T : class
    {
        var all = events.ToList();
        var unescaped = asked.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        return all.Find(e => id(e) == asked) ?? all.Find(e => id(e) == unescaped)
            ?? throw new ProblemException(ErrorClass.NotFound, $"The VEN holds no event '{SafeText.Line(unescaped)}'.");
    }

    [LoggerMessage(EventId = EventIds.EventEndpointsOpt, Level = LogLevel.Information, Message = "VEN {Ven} event {EventId}: {Opt} chosen by {TokenId}, reason: {Reason}")]
    private static partial void LogOpt(ILogger log, EngineId ven, string eventId, Messages.OptType opt, string tokenId, string reason);
}
