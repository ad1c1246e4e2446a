using GridServices.Hosting;

namespace GridServices.Operations.Service.Provisioning;

/// <summary>Every minute: whether stored limits of connections that wait are later than the hub's. Apart from the documents, which must not wait for a slow hub.</summary>
internal sealed class WaitingLimitsJob(WaitingConnectionLimits limits) : IRecurringJob
{
    internal const string Name = "waiting-limits";

    public Task RunAsync(CancellationToken ct) => limits.CheckAsync(ct);
}
