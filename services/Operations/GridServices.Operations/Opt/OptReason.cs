using System.Text.Json.Serialization;

namespace GridServices.Operations.Opt;

/// <summary>The words of OpenADR 2.0b for why somebody opts (EiOpt, optReason).</summary>
public enum OptReason
{
    Economic,
    Emergency,
    MustRun,
    NotParticipating,
    OutageRunStatus,
    OverrideStatus,
    Participating,

    [JsonStringEnumMemberName("x-schedule")]
    Schedule,
}
