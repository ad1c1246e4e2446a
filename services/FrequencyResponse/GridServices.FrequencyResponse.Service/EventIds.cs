namespace GridServices.FrequencyResponse.Service;

/// <summary>The ids of all log events of the FrequencyResponse service: 6000 to 6999, none used twice. A number once given away keeps its meaning.</summary>
internal static class EventIds
{
    internal const int SourceReaderProblem = 6001;
    internal const int SourceReaderMended = 6002;
    internal const int SourceReaderTold = 6003;

    internal const int PoolHostStarted = 6011;
    internal const int PoolHostRefused = 6012;
    internal const int PoolHostNoSource = 6013;
    internal const int PoolHostStateUnread = 6014;
    internal const int PoolHostUntended = 6015;
    internal const int PoolHostUnmade = 6016;

    internal const int RecorderLost = 6021;
    internal const int RecorderUnprocessed = 6022;
    internal const int WatchdogUnstepped = 6023;

    internal const int ContractPublisherStoreAway = 6031;
    internal const int ContractPublisherFailed = 6032;
    internal const int ContractPublisherCoarsened = 6034;

    internal const int PlanDecisionsUndecided = 6035;
    internal const int PlanDecisionsFailed = 6036;

    internal const int PlanSubmitterOverdue = 6037;
    internal const int PlanSubmitterUntended = 6038;
    internal const int PlanSubmitterUnread = 6039;
    internal const int PlanSubmitterUnconfirmed = 6040;

    internal const int LeaseRenewalGranted = 6041;
    internal const int LeaseRenewalUnknown = 6042;
    internal const int LeaseRenewalFailed = 6043;

    internal const int LimitsFollowerUnheard = 6051;
    internal const int LimitsFollowerUnknown = 6052;
    internal const int LimitsFollowerRetained = 6053;
    internal const int LimitsFollowerNotKept = 6054;
    internal const int LimitsFollowerUnfollowed = 6057;
    internal const int MeasuredSitesNotKept = 6055;
    internal const int MeasuredSitesNotForgotten = 6056;

    internal const int EvidenceLogsUnwritten = 6061;
    internal const int EvidenceLogsUnswept = 6062;

    internal const int MqttWorkerConnected = 6071;
    internal const int MqttWorkerAway = 6072;
    internal const int MqttWorkerUnstored = 6073;
    internal const int MqttWorkerUnanswered = 6074;
    internal const int MqttWorkerTopic = 6075;
    internal const int MqttWorkerUntended = 6076;
    internal const int MqttHandlerNotTaken = 6077;
    internal const int MqttFailSafeCeased = 6081;
    internal const int MqttFailSafeUnceased = 6082;

    internal const int ReservoirsAlert = 6091;
    internal const int ReservoirsRestoring = 6092;
    internal const int ReservoirsRestored = 6093;

    internal const int StoredRowIllegible = 6101;
}
