using System.Security.Cryptography;
using System.Text;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Documents;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Events;
using GridServices.Ieee2030Dot5.Service.Driver;
using GridServices.Ieee2030Dot5.Session;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Api;

/// <summary>Flow reservations: what a charging plan wants the utility to let flow.</summary>
internal static partial class ReservationEndpoints
{
    private const int MaxBody = 16 * 1024;

    public static void MapReservations(this IEndpointRouteBuilder routes)
    {
        var reservations = routes.MapGroup("/v1/clients/{clientKey}/reservations").RequirePermission(Permission.SeeSites).WithTags("Reservations");
        reservations.MapGet("/", List).WithName("listReservations").WithSummary("Flow reservations, and what the server grants of each").Produces<ListOrPage<ReservationItem>>();
        reservations.MapPost("/", CreateAsync).RequirePermission(Permission.Opt).WithName("createReservation").WithSummary("Ask the utility to let energy flow within a window (FlowReservationRequest)")
            .WithDescription("Stored before it is answered, and sent as soon as the server can be asked. From then on what flows in its direction within the window is limited to what the server has granted, at first to 0, until the reservation is deleted.")
            .ReadsHeader(IdempotencyKey.Header, "1 to 255 visible ASCII characters, e.g. a UUID: the same key with the same body makes one reservation, as long as that is kept.")
            .WritesHeader("Location", "Path of the reservation.").WritesHeader(StoredReply.ReplayedHeader, "true where an earlier request with this key made the reservation.")
            .Accepts<ReservationBody>("application/json").Produces<ReservationItem>(StatusCodes.Status201Created).Refuses(ErrorClass.Conflict).WritesETag();
        reservations.MapGet("/{reservationId}", Get).WithName("getReservation").WithSummary("One flow reservation").Produces<ReservationItem>().WritesETag();
        reservations.MapDelete("/{reservationId}", DeleteAsync).RequirePermission(Permission.Opt).WithName("deleteReservation").WithSummary("Withdraw a flow reservation")
            .WithDescription("Its limits end here at once; the server is told (requestStatus 1), and until it was the reservation stands as withdrawing. It is listed until a day after its window. Deleted again it does no harm.")
            .Produces(StatusCodes.Status204NoContent).TakesIfMatch();
    }

    private static IResult List(string clientKey, HttpContext http, ClientHost host, string? after = null, string? limit = null) =>
        Paging.Answer(after, limit, All(http.GetClient(host, clientKey).View).Select(r => ReservationItem.Create(r.SiteId, r.Reservation, r.Offset)), r => r.ReservationId);

    private static IResult Get(string clientKey, string reservationId, HttpContext http, ClientHost host)
    {
        var found = Find(http.GetClient(host, clientKey).View, reservationId) ?? throw Unknown(reservationId);
        http.Tag(ComputeTag(found.Reservation));
        return Results.Ok(ReservationItem.Create(found.SiteId, found.Reservation, found.Offset));
    }

    private static async Task<IResult> CreateAsync(string clientKey, HttpContext http, ClientHost host, SteadyClock clock, ILogger<ClientHost> log)
    {
        var client = http.GetClient(host, clientKey);
        var content = await http.Request.ReadBodyAsync(MaxBody, "application/json");
        var key = IdempotencyKey.Read(http, content.Span);
        if (StrictJson.Read<ReservationBody>(content, out var faults) is not { } body)
        {
            return ConfigProblem.Answer(http, faults);
        }

        var id = key is null ? $"res-{Guid.CreateVersion7():N}" : ComputeId(key);
        if (Find(client.View, id) is { } earlier)
        {
            return Again(http, client.View, earlier, key!);
        }

        var (wish, now) = (body.ToWish(), clock.GetCurrentInstant());
        if (ReservationRules.Check(client.View.Engine, wish, now) is { Count: > 0 } wrong)
        {
            return ConfigProblem.Answer(http, wrong);
        }

        var site = ReservationRules.FindSite(client.View.Engine, wish)!;
        var notes = await client.SubmitAsync(new DerInput.Reserve(site, new Reservation
        {
            Id = id,
            MRid = string.Empty,
            EnergyWh = wish.EnergyWh,
            PowerW = wish.PowerW,
            From = wish.From,
            Until = wish.Until,
            DurationS = (int?)wish.LeastDuration?.TotalSeconds,
            CreatedAt = now,
            Sha256 = key?.Sha256 ?? string.Empty,
        }), http.RequestAborted);
        var made = Find(client.View, id) ?? throw new ProblemException(ErrorClass.Conflict, notes.Count > 0 ? SafeText.Line(notes[^1].Text) : "The reservation is not taken.");
        var by = http.Caller().TokenId;
        LogCreated(log, client.Id, id, site, wish.EnergyWh, wish.PowerW, by);
        return Created(http, client.View, made);
    }

