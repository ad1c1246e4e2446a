using System.Text.Json;
using System.Text.Json.Nodes;

namespace GridServices.Simulators.DerServer.Procedures;

/// <summary>
/// A procedure in our own form, JSON: <c>prepare</c> (actions before all else), <c>require</c> (what must hold before it begins), <c>begin</c> (actions then),
/// <c>steps</c> (each with a <c>name</c>, the event it waits for <c>on</c>, what must hold <c>if</c> it is to count, what it does: <c>do</c>), <c>judge</c> (what must hold at the end).
/// An action, check or event is an object of one member: its type, with its parameters as the value.
/// </summary>
public static class ProcedureScript
{
    /// <exception cref="SimException">It has another form.</exception>
    public static Procedure Read(string json)
    {
        var root = Parse(json);
        return new Procedure
        {
            Name = Text(root, "name"),
            Description = Text(root, "about"),
            TargetVersions = [.. ((JsonArray)Member(root, "versions")).Select(v => v!.ToString())],
            IsImmediate = root["immediate"] is JsonValue value && value.GetValueKind() == JsonValueKind.True,
            InitActions = Parts(root["prepare"]),
            Preconditions = Parts(root["require"]),
            Actions = Parts(root["begin"]),
            Steps = [.. ((JsonArray)Member(root, "steps")).Select(s => Step((JsonObject)s!))],
            Criteria = Parts(root["judge"]),
        };
    }

    private static JsonObject Parse(string json)
    {
        try
        {
            return JsonNode.Parse(json) as JsonObject ?? throw new SimException("The procedure is no JSON object.");
        }
        catch (JsonException e)
        {
            throw new SimException($"The procedure is no JSON: {e.Message}", e);
        }
    }

    private static ProcedureStep Step(JsonObject step) => new(Text(step, "name"), Part(Member(step, "on")), Parts(step["if"]), Parts(step["do"]), []);

    private static IReadOnlyList<ProcedurePart> Parts(JsonNode? list) => list is JsonArray parts ? [.. parts.Select(p => Part(p!))] : [];

    private static ProcedurePart Part(JsonNode part) => part is JsonObject { Count: 1 } named && named.First() is { Value: JsonObject parameters } only
        ? new ProcedurePart(only.Key, (JsonObject)parameters.DeepClone())
        : throw new SimException($"{part.ToJsonString()} is no object of one member, the type with its parameters.");

    private static string Text(JsonObject parent, string name) => Member(parent, name).ToString();

    private static JsonNode Member(JsonObject parent, string name) => parent[name] ?? throw new SimException($"The procedure has no \"{name}\" where one is needed.");
}
