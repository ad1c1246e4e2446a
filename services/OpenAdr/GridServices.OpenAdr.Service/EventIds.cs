namespace GridServices.OpenAdr.Service;

/// <summary>The ids of all log events of the OpenAdr service: 3000 to 3999, none used twice. A number once given away keeps its meaning.</summary>
internal static class EventIds
{
    internal const int EventEndpointsOpt = 3001;
    internal const int OptEndpointsCreated = 3002;
    internal const int OptEndpointsCancelled = 3003;

    internal const int PushTlsRefused = 3012;
    internal const int PushFailed = 3013;

    internal const int PastReadingsUnheard = 3021;
    internal const int OwedHistoriesUnheard = 3022;
    internal const int OwedHistoriesFailed = 3023;

    internal const int VenProtocolUnreadable = 3031;
}
