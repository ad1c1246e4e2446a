using GridServices.FrequencyResponse.Evidence;
using GridServices.FrequencyResponse.Performance;
using GridServices.FrequencyResponse.Service.Recording;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Api;

/// <summary>Rows at regular instants in [from, until).</summary>
public sealed record MeteredAnswer(string ContractId, Instant From, Instant Until, Duration Step, IReadOnlyList<MeteredView> Rows);

/// <summary>A row of a metered file. Powers in W, + = injection, as in the evidence; what is not known is absent.</summary>
public sealed record MeteredView
{
    public required Instant At { get; init; }

    /// <summary>Of the last sample by then.</summary>
    public double? FrequencyHz { get; init; }

    /// <summary>Of the last reading by then, of the whole pool.</summary>
    public double? MeteredW { get; init; }

    /// <summary>none where there is no reading.</summary>
    public required MeterSource Source { get; init; }

    /// <summary>Power of the pool without response.</summary>
    public double? BaselineW { get; init; }

    /// <summary>What the pool was told: no measurement.</summary>
    public double? CommandedW { get; init; }

    /// <summary>What of it this contract's response is.</summary>
    public double? ResponseW { get; init; }

    /// <summary>Inside a contracted window.</summary>
    public required bool Procured { get; init; }

    /// <summary>Procured, and the service was up.</summary>
    public required bool Available { get; init; }

    /// <summary>Why something is missing: notRunning, noFrequency, noReading, lost, broken.</summary>
    public required IReadOnlyList<string> Marks { get; init; }

    internal static MeteredView Create(MeteredRow row) => new()
    {
        At = row.At,
        FrequencyHz = row.FrequencyHz,
        MeteredW = row.MeteredW is { } watts ? Numbers.Known(watts) : null,
        Source = row.Source,
        BaselineW = row.BaselineW is { } baseline ? Numbers.Known(baseline) : null,
        CommandedW = row.CommandedW is { } told ? Numbers.Known(told) : null,
        ResponseW = row.ResponseW is { } response ? Numbers.Known(response) : null,
        Procured = row.Procured,
        Available = row.Available,
        Marks = [.. MeteredCsv.GetNames(row.Marks)],
    };
}

/// <summary>Availability per settlement period.</summary>
public sealed record AvailabilityAnswer(string ContractId, Instant From, Instant Until, IReadOnlyList<AvailabilityPeriod> Periods);

/// <summary>A settlement period's availability.</summary>
public sealed record AvailabilityPeriod
{
    public required Instant From { get; init; }
    public required Instant Until { get; init; }

    /// <summary>Contracted, W.</summary>
    public required double QuantityW { get; init; }
    public required double ProcuredSeconds { get; init; }
    public required double AvailableSeconds { get; init; }

    /// <summary>Declared as not available, in seconds of the whole quantity; absent where nothing was.</summary>
    public double? DeclaredSeconds { get; init; }

    /// <summary>Of these, declared with less notice than the contract asks for.</summary>
    public double? LateDeclaredSeconds { get; init; }

    /// <summary>Share of the procured time, 0..1; absent where nothing was procured.</summary>
    public double? Availability { get; init; }

    /// <summary>Why not all of it.</summary>
    public required IReadOnlyList<string> Reasons { get; init; }

    /// <summary>What is paid, 0..1: availability × the factor of the service's rule.</summary>
    public required double Performance { get; init; }

    /// <summary>False while the period runs.</summary>
    public required bool Closed { get; init; }

    internal static AvailabilityPeriod Create(SettledPeriod period)
    {
        var record = period.Record();
        return new AvailabilityPeriod
        {
            From = period.From,
            Until = period.Until,
            QuantityW = record.QuantityW,
            ProcuredSeconds = record.ProcuredSeconds,
            AvailableSeconds = record.AvailableSeconds,
            DeclaredSeconds = period.DeclaredSeconds,
            LateDeclaredSeconds = period.LateDeclaredSeconds,
            Availability = record.ProcuredSeconds > 0 ? Math.Clamp(record.AvailableSeconds / record.ProcuredSeconds, 0, 1) : null,
            Reasons = period.Reasons,
            Performance = period.Performance,
            Closed = period.Closed,
        };
    }
}
