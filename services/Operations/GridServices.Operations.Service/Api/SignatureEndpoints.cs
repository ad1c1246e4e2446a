using GridServices.Contracts;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Web;
using GridServices.Operations.Access;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Notify;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Api;

/// <summary>A request to a signer, and where it stands.</summary>
public sealed record SignatureItem
{
    public required string Id { get; init; }
    public required string EnrollmentId { get; init; }

    /// <summary>The signer.</summary>
    public required string ContactId { get; init; }

    public required SignatureState State { get; init; }
    public required Instant AskedAt { get; init; }
    public required string AskedBy { get; init; }

    /// <summary>Last day of the consent that is asked for; absent: until revoked.</summary>
    public LocalDate? Until { get; init; }

    /// <summary>When the mail was sent last; absent: not yet, see the delivery log.</summary>
    public Instant? SentAt { get; init; }

    /// <summary>When the link stops working.</summary>
    public Instant? ExpiresAt { get; init; }

    public Instant? EndedAt { get; init; }

    /// <summary>Why the signer declined, or it was taken back.</summary>
    public string? Reason { get; init; }

    internal static SignatureItem From(SignatureRequest request, Instant now) => new()
    {
        Id = request.Id,
        EnrollmentId = request.EnrollmentId,
        ContactId = request.ContactId,
        State = request.StateAt(now),
        AskedAt = request.Asked.At,
        AskedBy = request.Asked.By,
        Until = request.ConsentUntil,
        SentAt = request.SentAt,
        ExpiresAt = request.ExpiresAt,
        EndedAt = request.EndedAt,
        Reason = request.Reason,
    };
}

/// <summary>Asking a customer's signer to sign by a link, and taking that back.</summary>
internal static class SignatureEndpoints
{
    private const string Path = "/v1/enrollments/{id}/signatures";

    internal static void MapSignatures(this WebApplication app, EntityEndpoints<Enrollment, EnrollmentBody> enrollments)
    {
        var group = app.MapGroup(Path).WithTags("Enrollments").AddEndpointFilter<RouteGroupBuilder, FormRefusals>();
        group.MapGet("/", async (string id, HttpContext http, SignatureStore signatures, IClock clock, string? after = null, string? limit = null) =>
            {
                var held = await enrollments.RequireAsync(http, id, UserPermission.SeeSites);
                var (now, all) = (clock.GetCurrentInstant(), await signatures.ListByEnrollmentAsync(held.Tenant, held.Id, http.RequestAborted));
                return OperationsWire.Answer(Paging.Parse(after, limit ?? "100")!.Slice([.. all.Select(r => SignatureItem.From(r, now))], s => s.Id));
            })
            .Needs(UserPermission.SeeSites).WithName("listSignatures").WithSummary("Requests to the signer, the oldest first, and where each stands").WithDescription("The link itself is nowhere but in the mail.").Produces<Page<SignatureItem>>();
        group.MapPost("/", (string id, HttpContext http, SignatureCommands commands, IClock clock) => PostAsync(id, http, enrollments, commands, clock))
            .Needs(UserPermission.EditSites).WithName("askForSignature").WithSummary("Mail the signer a link to sign by, or mail it again")
            .WithDescription("The link works once and for 14 days, without an account, and shows what is signed in the contact's language. An earlier link works no more. 409 where nothing is to be signed.")
            .Accepts<SignatureBody>(isOptional: true, OperationsWire.Json).Produces<SignatureItem>(StatusCodes.Status202Accepted).PointsToWork().TakesIdempotencyKey().Refuses(ErrorClass.Conflict);
        group.MapPost("/revoke", (string id, HttpContext http, SignatureCommands commands) => RevokeAsync(id, http, enrollments, commands))
            .Needs(UserPermission.EditSites).WithName("revokeSignature").WithSummary("Take the open request back").WithDescription("The link that was mailed works no more. A consent that was signed is not touched by this. 409 where no request is open.")
            .Accepts<CommandBody>(isOptional: true, OperationsWire.Json).Produces<Enrollment>().TakesIdempotencyKey().Refuses(ErrorClass.Conflict);
    }

    private static async Task<IResult> PostAsync(string id, HttpContext http, EntityEndpoints<Enrollment, EnrollmentBody> enrollments, SignatureCommands commands, IClock clock)
    {
        var body = await BodyAsync(http);
        await enrollments.RequireAsync(http, id, UserPermission.EditSites);
        var read = body.IsEmpty ? new SignatureBody() : OperationsWire.Read<SignatureBody>(body);
        return await http.OnceAsync(body, async transaction =>
        {
            var asked = await commands.AskAsync(transaction, await enrollments.HeldAsync(transaction, id), read);
            return PostAnswer.Accepted($"/v1/enrollments/{id}/signatures", SignatureItem.From(asked, clock.GetCurrentInstant()));
        });
    }

    private static async Task<IResult> RevokeAsync(string id, HttpContext http, EntityEndpoints<Enrollment, EnrollmentBody> enrollments, SignatureCommands commands)
    {
        var body = await BodyAsync(http);
        await enrollments.RequireAsync(http, id, UserPermission.EditSites);
        var read = body.IsEmpty ? new CommandBody() : OperationsWire.Read<CommandBody>(body);
        return await http.OnceAsync(body, async transaction => PostAnswer.Ok(await commands.RevokeAsync(transaction, await enrollments.HeldAsync(transaction, id), read.Reason)));
    }

    private static async Task<ReadOnlyMemory<byte>> BodyAsync(HttpContext http) =>
        http.Request.HasBody() ? await http.Request.ReadBodyAsync(OperationsWire.MaxBody, OperationsWire.Json) : default(ReadOnlyMemory<byte>);
}
