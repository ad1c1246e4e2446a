using System.Globalization;
using GridServices.Simulators.DerServer.Model;
using NodaTime;

namespace GridServices.Simulators.DerServer.Incoming;

/// <summary>Log events, as strictly as the standard has them. Written down independently of the client.</summary>
internal static class LogEvents
{
    private const uint StandardPen = 40732;
    private const int LastFunctionSet = 19;
    private const int Der = 11;
    private static readonly Duration Ahead = Duration.FromMinutes(5);

    private static readonly string[] DerCodes =
    [
        "DER_FAULT_OVER_CURRENT", "DER_FAULT_OVER_CURRENT_RTN", "DER_FAULT_OVER_VOLTAGE", "DER_FAULT_OVER_VOLTAGE_RTN", "DER_FAULT_UNDER_VOLTAGE", "DER_FAULT_UNDER_VOLTAGE_RTN",
        "DER_FAULT_OVER_FREQUENCY", "DER_FAULT_OVER_FREQUENCY_RTN", "DER_FAULT_UNDER_FREQUENCY", "DER_FAULT_UNDER_FREQUENCY_RTN",
        "DER_FAULT_VOLTAGE_IMBALANCE", "DER_FAULT_VOLTAGE_IMBALANCE_RTN", "DER_FAULT_CURRENT_IMBALANCE", "DER_FAULT_CURRENT_IMBALANCE_RTN",
        "DER_FAULT_EMERGENCY_LOCAL", "DER_FAULT_EMERGENCY_LOCAL_RTN", "DER_FAULT_EMERGENCY_REMOTE", "DER_FAULT_EMERGENCY_REMOTE_RTN",
        "DER_FAULT_LOW_POWER_INPUT", "DER_FAULT_LOW_POWER_INPUT_RTN", "DER_FAULT_PHASE_ROTATION", "DER_FAULT_PHASE_ROTATION_RTN",
    ];

    public static SimLogEvent Read(Posted posted, int device, Instant now)
    {
        var log = new SimLogEvent(
            device,
            Instant.FromUnixTimeSeconds(Within(posted, "createdDateTime", 0, (now + Ahead).ToUnixTimeSeconds())),
            (byte)Within(posted, "functionSet", 0, LastFunctionSet),
            (byte)Within(posted, "logEventCode", 0, byte.MaxValue),
            (ushort)Within(posted, "logEventID", 0, ushort.MaxValue),
            (uint)Within(posted, "logEventPEN", 1, uint.MaxValue),
            (byte)Within(posted, "profileID", 0, 4),
            posted.Optional("extendedData") is null ? null : (uint)Within(posted, "extendedData", 0, uint.MaxValue),
            posted.Optional("details") is not { Length: > 32 } ? posted.Optional("details") : throw new ProblemException(400, "details has more than 32 characters"),
            null,
            posted.Root);
        return log.Pen == StandardPen ? log with { Meaning = GetMeaning(log) } : log;
    }

    private static string GetMeaning(SimLogEvent log) => log switch
    {
        { Profile: not 2 } => throw new ProblemException(400, $"the standard's codes are of profileID 2, not {log.Profile}"),
        { FunctionSet: Der } when log.Code < DerCodes.Length => DerCodes[log.Code],
        { FunctionSet: Der } => throw new ProblemException(400, $"the standard has no code {log.Code} for DER"),
        _ => string.Create(CultureInfo.InvariantCulture, $"function set {log.FunctionSet}, code {log.Code}"),
    };

    private static long Within(Posted posted, string name, long least, long most) => posted.Number(name) is var number && number >= least && number <= most
        ? number
        : throw new ProblemException(400, $"{name} {number} is not within {least} and {most}");
}
