using System.Net;
using GridServices.Adapters.Ocpp;
using GridServices.Adapters.Schedules;

namespace GridServices.Adapters.Service.Ocpp;

/// <summary>What one adapter tells charging stations.</summary>
internal sealed record OcppPlan
{
    public required CsmsPlan Csms { get; init; }

    /// <summary>Null: the system answers with the station's own answer.</summary>
    public required AnswersPlan? Answers { get; init; }

    /// <summary>Every station that draws behind the limit.</summary>
    public required IReadOnlyList<ChargingStation> Stations { get; init; }

    /// <summary>Stations that are told nothing any more, and whose profile is cleared.</summary>
    public IReadOnlyList<string> Removed { get; init; } = [];

    public required ChargingProfile Profile { get; init; }

    /// <summary>Keeps what the stations may be doing over restarts; null: nothing does.</summary>
    public string? StationsFile { get; init; }

    /// <summary>The stations' part of the site's limit.</summary>
    public int SharePercent { get; init; } = 100;

    public ScheduleRules Schedule { get; init; } = new();

    /// <summary>Profiles are sent again after this, for a station may start anew without them.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>So long a station may take to answer; from then on it counts as one that does not.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>So long the system may take to say that it sent the profile, where the station's answer comes later.</summary>
    public TimeSpan PatienceForSending { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>So long the system may take: to say that it sent the profile, or, where it hands on the station's answer itself, as long as the station.</summary>
    public TimeSpan PatienceWithSystem => Csms.WantsAnswers ? PatienceForSending : Patience;
}

/// <summary>The charge-station system.</summary>
internal sealed record CsmsPlan
{
    public const string StationMark = "{station}";
    public const string AnswersMark = "{answers}";

    public required Uri Address { get; init; }

    /// <summary>With <see cref="StationMark"/>, and <see cref="AnswersMark"/> where the answers come to us.</summary>
    public required string Path { get; init; }

    /// <summary>The same for ClearChargingProfile; null: it can't be posted.</summary>
    public string? ClearPath { get; init; }

    /// <summary>Whose station it is, where the path says so.</summary>
    public int? Tenant { get; init; }

    public required string? TokenFile { get; init; }
    public required OcppVersion Version { get; init; }

    /// <summary>True where the station's answer comes later, at an address of ours.</summary>
    public bool WantsAnswers => Path.Contains(AnswersMark, StringComparison.Ordinal);
}

/// <summary>Where the stations' answers come to.</summary>
/// <param name="Listen">Address and port.</param>
/// <param name="Address">The same as the system reaches it.</param>
internal sealed record AnswersPlan(IPEndPoint Listen, Uri Address);
