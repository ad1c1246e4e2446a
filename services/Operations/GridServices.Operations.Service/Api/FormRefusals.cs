using System.Text.Json;
using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Operations.Service.Registry;

namespace GridServices.Operations.Service.Api;

/// <summary>Answers a <see cref="FormException"/>: a problem with <c>errors[]</c> (pointers) and <c>fields[]</c> (for forms).</summary>
internal sealed class FormRefusals : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (FormException refused)
        {
            return Answer(context.HttpContext, refused);
        }
    }

    private static IResult Answer(HttpContext http, FormException refused)
    {
        var problem = refused.ToProblem() with { Instance = http.Request.Path };
        var body = JsonSerializer.SerializeToNode(problem, OperationsWire.Options)!.AsObject();
        body["errors"] = new JsonArray([.. refused.Faults.Select(f => new JsonObject { ["class"] = Problems.GetName(f.Class), ["pointer"] = f.Pointer, ["detail"] = f.Detail })]);
        body["fields"] = new JsonArray([.. refused.Faults.Where(f => f.Pointer.Length > 0).Select(f => new JsonObject { ["field"] = FormException.ToField(f.Pointer), ["message"] = f.Detail })]);
        return Results.Text(body.ToJsonString(OperationsWire.Options), ProblemResult.MediaType, statusCode: problem.Status);
    }
}
