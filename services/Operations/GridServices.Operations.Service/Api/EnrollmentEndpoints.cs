using GridServices.Contracts;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using GridServices.Operations.Access;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Provisioning;
using GridServices.Operations.Service.Readiness;
using GridServices.Operations.Service.Registry;

namespace GridServices.Operations.Service.Api;

/// <summary>Enrollments, their actions and documents, and nominations.</summary>
internal static class EnrollmentEndpoints
{
    private const int MaxDocument = 20 * 1024 * 1024;
    private const string AnyFile = "application/octet-stream";

    private static readonly Dictionary<string, CommandKind> Actions = new(StringComparer.Ordinal)
    {
        ["submit"] = CommandKind.Submit,
        ["review"] = CommandKind.Review,
        ["accept"] = CommandKind.Accept,
        ["reject"] = CommandKind.Reject,
        ["provision"] = CommandKind.Provision,
        ["override-test"] = CommandKind.OverrideTest,
        ["suspend"] = CommandKind.Suspend,
        ["resume"] = CommandKind.Resume,
        ["end"] = CommandKind.End,
        ["withdraw"] = CommandKind.Withdraw,
        ["reopen"] = CommandKind.Reopen,
    };

    internal static void MapEnrollments(this WebApplication app)
    {
        var enrollments = app.Endpoints<Enrollment, EnrollmentBody>(app.Services.GetRequiredService<EnrollmentHandler>(), new("enrollments", "Enrollment", "Enrollments", "Enrollments"));
        var group = app.MapGroup("/v1/enrollments/{id}").WithTags("Enrollments").AddEndpointFilter<RouteGroupBuilder, FormRefusals>();
        group.MapPost("/{action}", (string id, string action, HttpContext http, EnrollmentActions actions) => ActAsync(id, action, http, enrollments, actions))
            .Needs(UserPermission.EditSites).WithName("actOnEnrollment").WithSummary("Lead an enrollment on")
            .WithDescription($"action: {string.Join(", ", Actions.Keys)}. Those that take something away need a reason; accept and reject take the utility's reference. "
                + "end waits for a second person where the tenant's rule says so: 202 with the approval to be decided.")
            .Accepts<CommandBody>(isOptional: true, OperationsWire.Json).Produces<Enrollment>().Produces<ApprovalItem>(StatusCodes.Status202Accepted).PointsToWork().TakesIdempotencyKey().Refuses(ErrorClass.Conflict);
        group.MapPost("/test", (string id, HttpContext http, TestLimits tests) => TestAsync(id, http, enrollments, tests))
            .Needs(UserPermission.EditSites).WithName("testEnrollment").WithSummary("Run the readiness test: an advisory limit of a minute to the site's controller")
            .WithDescription("It is the connection's own limit, so it binds nobody. Passed once the controller has taken it, failed after two minutes without that; the outcome shows in the enrollment's state and required actions. 409 where the enrollment is not in test.")
            .Produces<Enrollment>(StatusCodes.Status202Accepted).PointsToWork().TakesIdempotencyKey().Refuses(ErrorClass.Conflict);
        group.MapPost("/drift/{decision}", (string id, string decision, HttpContext http, DriftCommands commands, CancellationToken ct) => DecideAsync(id, decision, http, enrollments, commands, ct))
            .Needs(UserPermission.EditSites).WithName("decideEnrollmentDrift").WithSummary("What to do about documents that were changed by hand at a service")
            .WithDescription("decision: take-over (what is there is wanted from now on) or restore (ours takes its place again, with If-Match of what was seen).")
            .Produces<Enrollment>().WritesETag().TakesIdempotencyKey().Refuses(ErrorClass.Conflict, ErrorClass.Unavailable);
        group.MapGet("/status", (string id, HttpContext http, EnrollmentStatusReader status, CancellationToken ct) => StatusAsync(id, http, enrollments, status, ct))
            .Needs(UserPermission.SeeSites).WithName("getEnrollmentStatus").WithSummary("Lamps, what is written at the services, what they refused, and what is found there instead")
            .WithDescription("Lamps say unknown, with since when, while a service does not answer.").Produces<EnrollmentStatus>();
        group.MapPut("/documents/{name}", (string id, string name, HttpContext http, EnrollmentDocuments documents, string? fileName = null) => PutDocumentAsync(id, name, fileName, http, enrollments, documents))
            .Needs(UserPermission.EditSites).WithName("putEnrollmentDocument").WithSummary("Hand in a document that the program asks for")
            .WithDescription("Any file of up to 20 MB; name is the template's name of the document.").Accepts<byte[]>(AnyFile).Produces<Enrollment>()
            .TakesIfMatch("The ETag of the enrollment, which the document becomes part of, or *: done only while that is still held. Absent: done whatever is held.").WritesETag();
        group.MapGet("/documents/{name}", (string id, string name, HttpContext http, EnrollmentDocuments documents, CancellationToken ct) => GetDocumentAsync(id, name, http, enrollments, documents, ct))
            .Needs(UserPermission.SeePersonalData).WithName("getEnrollmentDocument").WithSummary("A document as it was handed in").WithDescription("As a download.")
            .Produces(StatusCodes.Status200OK, contentType: AnyFile);
        app.MapSignatures(enrollments);
        MapNominations(app);
    }

