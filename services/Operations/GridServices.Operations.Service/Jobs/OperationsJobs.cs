using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Compliance;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Import;
using GridServices.Operations.Service.Notify;
using GridServices.Operations.Service.Provisioning;
using GridServices.Operations.Service.Storage;
using Hangfire;
using NodaTime;

namespace GridServices.Operations.Service.Jobs;

/// <summary>
/// What Hangfire starts, retries and shows: each is a step over our own tables that can begin again at any point. Arguments are tenants and ids, never secrets or
/// personal data: the dashboard shows them.
/// </summary>
public sealed class OperationsJobs
{
    private readonly IServiceProvider _services;

    public OperationsJobs(IServiceProvider services) => _services = services;

    /// <summary>Works an import off from the row where it is.</summary>
    [JobDisplayName("import-rows {1}")]
    public Task ImportRowsAsync(string tenant, string importId, CancellationToken ct) => Of<ImportRunner>().RunAsync(tenant, importId, ct);

    /// <summary>Looks whether documents at the services are as they were left; every 60 s.</summary>
    [JobDisplayName("reconcile")]
    [DisableConcurrentExecution(5)]
    public async Task ReconcileAsync(CancellationToken ct)
    {
        foreach (var tenant in Of<ServiceTokens>().Tenants)
        {
            await Of<DocumentWatch>().LookAsync(tenant, ct);
        }
    }

    /// <summary>Deadlines, required actions, certificates; hourly.</summary>
    [JobDisplayName("deadline-watch")]
    [DisableConcurrentExecution(5)]
    public Task DeadlineWatchAsync(CancellationToken ct) => Of<DeadlineWatch>().LookAsync(ct);

    /// <summary>Reports of events that are over: preliminary 5 minutes after, final once meter data are.</summary>
    [JobDisplayName("compliance")]
    [DisableConcurrentExecution(5)]
    public Task ComplianceAsync(CancellationToken ct) => Of<ComplianceRounds>().RunAsync(ct);

    /// <summary>Plans and sends what people are to be told.</summary>
    [JobDisplayName("notify")]
    [DisableConcurrentExecution(5)]
    public Task NotifyAsync(CancellationToken ct) => Of<NotifyRounds>().RunAsync(ct);

    private T Of<T>()
        where T : notnull => _services.GetRequiredService<T>();
}
