using GridServices.Operations.Enrollments;
using GridServices.Operations.Provisioning;

namespace GridServices.Operations.Service.Provisioning;

/// <summary>What is at the services against what is wanted, document by document.</summary>
/// <param name="Group">The enrollments that share these documents.</param>
/// <param name="Wanted">What they want, and who has a part in which document.</param>
internal sealed record PlannedWork(IReadOnlyList<Enrollment> Group, ProvisioningOutcome Wanted)
{
    private readonly List<WantedDocument> _writes = [];
    private readonly List<(ProvisionedService Service, string Path)> _deletes = [];
    private readonly Dictionary<string, string> _before = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string?> _etags = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ServiceDocumentRow> _held = new(StringComparer.Ordinal);

    /// <summary>Which service can't be asked; null: all answered.</summary>
    internal string? Away { get; init; }

    /// <summary>Why the rest of what the enrollment has a part in can't be decided yet; null: this is all of it.</summary>
    internal string? WaitsFor { get; init; }

    /// <summary>Documents that somebody changed, made or deleted by hand.</summary>
    internal List<DriftedDocument> Drifted { get; } = [];

    /// <summary>Documents that are as wanted.</summary>
    internal List<DocumentInPlace> InPlace { get; } = [];

    /// <summary>Paths at which nothing of ours is, and nothing is wanted any more.</summary>
    internal List<string> Forgotten { get; } = [];

    /// <summary>Whether something was found out that is to be kept even where nothing can be written now.</summary>
    internal bool HasFound => Forgotten.Count > 0 || InPlace.Exists(d => d.Adopted is not null);

    /// <summary>What people had taken over and has no place any more, by path; what is left of it is kept.</summary>
    internal Dictionary<string, TakenOver> LeftOut { get; } = new(StringComparer.Ordinal);

    /// <summary>What the enrollments want with what people took over on top of it.</summary>
    internal WantedDocument WithTakenOver(WantedDocument wanted, ServiceDocumentRow? held)
    {
        if (held is not { Taken: { Count: > 0 } taken })
        {
            return wanted;
        }

        var over = GridServices.Operations.Provisioning.Reconcile.WithTakenOver(wanted.Json, GridServices.Operations.Provisioning.Reconcile.WithNames(held.Wanted, taken));
        if (over.LeftOut.Count > 0)
        {
            LeftOut[wanted.Path] = over;
        }

        return wanted with { Json = over.Json };
    }

    /// <summary>All whose documents these are, and were.</summary>
    internal IEnumerable<string> Concerned => Group.Select(e => e.Id).Union(Wanted.Paths.Keys, StringComparer.Ordinal);

    internal string? FindETag(string path) => _etags.GetValueOrDefault(path);

    /// <summary>What is kept of a document that was judged; null: nothing.</summary>
    internal ServiceDocumentRow? FindHeld(string path) => _held.GetValueOrDefault(path);

    /// <summary>What was sent, where what is found says that it arrived, is what is kept from now on: the next lost answer must not take the knowledge of this one.</summary>
    private static ServiceDocumentRow? WithArrived(ServiceDocumentRow? held, string? found, string? etag) =>
        held is { Sent: { } sent and not DocumentState.Deletion } && found is not null && GridServices.Operations.Provisioning.Reconcile.HasArrived(sent, held.Seen, found)
            ? held with { Wanted = sent, Seen = found, ETag = etag } : held;

    internal ProvisioningPlan Plan() => ProvisioningPlan.Create(_writes, _before, _deletes);

    internal void Add(string path, ProvisionedService service, WantedDocument? wanted, ServiceDocumentRow? kept, string? found, string? etag)
    {
        var held = WithArrived(kept, found, etag);
        var judged = GridServices.Operations.Provisioning.Reconcile.Decide(new DocumentState(Answered: true, wanted?.Json, held?.Wanted, held?.Seen, found, held?.Sent));
        if (held is not null)
        {
            _held[path] = held;
        }

        if (found is not null)
        {
            _before[path] = found;
            _etags[path] = etag;
        }

        switch (judged.Action)
        {
            case ReconcileAction.Write:
                _writes.Add(wanted!);
                break;
            case ReconcileAction.Delete:
                _deletes.Add((service, path));
                break;
            case ReconcileAction.Forget:
                Forgotten.Add(path);
                break;
            case ReconcileAction.ShowDrift:
                Drifted.Add(new DriftedDocument(service, path, wanted, held, found, etag, judged.Drift));
                break;
            case ReconcileAction.InStep or ReconcileAction.Adopt when wanted is not null:
                InPlace.Add(new DocumentInPlace(wanted, judged.Action == ReconcileAction.Adopt ? found : null, etag));
                break;
            default:
                break;
        }
    }
}

/// <summary>A document that is not as we left it.</summary>
internal sealed record DriftedDocument(ProvisionedService Service, string Path, WantedDocument? Wanted, ServiceDocumentRow? Held, string? Found, string? ETag, IReadOnlyList<DriftItem> Drift);

/// <summary>A document that is at its service as wanted.</summary>
/// <param name="Document">As wanted.</param>
/// <param name="Adopted">What the service shows, where nothing was kept of it so far: our own whose answer was lost, or made by somebody else; null: it is kept already.</param>
/// <param name="ETag">Of what the service shows.</param>
internal sealed record DocumentInPlace(WantedDocument Document, string? Adopted, string? ETag);
