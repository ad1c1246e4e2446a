using System.Text.Json.Nodes;
using GridServices.Wire;

namespace GridServices.Operations;

/// <summary>What a document's round of reconciliation comes to.</summary>
public enum ReconcileAction
{
    /// <summary>Nothing to do.</summary>
    InStep,

    /// <summary>Nobody changed it by hand and another document is wanted: write it.</summary>
    Write,

    /// <summary>Somebody else made it, and everything that is wanted is in it: it counts as written, and nothing is sent.</summary>
    Adopt,

    /// <summary>It is not wanted any more and nobody changed it by hand: delete it.</summary>
    Delete,

    /// <summary>Somebody changed, made or deleted it by hand: show the difference; only a person's click changes anything.</summary>
    ShowDrift,

    /// <summary>The service does not answer: nothing is known, nothing is written.</summary>
    Unknown,
}

/// <summary>What we know of one document at a service.</summary>
/// <param name="Answered">Whether the service answered at all.</param>
/// <param name="Wanted">What should be there, canonical; null = nothing.</param>
/// <param name="WrittenFrom">The wanted document that was last written, canonical; null = none.</param>
/// <param name="SeenAfterWrite">What the service showed right after that, with its defaults; null = none.</param>
/// <param name="Found">What it shows now; null = it is not there.</param>
public sealed record DocumentState(bool Answered, string? Wanted, string? WrittenFrom, string? SeenAfterWrite, string? Found);

/// <summary>What to do about a document.</summary>
/// <param name="Action">Never a write over a change that was made by hand.</param>
/// <param name="Drift">With <see cref="ReconcileAction.ShowDrift"/>: wanted is what was seen after our own last write.</param>
public sealed record ReconcileOutcome(ReconcileAction Action, ValueList<DriftItem> Drift);

/// <summary>Compares what should be at the services with what is.</summary>
public static class Reconcile
{
    private static readonly DriftItem[] None = [];

    public static ReconcileOutcome Judge(DocumentState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (!state.Answered)
        {
            return Outcome(ReconcileAction.Unknown, None);
        }

        if (Handmade(state) is { Count: > 0 } drift)
        {
            return Outcome(ReconcileAction.ShowDrift, drift);
        }

        return state switch
        {
            { Wanted: null, Found: null } or { Wanted: null, WrittenFrom: null } => Outcome(ReconcileAction.InStep, None), // never ours
            { Wanted: null } => Outcome(ReconcileAction.Delete, None),
            { Found: not null, SeenAfterWrite: null } => Outcome(ReconcileAction.Adopt, None),
            { Found: not null } when string.Equals(state.Wanted, state.WrittenFrom, StringComparison.Ordinal) => Outcome(ReconcileAction.InStep, None),
            _ => Outcome(ReconcileAction.Write, None),
        };
    }

    /// <summary>"Take over": what was changed by hand is wanted from now on, on top of what the enrollment gives.</summary>
    /// <param name="wanted">What the enrollment gives.</param>
    /// <param name="taken">Differences that a person took over, the latest last.</param>
    /// <returns>Canonical. A difference whose place is not there any more is left out.</returns>
    public static string WithTakenOver(string wanted, IEnumerable<DriftItem> taken)
    {
        var document = JsonNode.Parse(wanted)!.AsObject();
        foreach (var item in taken.Where(t => t.Pointer.Length > 0))
        {
            Put(document, item.Pointer, item.Found);
        }

        return WantedDocument.CanonicalText(document.ToJsonString());
    }

    /// <summary>Differences from what we ourselves left there.</summary>
    private static ValueList<DriftItem> Handmade(DocumentState state) => state switch
    {
        { SeenAfterWrite: { } seen, Found: { } found } => Drift.Between(seen, found),
        { SeenAfterWrite: { } seen, Found: null } => [new DriftItem(string.Empty, seen, null)],
        // Never written by us, and there: somebody else made it. The same content is not worth a question.
        { SeenAfterWrite: null, Found: { } found } => state.Wanted is { } wanted ? ForeignTo(wanted, found) : [],
        _ => [],
    };

    private static ValueList<DriftItem> ForeignTo(string wanted, string found) => Drift.Missing(wanted, found);

    private static void Put(JsonObject document, string pointer, string? value)
    {
        var steps = pointer[1..].Split('/').Select(s => s.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)).ToList();
        JsonNode? place = document;
        foreach (var step in steps.SkipLast(1))
        {
            place = place switch
            {
                JsonObject inside => inside[step] ??= new JsonObject(),
                JsonArray list when int.TryParse(step, out var index) && index < list.Count => list[index],
                _ => null,
            };
        }

        var last = steps[^1];
        switch (place)
        {
            case JsonObject inside when value is null:
                inside.Remove(last);
                break;
            case JsonObject inside:
                inside[last] = JsonNode.Parse(value);
                break;
            case JsonArray list when value is not null && int.TryParse(last, out var index) && index < list.Count:
                list[index] = JsonNode.Parse(value);
                break;
            default:
                break;
        }
    }

    private static ReconcileOutcome Outcome(ReconcileAction action, IReadOnlyList<DriftItem> drift) => new(action, drift.ToValueList());
}
