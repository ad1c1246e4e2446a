using System.Text.Json;
using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using Microsoft.AspNetCore.Http;

namespace GridServices.Hosting.Documents;

/// <summary>A refused configuration: the problem of its first fault, and all faults in <c>errors</c>.</summary>
public static class ConfigProblem
{
    public static IResult Answer(HttpContext http, IReadOnlyList<ConfigFault> faults)
    {
        var first = faults[0];
        var detail = faults.Count == 1 ? Sentence(first) : $"{faults.Count} faults, see errors. The first: {Sentence(first)}";
        var problem = Problems.Create(first.Class, detail, first.Pointer) with { Instance = http.Request.Path };
        var body = JsonSerializer.SerializeToNode(problem, ContractJson.Options)!.AsObject();
        body["errors"] = JsonSerializer.SerializeToNode(faults.Select(f => new Fault(Problems.GetName(f.Class), f.Pointer, f.Detail)), ContractJson.Options);
        return Results.Text(body.ToJsonString(), ProblemResult.MediaType, statusCode: problem.Status);
    }

    private static string Sentence(ConfigFault fault) => fault.Pointer.Length == 0 ? fault.Detail : $"{fault.Pointer} {fault.Detail}";

    private sealed record Fault(string Class, string Pointer, string Detail);
}
