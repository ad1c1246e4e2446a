using Microsoft.Extensions.Logging;

namespace GridServices.Adapters.Service.Oscp;

internal sealed partial class OscpAdapter
{
    [LoggerMessage(EventIds.OscpListening, LogLevel.Information, "{Adapter}: the flexibility provider reaches us at {Address} (OSCP 2.0)")]
    private static partial void LogListening(ILogger logger, string adapter, string address);

    [LoggerMessage(EventIds.OscpRegistered, LogLevel.Information, "{Adapter}: registered with the flexibility provider at {Address}")]
    private static partial void LogRegistered(ILogger logger, string adapter, string address);

    [LoggerMessage(EventIds.OscpTrouble, LogLevel.Warning, "{Adapter}: the flexibility provider is not reached, or does not take everything: {Why}. It is tried again, and hears no heartbeat until then: its fallback capacities hold from the time that our last one stated on. A type that it never takes is left out by Oscp:LeaveOutTypes")]
    private static partial void LogTrouble(ILogger logger, string adapter, string why);

    [LoggerMessage(EventIds.OscpRefused, LogLevel.Warning, "{Adapter}: the flexibility provider can't keep a forecast: {Why}")]
    private static partial void LogRefused(ILogger logger, string adapter, string why);

    [LoggerMessage(EventIds.OscpAsked, LogLevel.Information, "{Adapter}: the flexibility provider asks for other capacity, which nobody here may grant: {What}")]
    private static partial void LogAsked(ILogger logger, string adapter, string what);
}
