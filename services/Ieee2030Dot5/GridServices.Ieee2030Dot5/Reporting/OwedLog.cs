using GridServices.Contracts;

namespace GridServices.Ieee2030Dot5.Reporting;

/// <summary>Something the server's log is owed.</summary>
/// <param name="Number">Counts up; logEventID.</param>
/// <param name="Code">See <see cref="LogCode"/>.</param>
/// <param name="AtS">Unix seconds, server time.</param>
public sealed record OwedLog(int Number, LogCode Code, long AtS)
{
    /// <summary>The alarm; null: it is about none.</summary>
    public AlarmKind? Alarm { get; init; }

    /// <summary>Bits of what was raised from then on, as in DERStatus; extendedData.</summary>
    public uint? AlarmStatus { get; init; }
}

/// <summary>What happened. The first four are codes of our own, under the operator's enterprise number.</summary>
public enum LogCode
{
    /// <summary>The server was not heard; told once it is again.</summary>
    CommunicationLost = 1,

    CommunicationRestored = 2,

    /// <summary>People hold the site against what it was asked.</summary>
    ManualOverrideBegan = 3,

    ManualOverrideEnded = 4,

    /// <summary>Sent under the standard's number, with the code of the alarm.</summary>
    AlarmRaised = 5,

    /// <summary>Likewise.</summary>
    AlarmReturned = 6,
}
