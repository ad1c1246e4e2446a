namespace GridServices.Ieee2030Dot5.Service;

/// <summary>The ids of all log events of the Ieee2030Dot5 service: 4000 to 4999, none used twice. A number once given away keeps its meaning.</summary>
internal static class EventIds
{
    internal const int ClientEngineNewIdentity = 4001;
    internal const int ClientProtocolUnreadable = 4002;

    internal const int CipherSelfTestPassed = 4011;
    internal const int CipherSelfTestFailed = 4012;

    internal const int ClockStepMonitorStepped = 4021;

    internal const int NotificationListenerRefused = 4031;
    internal const int NotificationDoorRefused = 4032;

    internal const int ReservationEndpointsCreated = 4041;
    internal const int ReservationEndpointsWithdrawn = 4042;

    internal const int ControlOptEndpointChosen = 4051;
}
