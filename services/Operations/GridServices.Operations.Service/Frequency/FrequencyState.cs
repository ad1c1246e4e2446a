using NodaTime;

namespace GridServices.Operations.Service.Frequency;

/// <summary>What a contract does this moment. Responses are + where they raise the frequency.</summary>
internal sealed record FrequencyState
{
    public string? Phase { get; init; }
    public string? Rung { get; init; }
    public bool Procured { get; init; }
    public decimal? FrequencyHz { get; init; }
    public decimal? TargetPu { get; init; }
    public decimal? Pu { get; init; }
    public decimal? ResponseW { get; init; }
    public IReadOnlyList<string> Faults { get; init; } = [];
    public FrequencyCompliance? Compliance { get; init; }
    public FrequencyReservoir? Reservoir { get; init; }
    public FrequencyBroker? Mqtt { get; init; }
    public FrequencyActivation? Activation { get; init; }
    public FrequencyPool? Pool { get; init; }
    public IReadOnlyList<FrequencySource> Sources { get; init; } = [];
}

/// <summary>How it would be scored if the settlement period ended now.</summary>
internal sealed record FrequencyCompliance(decimal? PredictedFactor, decimal? WorstErrorPu, decimal? MeasuredSeconds, decimal? MissingSeconds, string? Source);

internal sealed record FrequencyReservoir(string? System, string? Phase, string? Problem);

internal sealed record FrequencyBroker(bool Connected, Instant? AwaySince, string? Problem);

internal sealed record FrequencyPool(decimal? ShortfallW, bool Commands, long Unrecorded, IReadOnlyList<string>? Shortcomings);

internal sealed record FrequencySource(string SourceId, decimal? AgeSeconds, decimal? LastHz, string? Problem);

/// <summary>An activation; until null = it lasts.</summary>
internal sealed record FrequencyActivation(
    string Id, Instant StartedAt, Instant? EndedAt, decimal? StartHz, decimal? LowestHz, decimal? HighestHz, decimal? PeakPu, decimal? RaisedWh,
    decimal? LoweredWh);
