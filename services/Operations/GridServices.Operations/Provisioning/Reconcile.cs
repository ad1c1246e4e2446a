using System.Text.Json.Nodes;
using GridServices.Wire;

namespace GridServices.Operations.Provisioning;

/// <summary>What a document's round of reconciliation comes to.</summary>
public enum ReconcileAction
{
    /// <summary>Nothing to do.</summary>
    InStep,

    /// <summary>Nobody changed it by hand and another document is wanted: write it.</summary>
    Write,

    /// <summary>Our own whose answer was lost, or made by somebody else with everything that is wanted in it: it counts as written, and nothing is sent.</summary>
    Adopt,

    /// <summary>It is not wanted any more and nobody changed it by hand: delete it.</summary>
    Delete,

    /// <summary>It is not wanted any more, and nothing of ours is there: what is kept of it goes, and nothing is sent.</summary>
    Forget,

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
/// <param name="Sent">What was sent after that and not answered: a document, or <see cref="Deletion"/>; null = nothing is open.</param>
public sealed record DocumentState(bool Answered, string? Wanted, string? WrittenFrom, string? SeenAfterWrite, string? Found, string? Sent = null)
{
    /// <summary>As <see cref="Sent"/>: it was asked to be deleted.</summary>
    public const string Deletion = "delete";
}

/// <summary>What to do about a document.</summary>
/// <param name="Action">Never a write over a change that was made by hand.</param>
/// <param name="Drift">With <see cref="ReconcileAction.ShowDrift"/>: wanted is what was seen after our own last write.</param>
public sealed record ReconcileOutcome(ReconcileAction Action, ValueList<DriftItem> Drift);

/// <summary>A difference that a person took over.</summary>
/// <param name="Pointer">JSON Pointer, as the lists were then.</param>
/// <param name="Wanted">JSON text; null = it was not wanted.</param>
/// <param name="Found">JSON text, wanted instead; null = nothing.</param>
/// <param name="Names">Of the list elements on the way, in order; empty = none can be told; null = of a version that kept no names.</param>
public sealed record TakenItem(string Pointer, string? Wanted, string? Found, ValueList<string>? Names = null);

/// <summary>A document with what people took over.</summary>
/// <param name="Json">Canonical.</param>
/// <param name="Kept">What is in it.</param>
/// <param name="LeftOut">What has no place in it any more: the list element is gone, or the list as a whole is another one.</param>
public sealed record TakenOver(string Json, ValueList<TakenItem> Kept, ValueList<TakenItem> LeftOut);

/// <summary>Compares what should be at the services with what is.</summary>
public static class Reconcile
{
    private static readonly DriftItem[] None = [];

    public static ReconcileOutcome Decide(DocumentState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (!state.Answered)
        {
            return Outcome(ReconcileAction.Unknown, None);
        }

        state = WithSent(state);
        if (state is { Wanted: null, WrittenFrom: not null } and ({ Found: null } or { SeenAfterWrite: null }))
        {
            // Gone, whoever deleted it; or somebody else's, that was shown as drift.
            return Outcome(ReconcileAction.Forget, None);
        }

        if (FindManualChanges(state) is { Count: > 0 } drift)
        {
            return Outcome(ReconcileAction.ShowDrift, drift);
        }

        return state switch
        {
            { Wanted: null, WrittenFrom: null } => Outcome(ReconcileAction.InStep, None), // never ours
            { Wanted: null } => Outcome(ReconcileAction.Delete, None),
            { Found: not null, SeenAfterWrite: null } => Outcome(ReconcileAction.Adopt, None),
            { Found: not null } when string.Equals(state.Wanted, state.WrittenFrom, StringComparison.Ordinal) => Outcome(state.Sent is null ? ReconcileAction.InStep : ReconcileAction.Adopt, None),
            _ => Outcome(ReconcileAction.Write, None),
        };
    }

