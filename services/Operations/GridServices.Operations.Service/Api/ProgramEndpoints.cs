using GridServices.Contracts;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using GridServices.Operations.Access;
using GridServices.Operations.Programs;
using GridServices.Operations.Service.Programs;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Api;

/// <summary>Program templates.</summary>
internal static class ProgramEndpoints
{
    private const int MaxBody = 1024 * 1024;

    internal static void MapPrograms(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/programs").WithTags("Programs").AddEndpointFilter<RouteGroupBuilder, FormRefusals>();
        group.MapGet("/", ListAsync).Needs(UserPermission.SeeSites).WithName("listPrograms").WithSummary("Program templates, the newest version of each, a page at a time")
            .WithDescription("Those that come with this version, and those that the tenant uploaded.").Produces<Page<ProgramTemplate>>();
        group.MapGet("/{code}", GetAsync).Needs(UserPermission.SeeSites).WithName("getProgram").WithSummary("One template; version names an older one")
            .WithDescription("Every number has its source and how certain it is.").Produces<ProgramTemplate>().WritesETag();
        group.MapPut("/{code}", PutAsync).NeedsTenant(UserPermission.Administer).WithName("putProgram").WithSummary("Upload a template, or a new version of one")
            .WithDescription("A version that is held is never changed, because enrollments were made under it: 409. Count the version up. If-Match names the newest version.")
            .Accepts<ProgramTemplate>(OperationsWire.Json).Produces<ProgramTemplate>().TakesIfMatch("The ETag of the newest version that is held, or *: done only while none is newer. Absent: done whatever is held.").WritesETag().Refuses(ErrorClass.Conflict);
    }

    private static async Task<IResult> ListAsync(HttpContext http, ProgramStore programs, string? after = null, string? limit = null) =>
        OperationsWire.Answer((Paging.Parse(after, limit ?? "100")!).Slice(await programs.ListAsync(http.Actor().Tenant, http.RequestAborted), t => t.Code));

    private static async Task<IResult> GetAsync(string code, HttpContext http, ProgramStore programs, string? version = null)
    {
        int? wanted = version is null ? null : int.TryParse(version, out var number) ? number : throw new ProblemException(ErrorClass.SemanticNumber, "version is a whole number.", "version");
        var found = await programs.FindAsync(http.Actor().Tenant, code, wanted, http.RequestAborted)
            ?? throw new ProblemException(ErrorClass.NotFound, $"There is no program '{SafeText.Line(code)}'{(wanted is null ? string.Empty : " of that version")}; GET /v1/programs lists them.");
        http.Tag(GetETag(found));
        return OperationsWire.Answer(found);
    }

    /// <summary>A version never changes, so its number is enough.</summary>
    private static string GetETag(ProgramTemplate template) => $"\"{template.Code}-{template.Version}\"";

    private static async Task<IResult> PutAsync(string code, HttpContext http, OperationsStore operations)
    {
        var read = TemplateReader.Read(await http.Request.ReadBodyAsync(MaxBody, OperationsWire.Json));
        if (read.Template is not { } template)
        {
            throw new FormException([.. read.Refusals.Select(r => new ConfigFault(r.Class, r.Path, r.Detail))]);
        }

        new FormCheck().Unless(template.Code == code, "/code", "is another one than the path's; make them equal", ErrorClass.SemanticId).ThrowIfAny();
        if (!await operations.WriteAsync(http.Actor(), transaction => StoreAsync(http, transaction, template), http.RequestAborted))
        {
            throw new ProblemException(ErrorClass.Conflict, $"Version {template.Version} of '{code}' is held with other content; count the version up.");
        }

        http.Tag(GetETag(template));
        return OperationsWire.Answer(template);
    }

    private static async Task<bool> StoreAsync(HttpContext http, AuditedTransaction transaction, ProgramTemplate template)
    {
        http.RequireMatch(await ProgramStore.FindAsync(transaction.Tx, transaction.Actor.Tenant, template.Code, null) is { } newest ? GetETag(newest) : null);
        return await ProgramStore.PutAsync(transaction, template);
    }
}
