using NodaTime;

namespace GridServices.Operations.Service.Frequency;

/// <summary>A settlement period, energies in Wh.</summary>
internal sealed record FrequencyPeriod
{
    public required Instant From { get; init; }
    public required Instant Until { get; init; }
    public decimal ProcuredSeconds { get; init; }
    public decimal AvailableSeconds { get; init; }
    public decimal MeasuredSeconds { get; init; }
    public string? Source { get; init; }
    public decimal AskedRaiseWh { get; init; }
    public decimal AskedLowerWh { get; init; }
    public decimal? GivenRaiseWh { get; init; }
    public decimal? GivenLowerWh { get; init; }
    public decimal? Factor { get; init; }
    public decimal? Performance { get; init; }
    public bool Closed { get; init; }
    public IReadOnlyList<string> Reasons { get; init; } = [];
}

/// <summary>Money of a stretch, of the Tariffs service. Provisional: some of it was not measured, or may still change.</summary>
internal sealed record FrequencyMoney(string Currency, decimal Total, decimal Availability, decimal Energy, bool Provisional);
