using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Evaluation;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;

namespace GridServices.FrequencyResponse.Service.Api;

/// <summary>The services there are, and what they ask for at a frequency.</summary>
internal static class CatalogEndpoints
{
    private const int MaxBody = 4 * 1024 * 1024;

    public static void MapCatalog(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/catalog", (FrequencyCatalog catalog) => Results.Ok(CatalogAnswer.Create(catalog.Services)))
            .RequirePermission(Permission.SeeSettings, Role.Controller, Role.Publisher).WithTags("Catalog").WithName("getCatalog")
            .WithSummary("Every service: curve and numbers, each with its source and how well it is known").Produces<CatalogAnswer>();
        routes.MapPost("/v1/evaluate", EvaluateAsync)
            .RequirePermission(Permission.SeeSettings, Role.Controller, Role.Publisher).WithTags("Catalog").RepeatsHarmlessly().WithName("evaluateServices")
            .WithSummary("What services, stacks and droops ask for at a frequency")
            .WithDescription(
                "{\"points\":[{\"service\":\"GB-DCL\",\"frequencyHz\":49.25},{\"stackMw\":{\"GB-DCL\":20,\"GB-DRL\":5},\"frequencyHz\":49.7}]}. "
                + "pu: share of the quantity, + = raise the frequency. An unknown service or a senseless frequency refuses the body, by its pointer.")
            .Accepts<EvaluateBody>("application/json").Produces<EvaluateAnswer>();
    }

    private static async Task<IResult> EvaluateAsync(HttpContext http, FrequencyCatalog catalog)
    {
        var read = Evaluate.Body(catalog.Services, await http.Request.ReadBodyAsync(MaxBody, "application/json"));
        return read.TryGet(out var answer, out var problem) ? Results.Ok(answer) : ProblemResult.Create(problem);
    }
}

/// <summary>The body of <c>POST /v1/evaluate</c>, for the description of the API.</summary>
public sealed record EvaluateBody(IReadOnlyList<EvaluatePoint> Points);

/// <summary>One point; see docs/api/frequency.md.</summary>
public sealed record EvaluatePoint(
    double FrequencyHz, string? Service = null, double? PrePu = null, double? AvailablePu = null, double? MinPu = null, double? QuantityW = null,
    IReadOnlyDictionary<string, double>? StackMw = null, IReadOnlyList<IReadOnlyList<double>>? Curve = null, double? V2xBaselineW = null);
