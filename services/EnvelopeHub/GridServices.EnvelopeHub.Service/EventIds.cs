namespace GridServices.EnvelopeHub.Service;

/// <summary>The ids of all log events of the EnvelopeHub service: 2000 to 2999, none used twice. A number once given away keeps its meaning.</summary>
internal static class EventIds
{
    internal const int CommitQueueFailed = 2001;
    internal const int CommitQueueStillAway = 2002;

    internal const int EffectiveTimelinePublisherFailed = 2011;
    internal const int HeartbeatFailed = 2012;

    internal const int FeedbackQueueFailed = 2021;
    internal const int DamagedFeedbackFound = 2022;

    internal const int HistoryMarkerFileFailed = 2041;
    internal const int HistoryLoopAnother = 2042;
    internal const int HistoryLoopFirst = 2043;
    internal const int HistoryLoopWaiting = 2044;
    internal const int HistoryLoopComplete = 2045;
    internal const int HistoryLoopPutOff = 2046;
    internal const int HistoryLoopForgot = 2047;
    internal const int DamagedSitesDamaged = 2048;
    internal const int HistoryLoopFailed = 2049;

    internal const int UpstreamStoreNotKept = 2051;
    internal const int UpstreamStoreUnreadable = 2052;

    internal const int CommitHintsLost = 2061;
    internal const int NodeFollowerUnseen = 2062;
    internal const int NodeFollowerDoubt = 2063;
    internal const int NodeFollowerAgain = 2064;
    internal const int StoreShareLost = 2065;
    internal const int CommitHintsUnsent = 2066;
}