    /// <summary>As if the answer to what was sent had come, where what is found says that it was done; a document that is as it was before did not get there.</summary>
    private static DocumentState WithSent(DocumentState state) => state switch
    {
        { Sent: null } => state,
        { Found: null, Sent: DocumentState.Deletion } => state with { SeenAfterWrite = null },
        { Found: not null, Sent: DocumentState.Deletion } => state,
        { Found: { } found, Sent: { } sent } when HasArrived(sent, state.SeenAfterWrite, found) => state with { WrittenFrom = sent, SeenAfterWrite = found },
        _ => state,
    };

    /// <summary>Whether what is found is what was sent and not answered, and not what was there before.</summary>
    /// <param name="sent">The document of a PUT.</param>
    /// <param name="seen">What the service showed before that; null: nothing of ours.</param>
    /// <param name="found">What it shows now.</param>
    public static bool HasArrived(string sent, string? seen, string found) => (seen is null || Drift.Between(seen, found).Count > 0) && Drift.Missing(sent, found).Count == 0;

    /// <summary>Whether what was sent and not answered was done, by what is found.</summary>
    /// <param name="sent">A document, or <see cref="DocumentState.Deletion"/>.</param>
    /// <param name="seen">What the service showed before that; null: nothing of ours.</param>
    /// <param name="found">What it shows now; null: nothing is there.</param>
    public static bool IsAsSent(string sent, string? seen, string? found) => sent == DocumentState.Deletion ? found is null : found is not null && HasArrived(sent, seen, found);

    /// <summary>"Take over": what was changed by hand is wanted from now on, on top of what the enrollment gives.</summary>
    /// <param name="wanted">What the enrollment gives.</param>
    /// <param name="taken">Differences that a person took over, the latest last, each <see cref="WithNames"/>.</param>
    public static TakenOver WithTakenOver(string wanted, IEnumerable<TakenItem> taken)
    {
        var (document, given) = (JsonNode.Parse(wanted)!.AsObject(), JsonNode.Parse(wanted)!.AsObject());
        var (kept, left) = (new List<TakenItem>(), new List<TakenItem>());
        foreach (var item in taken.Where(t => t.Pointer.Length > 0))
        {
            // Of a change that an earlier one was made on, the place is known by that one's content.
            (DocumentPlaces.Insert(document, given, item) ? kept : left).Add(item);
        }

        return new TakenOver(WantedDocument.CanonicalText(document.ToJsonString()), kept.ToValueList(), left.ToValueList());
    }

    /// <summary>The same differences with the names of the list elements that they are in, for places in a list do not stay: those that have none yet get those of this document.</summary>
    /// <param name="document">In which the differences were taken over.</param>
    /// <param name="taken">Differences that a person took over.</param>
    public static IReadOnlyList<TakenItem> WithNames(string document, IEnumerable<TakenItem> taken)
    {
        var root = JsonNode.Parse(document)!.AsObject();
        return [.. taken.Select(item => item.Names is null ? item with { Names = DocumentPlaces.GetNames(root, item).ToValueList() } : item)];
    }

    /// <summary>Differences from what we ourselves left there.</summary>
    private static ValueList<DriftItem> FindManualChanges(DocumentState state) => state switch
    {
        { SeenAfterWrite: { } seen, Found: { } found } => Drift.Between(seen, found),
        { SeenAfterWrite: { } seen, Found: null } => [new DriftItem(string.Empty, seen, null)],
        // Never written by us, and there: somebody else made it. The same content is not worth a question.
        { SeenAfterWrite: null, Found: { } found } => state.Wanted is { } wanted ? ForeignTo(wanted, found) : [],
        _ => [],
    };

    private static ValueList<DriftItem> ForeignTo(string wanted, string found) => Drift.Missing(wanted, found);

    private static ReconcileOutcome Outcome(ReconcileAction action, IReadOnlyList<DriftItem> drift) => new(action, drift.ToValueList());
}
