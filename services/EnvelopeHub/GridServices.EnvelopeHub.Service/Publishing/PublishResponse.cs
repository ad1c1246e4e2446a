using System.Text.Json;
using GridServices.Contracts;
using GridServices.Hosting.Refusals;

namespace GridServices.EnvelopeHub.Service.Publishing;

/// <summary>The answer to a body whose items stand each for itself.</summary>
internal static class PublishResponse
{
    /// <summary>A batch is answered 200 whatever became of its items; a single item that is rejected answers as its problem.</summary>
    public static IResult Create(IReadOnlyList<PublishResult> results, bool isBatch, string? epoch = null)
    {
        var answer = new PublishAnswer(results) { Epoch = epoch };
        return !isBatch && results is [{ Problem: { } problem }]
            ? Rejected(problem, answer)
            : Results.Json(answer, ContractJson.ForPeople);
    }

    private static IResult Rejected(Problem problem, PublishAnswer answer)
    {
        var body = JsonSerializer.SerializeToNode(problem, ContractJson.ForPeople)!.AsObject();
        if (answer.Epoch is not null)
        {
            body["epoch"] = answer.Epoch;
        }

        body["results"] = JsonSerializer.SerializeToNode(answer.Results, ContractJson.ForPeople);
        return Results.Text(body.ToJsonString(ContractJson.ForPeople), ProblemResult.MediaType, statusCode: problem.Status);
    }
}