    private static async Task<IResult> DeleteAsync(string clientKey, string reservationId, HttpContext http, ClientHost host, ILogger<ClientHost> log)
    {
        var client = http.GetClient(host, clientKey);
        var found = Find(client.View, reservationId) ?? throw Unknown(reservationId);
        http.RequireMatch(ComputeTag(found.Reservation));
        await client.SubmitAsync(new DerInput.Withdraw(reservationId), http.RequestAborted);
        var by = http.Caller().TokenId;
        LogWithdrawn(log, client.Id, reservationId, by);
        return Results.NoContent();
    }

    // The key's reservation is in the client's state, committed with it: so there is nothing else to remember.
    private static IResult Again(HttpContext http, ClientView view, (string SiteId, Reservation Reservation, Duration Offset) earlier, IdempotencyKey key)
    {
        if (earlier.Reservation.Sha256 != key.Sha256)
        {
            throw new ProblemException(ErrorClass.SemanticId, $"This {IdempotencyKey.Header} was used for another request; send a new key with new content, or the same content again.", IdempotencyKey.Header);
        }

        http.Response.Headers[StoredReply.ReplayedHeader] = "true";
        return Created(http, view, earlier);
    }

    /// <summary>A site that goes takes its reservations out of everybody's reach, while the utility keeps capacity for them: they are withdrawn first.</summary>
    internal static void RequireNoneLeft(ClientView view, DerClientConfig next, Instant now)
    {
        var sites = next.AllDevices().Select(d => d.SiteId).ToHashSet(StringComparer.Ordinal);
        var left = All(view).FirstOrDefault(r => !sites.Contains(r.SiteId) && r.Reservation.Until > now
            && (r.Reservation.Phase is ReservationPhase.Wanted or ReservationPhase.Requested || IsBeingWithdrawn(r.Reservation, now)));
        if (left.Reservation is { } reservation)
        {
            throw new ProblemException(ErrorClass.Conflict, $"The server may hold reservation '{reservation.Id}' of site '{SafeText.Line(left.SiteId)}': delete it, and take the site out once it is withdrawn.");
        }
    }

    // A server that stays away keeps nobody from changing the client for ever.
    private static bool IsBeingWithdrawn(Reservation reservation, Instant now) =>
        reservation.Phase == ReservationPhase.Withdrawing && now - reservation.WithdrawnAt < Duration.FromHours(1);

    private static IResult Created(HttpContext http, ClientView view, (string SiteId, Reservation Reservation, Duration Offset) made)
    {
        http.Tag(ComputeTag(made.Reservation));
        return Results.Created($"/v1/clients/{view.Id.Key}/reservations/{made.Reservation.Id}", ReservationItem.Create(made.SiteId, made.Reservation, made.Offset));
    }

    /// <summary>Of what it asks for and whether it stands: neither the clock nor the server changes it.</summary>
    private static string ComputeTag(Reservation r) => EntityTags.Compute(new { r.Id, r.EnergyWh, r.PowerW, r.From, r.Until, r.DurationS, IsWithdrawn = !r.IsActive() });

    private static IEnumerable<(string SiteId, Reservation Reservation, Duration Offset)> All(ClientView view) =>
        view.Active().SelectMany(d => d.Reservations.Select(r => (d.SiteId, r, view.State.Clock.OffsetToMachine)));

    private static (string SiteId, Reservation Reservation, Duration Offset)? Find(ClientView view, string id) =>
        All(view).Where(r => string.Equals(r.Reservation.Id, id, StringComparison.Ordinal)).Select(r => ((string, Reservation, Duration)?)r).FirstOrDefault();

    private static string ComputeId(IdempotencyKey key) =>
        $"res-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{key.Tenant}\n{key.Path}\n{key.Key}")))[..32]}";

    private static ProblemException Unknown(string id) => new(ErrorClass.NotFound, $"The client has no reservation '{SafeText.Line(id)}'.");

    [LoggerMessage(EventId = EventIds.ReservationEndpointsCreated, Level = LogLevel.Information, Message = "Client {Client} reservation {ReservationId} of site {SiteId}: {EnergyWh} Wh at {PowerW} W asked for by {TokenId}")]
    private static partial void LogCreated(ILogger log, EngineId client, string reservationId, string siteId, long energyWh, long powerW, string tokenId);

    [LoggerMessage(EventId = EventIds.ReservationEndpointsWithdrawn, Level = LogLevel.Information, Message = "Client {Client} reservation {ReservationId} withdrawn by {TokenId}")]
    private static partial void LogWithdrawn(ILogger log, EngineId client, string reservationId, string tokenId);
}
