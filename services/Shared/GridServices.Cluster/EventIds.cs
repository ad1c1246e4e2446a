namespace GridServices.Cluster;

/// <summary>The ids of all log events of the cluster: 10000 to 10999, none used twice. A number once given away keeps its meaning.</summary>
internal static class EventIds
{
    internal const int NodeBeatOvertaken = 10001;
    internal const int NodeBeatAway = 10002;
    internal const int NodeBeatJoined = 10003;
    internal const int NodeFatalError = 10004;
    internal const int NodeBeatAlone = 10005;
    internal const int DeadNodesGone = 10011;
    internal const int DeadNodesUnswept = 10012;
    internal const int KeeperFailed = 10021;
    internal const int KeeperUnstarted = 10022;
    internal const int TakeOversTookOver = 10031;
    internal const int TakeOversHandedOver = 10032;
    internal const int NodeLineUnreached = 10041;
}
