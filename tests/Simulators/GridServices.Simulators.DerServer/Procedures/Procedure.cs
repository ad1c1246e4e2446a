using System.Text.Json.Nodes;

namespace GridServices.Simulators.DerServer.Procedures;

/// <summary>An action or check and its parameters.</summary>
public sealed record ProcedurePart(string Type, JsonObject Parameters)
{
    public string? Text(string name) => Parameters.TryGetPropertyValue(name, out var node) && node is JsonValue value ? value.ToString() : null;

    public IReadOnlyList<string> Texts(string name) => Parameters.TryGetPropertyValue(name, out var node) && node is JsonArray list ? [.. list.Select(n => n!.ToString())] : [];

    public bool Flag(string name) => string.Equals(Text(name), "true", StringComparison.OrdinalIgnoreCase);

    public int? Number(string name) => Text(name) is { } text ? (int)decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : null;
}

/// <summary>What a procedure waits for, and what it does then.</summary>
/// <param name="Name">Unique in the procedure.</param>
/// <param name="Event">GET-, POST- or PUT-request-received, wait or proceed.</param>
/// <param name="Checks">What must hold besides for the event to count.</param>
/// <param name="Actions">What happens then.</param>
/// <param name="Instructions">What a person is told to do meanwhile.</param>
public sealed record ProcedureStep(
    string Name, ProcedurePart Event, IReadOnlyList<ProcedurePart> Checks, IReadOnlyList<ProcedurePart> Actions, IReadOnlyList<string> Instructions);

/// <summary>A client test procedure: ours are JSON (<see cref="ProcedureScript"/>), the public CSIP-AUS ones are published as YAML.</summary>
public sealed record Procedure
{
    public required string Name { get; init; }

    public string Description { get; init; } = string.Empty;

    /// <summary>CSIP-AUS versions it is for, e.g. <c>v1.2</c>.</summary>
    public IReadOnlyList<string> TargetVersions { get; init; } = [];

    /// <summary>True: all that the client does counts from the start; false: actions and steps begin once the preconditions hold.</summary>
    public bool IsImmediate { get; init; }

    public IReadOnlyList<ProcedurePart> InitActions { get; init; } = [];

    public IReadOnlyList<ProcedurePart> Preconditions { get; init; } = [];

    public IReadOnlyList<ProcedurePart> Actions { get; init; } = [];

    public required IReadOnlyList<ProcedureStep> Steps { get; init; }

    public IReadOnlyList<ProcedurePart> Criteria { get; init; } = [];

    /// <summary>Reads the YAML of a procedure.</summary>
    /// <exception cref="SimException">It has another form.</exception>
    public static Procedure Read(string yaml, string name)
    {
        var root = PlainYaml.Read(yaml);
        var before = root[nameof(Preconditions)] as JsonObject ?? [];
        return new Procedure
        {
            Name = name,
            Description = root[nameof(Description)]?.ToString() ?? string.Empty,
            TargetVersions = root[nameof(TargetVersions)] is JsonArray versions ? [.. versions.Select(v => v!.ToString())] : [],
            IsImmediate = string.Equals(before["immediate_start"]?.ToString(), "true", StringComparison.OrdinalIgnoreCase),
            InitActions = Parts(before["init_actions"]),
            Preconditions = Parts(before["checks"]),
            Actions = Parts(before["actions"]),
            Criteria = Parts((root[nameof(Criteria)] as JsonObject)?["checks"]),
            Steps = [.. (root[nameof(Steps)] as JsonObject ?? throw new SimException($"{name} has no Steps.")).Select(s => Step(s.Key, (JsonObject)s.Value!))],
        };
    }

    private static ProcedureStep Step(string name, JsonObject step)
    {
        var trigger = step["event"] as JsonObject ?? throw new SimException($"Step {name} has no event.");
        return new ProcedureStep(
            name, Part(trigger), Parts(trigger["checks"]), Parts(step["actions"]),
            step["instructions"] is JsonArray words ? [.. words.Select(w => w!.ToString())] : []);
    }

    private static IReadOnlyList<ProcedurePart> Parts(JsonNode? list) => list is JsonArray parts ? [.. parts.Select(p => Part((JsonObject)p!))] : [];

    private static ProcedurePart Part(JsonObject part) =>
        new(part["type"]?.ToString() ?? throw new SimException("A part of the procedure has no type."), part["parameters"] is JsonObject p ? (JsonObject)p.DeepClone() : []);
}
