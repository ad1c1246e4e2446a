using System.Collections.Concurrent;
using System.Diagnostics.Tracing;

namespace GridServices.Testing.Tls;

/// <summary>Every name this process resolves and every address it connects to.</summary>
public sealed class ConnectionWatch : EventListener
{
    public ConcurrentQueue<string> Foreign { get; } = new();

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name is "System.Net.NameResolution" or "System.Net.Sockets")
        {
            EnableEvents(eventSource, EventLevel.Informational);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventName is "ResolutionStart" or "ConnectStart" && eventData.Payload?[0]?.ToString() is { } where
            && !where.Contains("127.0.0.1", StringComparison.Ordinal) && !where.Contains("localhost", StringComparison.Ordinal)
            && !where.Contains("127,0,0,1", StringComparison.Ordinal) && !where.StartsWith("Unix", StringComparison.Ordinal))
        {
            Foreign.Enqueue($"{eventData.EventName} {where}");
        }
    }
}
