namespace GridServices.Operations.Service;

/// <summary>The ids of all log events of the Operations service: 7000 to 7999, none used twice. A number once given away keeps its meaning.</summary>
internal static class EventIds
{
    internal const int WatcherFailed = 7001;
    internal const int LimitWatchFailed = 7002;
    internal const int WatcherNotLoaded = 7003;
    internal const int OptKeeperUntold = 7010;
    internal const int OptScheduleUnsent = 7011;
    internal const int OptScheduleNotCancelled = 7012;
    internal const int OptPlanGone = 7013;
    internal const int OptKeeperFailed = 7014;
    internal const int ProvisionerWaits = 7020;
    internal const int ProvisionerNotTakenBack = 7021;
    internal const int ProvisioningLoopPauses = 7022;
    internal const int ProvisioningLoopFailed = 7023;
    internal const int ConnectionWordReleased = 7024;
    internal const int FirstAdminSetup = 7030;
    internal const int ForecastFailed = 7040;
    internal const int SiteActionFailed = 7041;
    internal const int EventUnread = 7050;
    internal const int NoticePartFailed = 7051;
    internal const int AfterCommitFailed = 7060;
    internal const int ControllerTokensNotWritten = 7500;
}
