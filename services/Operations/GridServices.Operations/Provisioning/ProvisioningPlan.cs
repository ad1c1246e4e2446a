namespace GridServices.Operations.Provisioning;

/// <summary>A request to a service.</summary>
/// <param name="Service">Where.</param>
/// <param name="Method">PUT or DELETE.</param>
/// <param name="Path">Such as <c>/v1/vens/site-1</c>.</param>
/// <param name="Json">The body of a PUT.</param>
public sealed record ServiceRequest(ProvisionedService Service, string Method, string Path, string? Json);

/// <summary>One write with what takes it back.</summary>
/// <param name="Do">What to send.</param>
/// <param name="Undo">What brings back what was there; null = there is nothing to bring back.</param>
/// <param name="Document">What it writes; null = it deletes.</param>
public sealed record PlanStep(ServiceRequest Do, ServiceRequest? Undo, WantedDocument? Document);

/// <summary>
/// Writes in order: meters and contracts before the line to the utility, so that nothing the utility says is missed by what measures it.
/// A refusal takes back everything that was written before it, last first.
/// </summary>
/// <param name="Steps">In order.</param>
public sealed record ProvisioningPlan(IReadOnlyList<PlanStep> Steps)
{
    /// <param name="wanted">What should be there afterwards.</param>
    /// <param name="before">What is there now by path, each as the service's PUT would take it; absent = nothing is.</param>
    /// <param name="unwanted">Paths that are to go, with their service; the line to the utility goes first.</param>
    public static ProvisioningPlan Create(IEnumerable<WantedDocument> wanted, IReadOnlyDictionary<string, string> before, IEnumerable<(ProvisionedService Service, string Path)> unwanted)
    {
        ArgumentNullException.ThrowIfNull(before);
        var writes = wanted.OrderBy(d => d.Service).ThenBy(d => d.Path, StringComparer.Ordinal)
            .Select(d => new PlanStep(new ServiceRequest(d.Service, "PUT", d.Path, d.Json), Restore(d.Service, d.Path, before), d));
        var deletes = unwanted.OrderByDescending(u => u.Service).ThenBy(u => u.Path, StringComparer.Ordinal)
            .Where(u => before.ContainsKey(u.Path))
            .Select(u => new PlanStep(new ServiceRequest(u.Service, "DELETE", u.Path, null), Restore(u.Service, u.Path, before), null));
        return new ProvisioningPlan([.. deletes, .. writes]);
    }

    /// <summary>Which of the first <paramref name="done"/> steps are taken back, in the order to send.</summary>
    /// <param name="done">How many were done before one was refused.</param>
    /// <param name="isLeaving">Whether it is done for an enrollment that leaves: what it takes away is not brought back, what was written of those that stay is taken back.</param>
    public IReadOnlyList<PlanStep> Rollback(int done, bool isLeaving)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(done);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(done, Steps.Count);
        return [.. Steps.Take(done).Reverse().Where(s => s.Undo is not null && !(isLeaving && s.Document is null))];
    }

    private static ServiceRequest? Restore(ProvisionedService service, string path, IReadOnlyDictionary<string, string> before) =>
        before.TryGetValue(path, out var json) ? new ServiceRequest(service, "PUT", path, json) : new ServiceRequest(service, "DELETE", path, null);
}
