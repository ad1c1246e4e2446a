using GridServices.Adapters.Lines;
using GridServices.Adapters.Ocpp;

namespace GridServices.Adapters.Service.Settings;

/// <summary>Charging stations behind a charge-station system (CSMS) with an HTTP API.</summary>
internal sealed record OcppSettings
{
    /// <summary>1.6, 2.0.1 or 2.1.</summary>
    public string? Version { get; init; }

    public CsmsSettings? Csms { get; init; }
    public AnswersSettings? Answers { get; init; }
    public IReadOnlyList<StationSettings> Stations { get; init; } = [];

    /// <summary>Stations that were taken out of <see cref="Stations"/>: the profile that they still hold is cleared.</summary>
    public IReadOnlyList<string> Removed { get; init; } = [];

    /// <summary>Keeps what the stations may be doing over restarts; unset: nothing is kept.</summary>
    public string? StationsFile { get; init; }

    /// <summary>See <see cref="ChargingStation.HighestVolts"/>.</summary>
    public decimal? HighestVolts { get; init; }

    public int SharePercent { get; init; } = Share.Whole;
    public int ValidForSeconds { get; init; } = 900;
    public int ClockMarginSeconds { get; init; } = 2;
    public int EverySeconds { get; init; } = 30;
    public int PatienceSeconds { get; init; } = 10;
    public int ProfileId { get; init; } = 1;
    public int StackLevel { get; init; }
    public int MostPeriods { get; init; } = 24;
}

/// <summary>The charge-station system's API.</summary>
internal sealed record CsmsSettings
{
    /// <summary>CitrineOS: the path that takes SetChargingProfile.</summary>
    public const string PathOfCitrineOs = "/ocpp/{version}/smartcharging/setChargingProfile?identifier={station}&tenantId={tenant}&callbackUrl={answers}";

    /// <summary>The one beside it that takes ClearChargingProfile.</summary>
    public const string ClearPathOfCitrineOs = "/ocpp/{version}/smartcharging/clearChargingProfile?identifier={station}&tenantId={tenant}&callbackUrl={answers}";

    public string? Address { get; init; }

    /// <summary>Lets <c>http://</c> be used to another machine: whoever is on the way may then loosen a limit.</summary>
    public bool AllowPlain { get; init; }

    /// <summary>A file whose first line is a bearer token; unset: none is sent.</summary>
    public string? TokenFile { get; init; }

    public string Path { get; init; } = PathOfCitrineOs;

    /// <summary>Where ClearChargingProfile is posted; unset: CitrineOS's path where <see cref="Path"/> is, and otherwise none.</summary>
    public string? ClearPath { get; init; }

    public int Tenant { get; init; } = 1;
}

/// <summary>Where the system sends the stations' answers.</summary>
internal sealed record AnswersSettings
{
    public string? Listen { get; init; }

    /// <summary>The same as the system reaches it.</summary>
    public string? Address { get; init; }
}

/// <summary>See <see cref="ChargingStation"/>.</summary>
internal sealed record StationSettings
{
    public string? Id { get; init; }
    public int Phases { get; init; } = 3;
    public decimal? MaxA { get; init; }
    public decimal MinA { get; init; } = 6;
    public int Weight { get; init; } = 1;
    public ChargingRateUnit Unit { get; init; }
}
