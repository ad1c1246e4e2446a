namespace GridServices.Tariffs.Service;

/// <summary>The ids of all log events of the Tariffs service: 5000 to 5999, none used twice. A number once given away keeps its meaning.</summary>
internal static class EventIds
{
    internal const int MeterTimerStoreAway = 5001;
    internal const int MeterTimerFailed = 5002;

    internal const int MeterUpdaterFailed = 5011;
    internal const int MeterUpdaterCoarsened = 5012;
    internal const int MeterUpdaterUnpriced = 5013;

    internal const int DayAheadFetcherFetched = 5021;
    internal const int MidasFetcherFetched = 5022;

    internal const int BillingRunnerStoreAway = 5031;
    internal const int BillingRunnerFailed = 5032;
    internal const int BillingRunnerRoundFailed = 5033;
}
