using GridServices.Operations.Enrollments;
using GridServices.Operations.Programs;
using GridServices.Operations.Registry;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Provisioning;

/// <summary>An enrollment with what its documents are made of.</summary>
public sealed record ProvisionSource
{
    public required Enrollment Enrollment { get; init; }
    public required ProgramTemplate Template { get; init; }
    public required Site Site { get; init; }
    public ValueList<MeterPoint> MeterPoints { get; init; } = [];
    public ValueList<Asset> Assets { get; init; } = [];
    public ValueList<Nomination> Nominations { get; init; } = [];
    public Certificate? Certificate { get; init; }

    /// <summary>Whether it wants documents in its state.</summary>
    public bool IsProvisioned => IsProvisionedIn(Enrollment.State);

    /// <summary>Whether an enrollment wants documents in a state.</summary>
    public static bool IsProvisionedIn(EnrollmentState state) => state is
        EnrollmentState.Provisioning or EnrollmentState.Testing or EnrollmentState.Active or EnrollmentState.Suspended;

    /// <summary>A site with several programs of one VTN has one VEN, unless a key is given.</summary>
    public string VenKey => Enrollment.Identity.VenKey ?? Site.SiteId;

    public string ClientKey => Enrollment.Identity.ClientKey ?? Site.SiteId;

    /// <summary>What is offered on that day: the latest nomination handed in whose period has begun, else the next one; null = none.</summary>
    internal Nomination? NominationOn(LocalDate today)
    {
        var handedIn = Nominations
            .Where(n => n.EnrollmentId == Enrollment.Id && n.State is NominationState.Submitted or NominationState.Accepted)
            .Select(n => (Nomination: n, Start: NominationCalendar.FindStart(Template, n.DeliveryPeriod)))
            .Where(n => n.Start is not null)
            .OrderBy(n => n.Start).ThenBy(n => n.Nomination.Updated.At)
            .ToList();
        return handedIn.FindLast(n => n.Start <= today) is { Nomination: { } current } ? current : handedIn.FirstOrDefault().Nomination;
    }
}

/// <summary>The documents of some enrollments, or why there are none.</summary>
/// <param name="Documents">In the order of writing, without those of a path that an enrollment with a fault shares.</param>
/// <param name="Faults">By field of the form, with the enrollment's id.</param>
public sealed record ProvisioningOutcome(IReadOnlyList<WantedDocument> Documents, IReadOnlyList<ProvisioningFault> Faults)
{
    /// <summary>The paths that each source, provisioned or not, has a part in, by the enrollment's id.</summary>
    public required IReadOnlyDictionary<string, IReadOnlySet<string>> Paths { get; init; }

    /// <summary>Ids of the sources that want documents.</summary>
    public required IReadOnlySet<string> Provisioned { get; init; }

    /// <summary>Paths of enrollments with a fault: what they want there is not known.</summary>
    public required IReadOnlySet<string> Blocked { get; init; }

    /// <summary>Whose part a document at a path has in it: those that want documents, and this one among them. What one that leaves had in it goes with it.</summary>
    public IReadOnlyList<string> GetOwners(string path) => [.. Paths.Where(p => Provisioned.Contains(p.Key) && p.Value.Contains(path)).Select(p => p.Key).Order(StringComparer.Ordinal)];

    /// <summary>Whether it is known what is wanted at a path. Beside a fault, what no enrollment names any more may be what the one with the fault had.</summary>
    public bool IsKnown(string path) => Faults.Count == 0 || (!Blocked.Contains(path) && Paths.Values.Any(p => p.Contains(path)));
}

/// <summary>Why an enrollment cannot be provisioned.</summary>
public sealed record ProvisioningFault(string EnrollmentId, string Field, string Text);

/// <summary>Which documents enrollments want at the services.</summary>
public static class WantedDocuments
{
    /// <param name="sources">Every enrollment that shares a VEN, client or meter with the ones of interest; those that are not provisioned are left out.</param>
    /// <param name="today">The day whose nominations hold.</param>
    public static ProvisioningOutcome Create(IEnumerable<ProvisionSource> sources, LocalDate today)
    {
        var all = sources.ToList();
        var provisioned = all.Where(s => s.IsProvisioned).OrderBy(s => s.Enrollment.Id, StringComparer.Ordinal).ToList();
        var faults = new List<ProvisioningFault>();
        var documents = MeterDocument.Create(provisioned)
            .Concat(ContractDocument.Create(provisioned, faults))
            .Concat(provisioned.Where(s => s.Template.Protocol == ProgramProtocol.OpenAdr20b).GroupBy(s => s.VenKey).Select(ven => VenDocument.Create(ven.Key, [.. ven], today, faults)))
            .Concat(provisioned.Where(s => s.Template.Protocol == ProgramProtocol.Ieee2030Dot5).GroupBy(s => s.ClientKey).Select(client => ClientDocument.Create(client.Key, [.. client], faults)))
            .OrderBy(d => d.Service).ThenBy(d => d.Path, StringComparer.Ordinal)
            .ToList();
        var paths = all.ToDictionary(s => s.Enrollment.Id, IReadOnlySet<string> (s) => GetPaths(s), StringComparer.Ordinal);
        var blocked = faults.SelectMany(f => paths[f.EnrollmentId]).ToHashSet(StringComparer.Ordinal);
        return new ProvisioningOutcome([.. documents.Where(d => !blocked.Contains(d.Path))], faults)
        {
            Paths = paths,
            Provisioned = provisioned.Select(s => s.Enrollment.Id).ToHashSet(StringComparer.Ordinal),
            Blocked = blocked,
        };
    }

    private static HashSet<string> GetPaths(ProvisionSource source)
    {
        var paths = source.MeterPoints.Where(m => source.Enrollment.MeterPointIds.Contains(m.Id)).Select(MeterDocument.GetPath).ToHashSet(StringComparer.Ordinal);
        paths.UnionWith(source.Template.FrequencyService is null ? [] : [ContractDocument.GetPath(source.Enrollment)]);
        paths.UnionWith(source.Template.Protocol switch
        {
            ProgramProtocol.OpenAdr20b => [VenDocument.GetPath(source.VenKey)],
            ProgramProtocol.Ieee2030Dot5 => [ClientDocument.GetPath(source.ClientKey)],
            _ => [],
        });
        return paths;
    }
}
