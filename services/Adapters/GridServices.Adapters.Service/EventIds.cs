namespace GridServices.Adapters.Service;

/// <summary>The ids of all log events of the adapters: 9000 to 9999, none used twice. A number once given away keeps its meaning.</summary>
internal static class EventIds
{
    internal const int AdapterStarted = 9001;
    internal const int AdapterFailed = 9002;
    internal const int SiteNotice = 9011;
    internal const int SiteTargetsUntold = 9012;
    internal const int SiteVoltsAssumed = 9013;
    internal const int BrokerConnected = 9021;
    internal const int BrokerAway = 9022;
    internal const int ModbusListening = 9031;
    internal const int ModbusFull = 9032;
    internal const int ModbusUnanswered = 9033;
    internal const int StationTrouble = 9041;
    internal const int StationReached = 9042;
    internal const int StationsUnwritten = 9043;
    internal const int StationsUnread = 9044;
    internal const int StationLeft = 9045;
    internal const int StationCleared = 9046;
    internal const int StationUncleared = 9047;
    internal const int StationElsewhere = 9048;
    internal const int OscpListening = 9051;
    internal const int OscpRegistered = 9052;
    internal const int OscpTrouble = 9053;
    internal const int OscpRefused = 9054;
    internal const int OscpAsked = 9055;
    internal const int OscpStranger = 9056;
}
