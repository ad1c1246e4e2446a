using System.Net;
using System.Net.Mime;
using System.Text.Json;
using System.Text.Json.Nodes;
using GridServices.Contracts;
using Refit;

namespace GridServices.Operations.Service.Clients;

/// <summary>What came of a call.</summary>
internal enum ReplyKind
{
    Done,

    /// <summary>There is no such thing at the service.</summary>
    NotThere,

    /// <summary>What is held there is not what If-Match named.</summary>
    Changed,

    /// <summary>The service refused it, and will again.</summary>
    Refused,

    /// <summary>The service can't be asked now: nothing is known.</summary>
    Away,
}

/// <summary>A service's answer, or why there is none.</summary>
/// <param name="Kind">What came of it.</param>
/// <param name="Value">With <see cref="ReplyKind.Done"/>.</param>
/// <param name="ETag">Of what is held there.</param>
/// <param name="Problem">In words, where it was not done.</param>
/// <param name="Faults">Of a refused document, each with the pointer into it.</param>
internal sealed record ServiceReply<T>(ReplyKind Kind, T? Value, string? ETag, string? Problem, IReadOnlyList<ConfigFault> Faults)
{
    internal bool IsDone => Kind == ReplyKind.Done;
}

internal static class ServiceReply
{
    internal const string Foreign = "something between may have answered for the service";

    /// <summary>What a service said. A page that something between us answers is neither a yes nor a no: nothing is known.</summary>
    internal static ServiceReply<T> Read<T>(ApiResponse<T> answer) => answer switch
    {
        { StatusCode: null } => Away<T>(answer.Error?.InnerException?.Message ?? answer.Error?.Message ?? "no answer"),
        { IsSuccessStatusCode: false, StatusCode: { } status } => ReadProblem<T>(status, (answer.Error as ApiException)?.Content),
        { IsSuccessful: true } when IsOurs(answer) => new ServiceReply<T>(ReplyKind.Done, answer.Content, answer.Headers.ETag?.ToString(), null, []),
        _ => Away<T>($"{(int)answer.StatusCode!} was answered, but not as the service does: {Foreign}"),
    };

    private static bool IsOurs<T>(ApiResponse<T> answer) => answer switch
    {
        { StatusCode: HttpStatusCode.NoContent } => answer.RequestMessage?.Method == HttpMethod.Delete,
        { Content: JsonElement json } => json.ValueKind is JsonValueKind.Object or JsonValueKind.Array,
        { Content: string } => answer.ContentHeaders?.ContentType?.MediaType == MediaTypeNames.Text.Csv,
        _ => answer.Content is not null,
    };

    /// <summary>The answer in the contract's words; null where there is none, or it is no such thing: nothing is known then.</summary>
    internal static T? As<T>(this ServiceReply<JsonElement> reply)
        where T : class
    {
        try
        {
            return reply.IsDone ? reply.Value.Deserialize<T>(ContractJson.Options) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    internal static ServiceReply<T> Away<T>(string problem) => new(ReplyKind.Away, default, null, problem, []);

    /// <summary>Reads the problem that a service answered.</summary>
    internal static ServiceReply<T> ReadProblem<T>(HttpStatusCode status, string? body)
    {
        var problem = Parse(body);
        if (problem?["type"] is not JsonValue type || !type.TryGetValue<string>(out var name) || !name.StartsWith(Problems.TypePrefix, StringComparison.Ordinal))
        {
            return Away<T>($"HTTP {(int)status} was answered, but not as the service does: {Foreign}");
        }

        var detail = (string?)problem["detail"] ?? (string?)problem["title"] ?? $"HTTP {(int)status}";
        return status switch
        {
            // What is written names something that is not there, such as a tariff: that is a fault of the document, not a missing document.
            HttpStatusCode.NotFound when problem["errors"] is JsonArray { Count: > 0 } => new(ReplyKind.Refused, default, null, detail, Faults(problem, detail)),
            HttpStatusCode.NotFound => new(ReplyKind.NotThere, default, null, detail, []),
            HttpStatusCode.PreconditionFailed => new(ReplyKind.Changed, default, null, detail, []),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => Away<T>($"our token was not accepted: {detail}"),
            HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError => Away<T>(detail),
            _ => new(ReplyKind.Refused, default, null, detail, Faults(problem, detail)),
        };
    }

    private static IReadOnlyList<ConfigFault> Faults(JsonObject? problem, string detail) => problem?["errors"] is JsonArray errors && errors.Count > 0
        ? [.. errors.OfType<JsonObject>().Select(e => new ConfigFault(ErrorClass.SemanticText, (string?)e["pointer"] ?? string.Empty, (string?)e["detail"] ?? detail))]
        : [new ConfigFault(ErrorClass.SemanticText, (string?)problem?["pointer"] ?? string.Empty, detail)];

    private static JsonObject? Parse(string? body)
    {
        try
        {
            return body is { Length: > 0 } ? JsonNode.Parse(body) as JsonObject : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
