using GridServices.Contracts;
using GridServices.Hosting.Storage;

namespace GridServices.Cluster.Nodes;

/// <summary>What Orleans can't go on from, such as finding itself declared dead: this node begins anew instead of ending its process.</summary>
internal sealed partial class NodeFatalErrors(Standby standby, IHostApplicationLifetime lifetime, ILogger<NodeFatalErrors> log) : IFatalErrorHandler
{
    public bool IsUnexpected(Exception exception) => exception is not OperationCanceledException;

    public void OnFatalException(object? sender = null, string? context = null, Exception? exception = null)
    {
        if (!standby.WasOvertaken)
        {
            standby.Overtaken();
            LogFatal(SafeText.Short($"{context} {exception?.Message}"));
            lifetime.StopApplication();
        }
    }

    [LoggerMessage(EventIds.NodeFatalError, LogLevel.Error, "This node can't go on in the cluster; it stops its work and begins anew: {Reason}")]
    private partial void LogFatal(string reason);
}