    private static void MapNominations(WebApplication app)
    {
        var handler = app.Services.GetRequiredService<NominationHandler>();
        var nominations = app.Endpoints<Nomination, NominationBody>(handler, new("nominations", "Nomination", "Nominations", "Nominations"));
        app.MapPost("/v1/nominations/{id}/submit", async (string id, HttpContext http) =>
            {
                await nominations.RequireAsync(http, id, UserPermission.EditSites);
                return await http.OnceAsync(default, async transaction => PostAnswer.Ok(await handler.SubmitAsync(transaction, await nominations.HeldAsync(transaction, id))));
            })
            .Needs(UserPermission.EditSites).WithTags("Nominations").WithName("submitNomination").WithSummary("Hand a nomination in")
            .WithDescription("Confirms one that was filled in from the period before, too.").Produces<Nomination>().TakesIdempotencyKey().Refuses(ErrorClass.Conflict);
    }

    private static async Task<IResult> ActAsync(string id, string action, HttpContext http, EntityEndpoints<Enrollment, EnrollmentBody> enrollments, EnrollmentActions actions)
    {
        if (!Actions.TryGetValue(action, out var kind))
        {
            throw new ProblemException(ErrorClass.NotFound, $"There is no action '{SafeText.Line(action)}'; there are {string.Join(", ", Actions.Keys)}.");
        }

        var body = http.Request.HasBody() ? await http.Request.ReadBodyAsync(OperationsWire.MaxBody, OperationsWire.Json) : default;
        var read = body.IsEmpty ? new CommandBody() : OperationsWire.Read<CommandBody>(body);
        await enrollments.RequireAsync(http, id, UserPermission.EditSites);
        return await http.OnceAsync(body, async transaction =>
        {
            var done = await actions.ExecuteAsync(transaction, await enrollments.HeldAsync(transaction, id), new LifecycleCommand(kind, read.Reason, read.Reference));
            return done.Approval is { } approval ? PostAnswer.Accepted($"/v1/approvals/{approval.Id}", approval) : PostAnswer.Ok(done.Enrollment);
        });
    }

    private static async Task<IResult> TestAsync(string id, HttpContext http, EntityEndpoints<Enrollment, EnrollmentBody> enrollments, TestLimits tests)
    {
        await enrollments.RequireAsync(http, id, UserPermission.EditSites);
        return await http.OnceAsync(default, async transaction =>
        {
            var held = await enrollments.HeldAsync(transaction, id);
            await tests.StartAsync(transaction, held);
            return PostAnswer.Accepted($"/v1/enrollments/{held.Id}/status", held);
        });
    }

    private static async Task<IResult> DecideAsync(
        string id, string decision, HttpContext http, EntityEndpoints<Enrollment, EnrollmentBody> enrollments, DriftCommands commands, CancellationToken ct)
    {
        var held = await enrollments.RequireAsync(http, id, UserPermission.EditSites);
        return await http.OnceDoneAsync(async () =>
        {
            await (decision switch
            {
                "take-over" => commands.TakeOverAsync(http.Actor(), held, ct),
                "restore" => commands.RestoreAsync(http.Actor(), held, ct),
                _ => throw new ProblemException(ErrorClass.NotFound, "A decision is take-over or restore."),
            });
            var decided = await enrollments.RequireAsync(http, id, UserPermission.EditSites);
            http.Tag(EntityEndpoints<Enrollment, EnrollmentBody>.GetETag(decided));
            return PostAnswer.Ok(await enrollments.ShownAsync(http, decided));
        });
    }

    private static async Task<IResult> StatusAsync(string id, HttpContext http, EntityEndpoints<Enrollment, EnrollmentBody> enrollments, EnrollmentStatusReader status, CancellationToken ct) =>
        OperationsWire.Answer(await status.ReadAsync(await enrollments.RequireAsync(http, id, UserPermission.SeeSites), ct));

    private static async Task<IResult> PutDocumentAsync(
        string id, string name, string? fileName, HttpContext http, EntityEndpoints<Enrollment, EnrollmentBody> enrollments, EnrollmentDocuments documents)
    {
        var content = await http.Request.ReadBodyAsync(MaxDocument, AnyFile);
        var held = await enrollments.RequireAsync(http, id, UserPermission.EditSites);
        new FormCheck().Text("/name", name, 100).Text("/fileName", fileName ?? name, 200).Unless(!content.IsEmpty, string.Empty, "the file is empty", ErrorClass.SemanticEmpty).ThrowIfAny();
        return await enrollments.AnswerAsync(http, await documents.PutAsync(
            http.Actor(), held, name, fileName ?? name, content, current => http.RequireMatch(EntityEndpoints<Enrollment, EnrollmentBody>.GetETag(current)), http.RequestAborted));
    }

    private static async Task<IResult> GetDocumentAsync(
        string id, string name, HttpContext http, EntityEndpoints<Enrollment, EnrollmentBody> enrollments, EnrollmentDocuments documents, CancellationToken ct)
    {
        var held = await enrollments.RequireAsync(http, id, UserPermission.SeePersonalData);
        return await documents.FindAsync(held, name, ct) is { } found
            ? Results.File(found.Content, AnyFile, found.Document.FileName)
            : throw new ProblemException(ErrorClass.NotFound, $"The enrollment has no document '{SafeText.Line(name)}'.");
    }
}

/// <summary>Why an enrollment is led on.</summary>
public sealed record CommandBody
{
    /// <summary>Needed by reject, override-test, suspend, end and withdraw.</summary>
    public string? Reason { get; init; }

    /// <summary>The utility's number, with accept and reject.</summary>
    public string? Reference { get; init; }
}
