using System.Security.Cryptography;
using System.Text;
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

/// <summary>A VEN's own opts (EiOpt): about one event or its resources, and schedules.</summary>
internal static partial class OptEndpoints
{
    private const int MaxBody = 64 * 1024;

    public static void MapOpts(this IEndpointRouteBuilder routes)
    {
        var opts = routes.MapGroup("/v1/vens/{venKey}/opts").RequirePermission(Permission.SeeSites).WithTags("Opts");
        opts.MapGet("/", List).WithName("listOpts").WithSummary("Opts and where each stands with the VTN").Produces<ListOrPage<OptItem>>();
        opts.MapPost("/", CreateAsync).RequirePermission(Permission.Opt).WithName("createOpt").WithSummary("Opt in or out by oadrCreateOpt: one event, some of its resources, or a schedule")
            .WithDescription("Stored before it is answered; holds here at once and is told to the VTN as soon as that is possible. Either eventId, or periods. A later schedule with the same optType, marketContext and resourceIds replaces the earlier one.")
            .ReadsHeader(IdempotencyKey.Header, "1 to 255 visible ASCII characters, e.g. a UUID: the same key with the same body makes one opt, as long as that is kept.")
            .WritesHeader("Location", "Path of the opt.").WritesHeader(StoredReply.ReplayedHeader, "true where an earlier request with this key made the opt.")
            .Accepts<OptBody>("application/json").Produces<OptItem>(StatusCodes.Status201Created).Refuses(ErrorClass.Conflict).WritesETag();
        opts.MapGet("/{optId}", Get).WithName("getOpt").WithSummary("One opt").Produces<OptItem>().WritesETag();
        opts.MapDelete("/{optId}", DeleteAsync).RequirePermission(Permission.Opt).WithName("deleteOpt").WithSummary("Cancel an opt schedule")
            .WithDescription("Ends here at once; the VTN is told by oadrCancelOpt, and until it says so the opt stands as cancelling. An opt about an event can't be cancelled (409) unless the VTN refused it: make another one that says the opposite.")
            .Produces(StatusCodes.Status204NoContent).Refuses(ErrorClass.Conflict).TakesIfMatch();
    }

    private static IResult List(string venKey, HttpContext http, VenHost host, string? after = null, string? limit = null)
    {
        var view = http.GetVen(host, venKey).View;
        return Paging.Answer(after, limit, view.State.Opts.Select(o => OptItem.From(view, o)), o => o.OptId);
    }

    private static IResult Get(string venKey, string optId, HttpContext http, VenHost host)
    {
        var view = http.GetVen(host, venKey).View;
        var opt = Find(view, optId) ?? throw Unknown(optId);
        http.Tag(ComputeTag(opt));
        return Results.Ok(OptItem.From(view, opt));
    }

    private static async Task<IResult> CreateAsync(string venKey, HttpContext http, VenHost host, IClock clock, ILogger<VenHost> log)
    {
        var ven = http.GetVen(host, venKey);
        var content = await http.Request.ReadBodyAsync(MaxBody, "application/json");
        var key = IdempotencyKey.Read(http, content.Span);
        if (StrictJson.Read<OptBody>(content, out var faults) is not { } body)
        {
            return ConfigProblem.Answer(http, faults);
        }

        var optId = key is null ? $"opt-{Guid.CreateVersion7():N}" : ComputeOptId(key);
        if (Find(ven.View, optId) is { } earlier)
        {
            return Again(http, ven.View, earlier, key!);
        }

        var request = body.ToRequest();
        if (OptRules.Check(ven.View.Config, ven.View.State, request, clock.GetCurrentInstant()) is { Count: > 0 } wrong)
        {
            return ConfigProblem.Answer(http, wrong);
        }

        var (by, reason, actor) = (http.Caller().TokenId, ChoiceText.Reason(body.Reason), ChoiceText.Actor(body.Actor));
        var notes = await ven.SubmitAsync(new VenInput.OptWanted(optId, request, reason, by, actor, key?.Sha256), http.RequestAborted);
        var made = Find(ven.View, optId)
            ?? throw new ProblemException(ErrorClass.Conflict, notes.Count > 0 ? SafeText.Line(notes[^1].Text) : "The opt is not taken.");
        if (key is not null && made.RequestSha256 != key.Sha256)
        {
            // Two requests with one key at once: the other one was first.
            return Again(http, ven.View, made, key);
        }

        var (about, whose) = (request.EventId is { } id ? SafeText.Line(id) : "a schedule", actor is null ? by : $"{actor} through {by}");
        LogCreated(log, ven.Id, optId, request.OptType, request.OptReason, about, whose);
        return Created(http, ven.View, made);
    }

    // The key's opt is in the VEN's state, committed with it: so there is nothing else to remember.
    private static IResult Again(HttpContext http, VenView view, VenOpt earlier, IdempotencyKey key)
    {
        if (earlier.RequestSha256 != key.Sha256)
        {
            throw new ProblemException(ErrorClass.SemanticId, $"This {IdempotencyKey.Header} was used for another request; send a new key with new content, or the same content again.", IdempotencyKey.Header);
        }

        http.Response.Headers[StoredReply.ReplayedHeader] = "true";
        return Created(http, view, earlier);
    }

    private static IResult Created(HttpContext http, VenView view, VenOpt opt)
    {
        http.Tag(ComputeTag(opt));
        return Results.Created($"/v1/vens/{view.Id.Key}/opts/{opt.OptId}", OptItem.From(view, opt));
    }

    private static async Task<IResult> DeleteAsync(string venKey, string optId, HttpContext http, VenHost host, ILogger<VenHost> log)
    {
        var ven = http.GetVen(host, venKey);
        var opt = Find(ven.View, optId) ?? throw Unknown(optId);
        http.RequireMatch(ComputeTag(opt));
        if (opt.FindCancelObstacle(ven.View.State) is { } why)
        {
            throw new ProblemException(ErrorClass.Conflict, why);
        }

        var by = http.Caller().TokenId;
        await ven.SubmitAsync(new VenInput.OptWithdrawn(optId, by), http.RequestAborted);
        LogCancelled(log, ven.Id, opt.OptId, by);
        return Results.NoContent();
    }

    /// <summary>Of what an opt says and whether it is to go: neither the clock nor the VTN changes it.</summary>
    private static string ComputeTag(VenOpt opt) => EntityTags.Compute(new { opt.OptId, opt.Request, opt.Choice, IsCancelled = opt.CancelledAt is not null });

    private static VenOpt? Find(VenView view, string optId) => view.State.Opts.FirstOrDefault(o => string.Equals(o.OptId, optId, StringComparison.Ordinal));

    private static string ComputeOptId(IdempotencyKey key) =>
        $"opt-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{key.Tenant}\n{key.Path}\n{key.Key}")))[..32]}";

    private static ProblemException Unknown(string optId) => new(ErrorClass.NotFound, $"The VEN has no opt '{SafeText.Line(optId)}'.");

    [LoggerMessage(EventId = EventIds.OptEndpointsCreated, Level = LogLevel.Information, Message = "VEN {Ven} opt {OptId}: {Opt} ({OptReason}) about {About} made by {TokenId}")]
    private static partial void LogCreated(ILogger log, EngineId ven, string optId, Messages.OptType opt, string optReason, string about, string tokenId);

    [LoggerMessage(EventId = EventIds.OptEndpointsCancelled, Level = LogLevel.Information, Message = "VEN {Ven} opt {OptId} cancelled by {TokenId}")]
    private static partial void LogCancelled(ILogger log, EngineId ven, string optId, string tokenId);
}
