namespace GridServices.Hosting;

/// <summary>The ids of all log events of Hosting: 1000 to 1999, none used twice. A number once given away keeps its meaning.</summary>
internal static class EventIds
{
    internal const int ServiceStartStore = 1000;
    internal const int ProblemMiddlewareUnhandled = 1001;
    internal const int ProblemMiddlewareBroken = 1002;
    internal const int ProblemMiddlewareStoreAway = 1003;
    internal const int ServiceStartExposed = 1004;
    internal const int ServiceStartStandby = 1005;

    internal const int PostgreSqlBackendReconnect = 1101;
    internal const int SqliteBackendReplaced = 1102;
    internal const int StoreRecoveryFailing = 1103;
    internal const int StoreRecoveryRecovered = 1104;
    internal const int PostgreSqlBackendHeldAgain = 1105;
    internal const int StandbyWorkTakesOver = 1106;
    internal const int StandbyWorkOvertaken = 1107;
    internal const int StandbyWorkFailed = 1108;
    internal const int PostgreSqlBackendHung = 1109;
    internal const int StandbyWorkDoubt = 1110;

    internal const int RefusedTokensRefused = 1201;
    internal const int TokenDirectoryKept = 1202;
    internal const int TokenDirectoryAnonymous = 1203;
    internal const int TokenDirectoryReloaded = 1204;
    internal const int RefusedTokensDenied = 1205;
    internal const int RefusedTokensUntold = 1206;
    internal const int IssuerKeysFetched = 1207;
    internal const int IssuerKeysAway = 1208;

    internal const int OutboxRelayFailed = 1301;
    internal const int OutboxRelayRecovered = 1302;
    internal const int OutboxRelayParked = 1303;
    internal const int OutboxRelayHeld = 1304;
    internal const int OutboxRelayDamaged = 1305;
    internal const int OutboxRelayLater = 1306;
    internal const int OutboxRelayGivenUp = 1307;
    internal const int OutboxRelayStale = 1308;
    internal const int OutboxRelayRaised = 1309;
    internal const int OutboxRelayDamagedStream = 1310;

    internal const int HelloLoopRestating = 1311;
    internal const int HelloLoopRestated = 1312;
    internal const int HelloLoopUnheard = 1313;

    internal const int FeedbackFollowerBroken = 1321;
    internal const int FeedbackFollowerEnded = 1322;
    internal const int FeedbackFollowerCursorGone = 1323;
    internal const int FeedbackDeliveryStoreAway = 1324;
    internal const int FeedbackSaverStoreAway = 1325;
    internal const int FeedbackFollowerDamaged = 1326;
    internal const int FeedbackDeliveryFailed = 1327;

    internal const int UpstreamReporterUnheard = 1331;
    internal const int UpstreamReporterFailed = 1332;

    internal const int ClockWatchJump = 1401;

    internal const int JobRunnerUnknown = 1501;
    internal const int JobRunnerFailed = 1502;
    internal const int JobServerAway = 1503;
    internal const int JobTriggerAway = 1504;
}
