using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using GridServices.Operations.Access;
using GridServices.Operations.Service.Export;
using GridServices.Operations.Service.Registry;
using NodaTime;

namespace GridServices.Operations.Service.Api;

/// <summary>Files over a range of time, made by a job.</summary>
internal static class ExportEndpoints
{
    internal static void MapExports(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/exports").WithTags("Exports").NeedsTenant(UserPermission.SeeRecords).AddEndpointFilter<RouteGroupBuilder, FormRefusals>();
        group.MapGet("/", ListAsync).WithName("listExports").WithSummary("Exports, newest first").WithDescription("Kept for thirty days. Only for roles that see the records of the whole tenant.").Produces<Page<ExportItem>>();
        group.MapPost("/", PostAsync).WithName("startExport").WithSummary("Have a file made: audit, enrollments, events, compliance or sites")
            .WithDescription("Of everything that falls into [from, until), as csv or json; sites as they are now. Personal data is masked.")
            .Accepts<ExportBody>(OperationsWire.Json).Produces<ExportItem>(StatusCodes.Status202Accepted).PointsToWork().TakesIdempotencyKey();
        group.MapGet("/{id}", async (string id, HttpContext http, ExportStore exports) => OperationsWire.Answer(await RequireAsync(id, http, exports)))
            .WithName("getExport").WithSummary("How far an export is").WithDescription("sha256 is that of the file.").Produces<ExportItem>();
        group.MapGet("/{id}/content", ContentAsync).WithName("getExportContent").WithSummary("The file").WithDescription("409 until it is done.").Produces<System.Text.Json.JsonElement>(StatusCodes.Status200OK, "text/csv", "application/json").Refuses(ErrorClass.Conflict);
    }

    private static async Task<IResult> ListAsync(HttpContext http, ExportStore exports, string? after = null, string? limit = null)
    {
        var paging = Paging.Parse(after, limit ?? "100")!;
        return OperationsWire.Answer(paging.Cut(await exports.ListAsync(http.Actor().Tenant, after, paging.Limit + 1, http.RequestAborted), i => i.Id));
    }

    private static async Task<IResult> PostAsync(HttpContext http, JobTrigger jobs)
    {
        var body = await http.Request.ReadBodyAsync(OperationsWire.MaxBody, OperationsWire.Json);
        var read = OperationsWire.Read<ExportBody>(body);
        new FormCheck().Unless(read.From < read.Until, "/until", "must be after from").ThrowIfAny();
        return await http.OnceAsync(body, async transaction =>
        {
            var item = await ExportStore.AddAsync(transaction, read.Kind, read.Format, new Interval(read.From, read.Until));
            transaction.AfterCommit(() => jobs.Run(ExportJob.Name));
            return PostAnswer.Accepted($"/v1/exports/{item.Id}", item);
        });
    }

    private static async Task<IResult> ContentAsync(string id, HttpContext http, ExportStore exports)
    {
        var item = await RequireAsync(id, http, exports);
        var content = item.State == "done" ? await exports.ContentAsync(http.Actor().Tenant, id, http.RequestAborted) : null;
        return content is null
            ? throw new ProblemException(ErrorClass.Conflict, item.Problem is { } problem ? $"There is no file: {problem}" : "It is not done yet; ask again.")
            : Results.Text(content, item.Format == "json" ? "application/json" : "text/csv");
    }

    private static async Task<ExportItem> RequireAsync(string id, HttpContext http, ExportStore exports)
    {
        return await exports.FindAsync(http.Actor().Tenant, id, http.RequestAborted) ?? throw new ProblemException(ErrorClass.NotFound, $"There is no export '{SafeText.Line(id)}' here.");
    }
}

/// <summary>An export as it is asked for.</summary>
public sealed record ExportBody
{
    public required ExportKind Kind { get; init; }

    /// <summary>csv (default) or json.</summary>
    public ExportFormat Format { get; init; }

    /// <summary>Inclusive.</summary>
    public required Instant From { get; init; }

    /// <summary>Exclusive.</summary>
    public required Instant Until { get; init; }
}
