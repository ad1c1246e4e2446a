using System.Text;
using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using GridServices.Operations.Access;
using GridServices.Operations.Bulk;
using GridServices.Operations.Service.Import;

namespace GridServices.Operations.Service.Api;

/// <summary>Bulk files: checked first, applied row by row, with a result file.</summary>
internal static class ImportEndpoints
{
    private const string Csv = "text/csv";
    private const int MaxFile = 50 * 1024 * 1024;

    internal static void MapImports(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/imports").WithTags("Imports").AddEndpointFilter<RouteGroupBuilder, FormRefusals>();
        group.MapGet("/", ListAsync).NeedsTenant(UserPermission.EditSites).WithName("listImports").WithSummary("Imports, newest first").WithDescription("With how far each is.").Produces<Page<ImportItem>>();
        group.MapPost("/", PostAsync).NeedsTenant(UserPermission.EditSites).WithName("startImport").WithSummary("Hand a CSV file in: kind sites, meters, contacts, enrollments, nominations or optPlans")
            .WithDescription("dryRun is true unless it says false: everything is checked and nothing is written. optPlans needs the permission to opt, too. The head's names are exact, in any order; #locale= as first line tells the decimal mark. The same file again changes nothing.")
            .Accepts<string>(Csv).Produces<ImportItem>(StatusCodes.Status202Accepted).PointsToWork().TakesIdempotencyKey().Refuses(ErrorClass.Conflict);
        group.MapGet("/{id}", GetAsync).NeedsTenant(UserPermission.EditSites).WithName("getImport").WithSummary("How far an import is").WithDescription("done of total rows; rows per second follow from startedAt.").Produces<ImportItem>();
        group.MapGet("/{id}/result", ResultAsync).NeedsTenant(UserPermission.EditSites).WithName("getImportResult").WithSummary("The file that was handed in, with status, message, entity_id and url per row")
            .WithDescription("It can be corrected and handed in again as it is.").Produces<string>(StatusCodes.Status200OK, Csv);
        group.MapPost("/{id}/cancel", CancelAsync).NeedsTenant(UserPermission.EditSites).WithName("cancelImport").WithSummary("Stop an import after the rows that are under way").WithDescription("What was applied stays.").Produces<ImportItem>().TakesIdempotencyKey();
        group.MapGet("/templates/{kind}", Template).Needs(UserPermission.SeeSites).WithName("getImportTemplate").WithSummary("A file to begin with: the head and three rows of examples").WithDescription("kind as for a new import.").Produces<string>(StatusCodes.Status200OK, Csv);
    }

    private static async Task<IResult> ListAsync(HttpContext http, ImportStore imports, string? after = null, string? limit = null)
    {
        var paging = Paging.Parse(after, limit ?? "100")!;
        return OperationsWire.Answer(paging.Cut(await imports.ListAsync(http.Actor().Tenant, after, paging.Limit + 1, http.RequestAborted), i => i.Id));
    }

    private static async Task<IResult> PostAsync(HttpContext http, ImportStore imports, JobTrigger jobs, string? kind = null, string? dryRun = null, string? fileName = null)
    {
        var known = ParseKind(kind);
        if (known == BulkKind.OptPlans)
        {
            await http.RequireAsync(UserPermission.Opt, AccessTarget.Tenant);
        }

        var isDry = dryRun switch { null or "true" => true, "false" => false, _ => throw new ProblemException(ErrorClass.SemanticCode, "dryRun is true or false.", "dryRun") };
        var content = await http.Request.ReadBodyAsync(MaxFile, Csv);
        var file = new ImportFile(known, fileName, Encoding.UTF8.GetString(content.Span), isDry);
        if (file.Faults.Count > 0)
        {
            throw new Registry.FormException([.. file.Faults.Select(f => new ConfigFault(ErrorClass.SchemaInvalid, f.Column.Length == 0 ? string.Empty : $"/{f.Column}", f.Message))]);
        }

        var answer = await http.OnceAsync(content, async transaction =>
        {
            var item = await imports.AddAsync(transaction, file);
            transaction.AfterCommit(() => jobs.Run(ImportJob.Name));
            return PostAnswer.Accepted($"/v1/imports/{item.Id}", item);
        });
        return answer;
    }

    private static async Task<IResult> GetAsync(string id, HttpContext http, ImportStore imports) => OperationsWire.Answer(await RequireAsync(id, http, imports));

    private static async Task<IResult> ResultAsync(string id, HttpContext http, ImportStore imports, ImportRunner runner) =>
        Results.Text(await runner.ResultAsync(http.Actor().Tenant, await RequireAsync(id, http, imports), http.RequestAborted), Csv);

    private static async Task<IResult> CancelAsync(string id, HttpContext http, ImportStore imports)
    {
        await RequireAsync(id, http, imports);
        return await http.OnceAsync(default, async transaction =>
        {
            await ImportRunner.EndAsync(transaction, id, "cancelled");
            return PostAnswer.Ok(await ImportStore.FindAsync(transaction.Tx, transaction.Actor.Tenant, id));
        });
    }

    private static Task<IResult> Template(string kind, HttpContext http) => Task.FromResult(Results.Text(BulkTemplate.Write(ParseKind(kind)), Csv));

    private static BulkKind ParseKind(string? kind) => kind is not null && EnumNames<BulkKind>.TryParse(kind, out var known)
        ? known
        : throw new ProblemException(ErrorClass.SemanticCode, $"kind is one of {string.Join(", ", Enum.GetValues<BulkKind>().Select(EnumNames<BulkKind>.GetName))}.", "kind");

    private static async Task<ImportItem> RequireAsync(string id, HttpContext http, ImportStore imports) =>
        await imports.FindAsync(http.Actor().Tenant, id, http.RequestAborted) ?? throw new ProblemException(ErrorClass.NotFound, $"There is no import '{SafeText.Line(id)}' here.");
}
