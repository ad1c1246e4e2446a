using System.Globalization;

namespace GridServices.Simulators.DerServer.Incoming;

/// <summary>What a client said, in a person's words.</summary>
internal static class DerText
{
    public static string Describe(Posted posted) => posted.Name switch
    {
        "DERCapability" => $"can give {Watts(posted, "rtgMaxW")}",
        "DERSettings" => $"is set to at most {Watts(posted, "setMaxW")}, setGradW {posted.Optional("setGradW")}",
        "DERStatus" => $"state: connected {Nested(posted, "genConnectStatus")}, mode {Nested(posted, "operationalModeStatus")}{Alarms(posted)}",
        _ => "availability",
    };

    public static string Response(int status) => status switch
    {
        1 => "received the control",
        2 => "started the control",
        3 => "completed the control",
        4 => "opts out of the control",
        5 => "opts in to the control",
        6 => "cancelled the control, as told",
        7 => "superseded the control by another",
        14 => "resumed the control",
        251 or 252 => "does not support the control",
        253 => "rejects the control as invalid",
        254 => "received the control too late",
        _ => string.Create(CultureInfo.InvariantCulture, $"answers {status} to the control"),
    };

    private static string Alarms(Posted posted) => posted.Optional("alarmStatus") is { } bits && Posted.Hex(bits, "alarmStatus") != 0 ? $", alarms {bits}" : string.Empty;

    private static string Watts(Posted posted, string name) =>
        string.Create(CultureInfo.InvariantCulture, $"{Posted.Amount(posted.Root.Elements().FirstOrDefault(e => e.Name.LocalName == name))} W");

    private static string Nested(Posted posted, string name) =>
        posted.Root.Elements().FirstOrDefault(e => e.Name.LocalName == name) is { } e ? Posted.TextOrNull(e, "value") ?? "?" : "?";
}
