namespace GridServices.UtilityClients;

/// <summary>The ids of all log events of what the OpenAdr and Ieee2030Dot5 services share: 8000 to 8999, none used twice. A number once given away keeps its meaning.</summary>
internal static class EventIds
{
    internal const int EngineLoopFault = 8001;
    internal const int EngineLoopStoreAway = 8002;
    internal const int EngineLoopFarewellUnheard = 8003;
    internal const int EngineLoopFenced = 8004;
    internal const int EngineLoopInformation = 8005;
    internal const int EngineLoopWarning = 8006;
    internal const int EngineLoopAlarm = 8007;
    internal const int EngineLoopFarewellUnsent = 8008;

    internal const int EngineHostLoaded = 8011;
    internal const int EngineHostShared = 8012;

    internal const int WriteBehindStoreAway = 8021;
    internal const int WriteBehindFenced = 8022;
    internal const int WriteBehindRefused = 8023;
    internal const int WriteBehindFailed = 8024;

    internal const int CertificateExpiryMonitorEnding = 8031;
    internal const int CertificateExpiryMonitorEnded = 8032;
    internal const int CertificateExpiryMonitorUnusable = 8033;

    internal const int ConnectionHolderKept = 8041;
    internal const int ConnectionHolderRenewed = 8042;

    internal const int MutualTlsListenerUp = 8051;
    internal const int MutualTlsListenerNothingToShow = 8052;
    internal const int MutualTlsListenerShowsAgain = 8053;
    internal const int MutualTlsListenerLookFailed = 8054;
    internal const int MutualTlsListenerCrowded = 8055;
}
