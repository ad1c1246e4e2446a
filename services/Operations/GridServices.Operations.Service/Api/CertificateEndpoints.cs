using GridServices.Contracts;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using GridServices.Operations.Access;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Service.Certificates;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Api;

/// <summary>Keys, requests and certificates.</summary>
internal static class CertificateEndpoints
{
    internal static void MapCertificates(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/certificates").WithTags("Certificates").AddEndpointFilter<RouteGroupBuilder, FormRefusals>();
        group.MapGet("/", ListAsync).Needs(UserPermission.SeeSites).WithName("listCertificates").WithSummary("Certificates, a page at a time")
            .WithDescription("filter is field:value. Fields: kind, state, lfdi. Each with the enrollments that identify themselves by it and are not over (at most 100, useCount says how many there are), and their VENs and clients. Only for roles that see the whole tenant.").Produces<Page<Certificate>>();
        group.MapPost("/", PostAsync).NeedsTenant(UserPermission.Administer).WithName("createCertificate").WithSummary("Make a key and a request for a certificate")
            .WithDescription("The key stays in this service's certificate folder; the answer has the request (CSR) to send to the utility's authority.")
            .Accepts<CertificateBody>(OperationsWire.Json).Produces<CertificateAnswer>(StatusCodes.Status201Created).TakesIdempotencyKey().Refuses(ErrorClass.Conflict);
        group.MapGet("/{id}", GetAsync).Needs(UserPermission.SeeSites).WithName("getCertificate").WithSummary("One certificate, with its request while there is one")
            .WithDescription("Fingerprint for OpenADR, LFDI and SFDI for IEEE 2030.5; never the key.").Produces<CertificateAnswer>().WritesETag();
        group.MapPost("/{id}/install", InstallAsync).NeedsTenant(UserPermission.Administer).WithName("installCertificate").WithSummary("Take in what the authority issued: PEM, the certificate first, then its chain")
            .WithDescription("It must be for the key that was made here. Warnings tell where the utility has to know something first, such as another LFDI.")
            .Accepts<IssuedCertificateBody>(OperationsWire.Json).Produces<CertificateAnswer>().TakesIdempotencyKey().Refuses(ErrorClass.Conflict);
        group.MapPost("/{id}/renew", RenewAsync).NeedsTenant(UserPermission.Administer).WithName("renewCertificate").WithSummary("Make a new key and request with the same subject")
            .WithDescription("The old one stays in use until an enrollment names the new one.").Produces<CertificateAnswer>(StatusCodes.Status201Created).TakesIdempotencyKey();
        group.MapDelete("/{id}", DeleteAsync).NeedsTenant(UserPermission.Administer).WithName("deleteCertificate").WithSummary("Remove a certificate, its request and its key")
            .WithDescription("409, with their names, while an enrollment that is not over identifies itself by it, or a service's configuration that was written from here still names its file. The key can't be made again; a VEN or client that was configured with the file by hand is not known here.")
            .Produces(StatusCodes.Status204NoContent).TakesIfMatch().Refuses(ErrorClass.Conflict);
    }

    private static async Task<IResult> ListAsync(
        HttpContext http, CertificateStore store, CertificateUses uses, SiteStore sites, SettingsStore settings, string? filter = null,
        string? sort = null, string? after = null, string? limit = null)
    {
        var actor = http.Actor();
        var access = (await settings.GetAsync(actor.Tenant, http.RequestAborted)).Access;
        var shown = await sites.ShownAsync(actor.Tenant, AccessRules.Filter(actor.Grants, UserPermission.SeeSites, access), http.RequestAborted);
        var page = await store.PageAsync(actor.Tenant, ListQuery.Parse(filter, sort, after, limit) with { Sites = shown }, http.RequestAborted);
        return OperationsWire.Answer(page with { Items = [.. await uses.WithUsesAsync(actor.Tenant, page.Items, http.RequestAborted)] });
    }

    private static async Task<IResult> PostAsync(HttpContext http, CertificateCommands commands)
    {
        var body = await http.Request.ReadBodyAsync(OperationsWire.MaxBody, OperationsWire.Json);
        var read = OperationsWire.Read<CertificateBody>(body);
        return await http.OnceAsync(body, async transaction => Created(await commands.CreateAsync(transaction, read)));
    }

    private static async Task<IResult> GetAsync(string id, HttpContext http, CertificateStore store, CertificateUses uses, SettingsStore settings, CertificateFiles files)
    {
        var found = await RequireAsync(id, http, store, settings, UserPermission.SeeSites);
        http.Tag(GetETag(found));
        var csr = found.State is CertificateState.CsrMade or CertificateState.Sent ? await files.RequestTextAsync(found.Tenant, found.Id, http.RequestAborted) : null;
        return OperationsWire.Answer(new CertificateAnswer((await uses.WithUsesAsync(found.Tenant, [found], http.RequestAborted))[0], csr, []));
    }

    private static async Task<IResult> InstallAsync(string id, HttpContext http, CertificateStore store, SettingsStore settings, CertificateCommands commands)
    {
        var body = await http.Request.ReadBodyAsync(OperationsWire.MaxBody, OperationsWire.Json);
        var pem = OperationsWire.Read<IssuedCertificateBody>(body).Pem;
        var found = await RequireAsync(id, http, store, settings, UserPermission.Administer);
        return await http.OnceAsync(body, async transaction => PostAnswer.Ok(await commands.InstallAsync(transaction, found, pem)));
    }

    private static async Task<IResult> RenewAsync(string id, HttpContext http, CertificateStore store, SettingsStore settings, CertificateCommands commands)
    {
        var found = await RequireAsync(id, http, store, settings, UserPermission.Administer);
        return await http.OnceAsync(default, async transaction => Created(await commands.CreateAsync(transaction, new CertificateBody { Kind = found.Kind, Subject = found.Subject }, found)));
    }

    private static async Task<IResult> DeleteAsync(string id, HttpContext http, CertificateStore store, SettingsStore settings, CertificateCommands commands, OperationsStore operations)
    {
        await RequireAsync(id, http, store, settings, UserPermission.Administer);
        await operations.WriteAsync(
            http.Actor(),
            async transaction =>
            {
                var held = await store.FindAsync(transaction.Tx, transaction.Actor.Tenant, id) ?? throw CreateNotFound(id);
                http.RequireMatch(GetETag(held));
                await commands.RemoveAsync(transaction, held);
            },
            http.RequestAborted);
        return Results.NoContent();
    }

    private static string GetETag(Certificate certificate) => $"\"{certificate.Id}-{certificate.Version}\"";

    private static ProblemException CreateNotFound(string id) => new(ErrorClass.NotFound, $"There is no certificate '{SafeText.Line(id)}' here.");

    private static PostAnswer Created(CertificateAnswer made) => PostAnswer.Created($"/v1/certificates/{made.Certificate.Id}", made);

    private static async Task<Certificate> RequireAsync(string id, HttpContext http, CertificateStore store, SettingsStore settings, UserPermission permission)
    {
        var actor = http.Actor();
        var found = await store.FindAsync(actor.Tenant, id, http.RequestAborted) ?? throw CreateNotFound(id);
        actor.Require(permission, AccessTarget.Tenant, (await settings.GetAsync(actor.Tenant, http.RequestAborted)).Access);
        return found;
    }
}

/// <summary>What an authority issued.</summary>
public sealed record IssuedCertificateBody
{
    /// <summary>PEM: the certificate first, then its chain.</summary>
    public required string Pem { get; init; }
}
