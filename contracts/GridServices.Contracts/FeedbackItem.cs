using GridServices.Contracts.Functions;
using NodaTime;

namespace GridServices.Contracts;

/// <summary>What a site controller says of one envelope revision. Idempotent by (envelopeId, state).</summary>
public sealed record Receipt
{
    public required Guid EnvelopeId { get; init; }
    public required long Revision { get; init; }
    public required ReceiptState State { get; init; }
    public required Instant At { get; init; }

    /// <summary>Watts that could not be met, ≥ 0; with <see cref="ReceiptState.CannotComply"/> or <see cref="ReceiptState.Partial"/>.</summary>
    public long? DeficitW { get; init; }

    public string? Reason { get; init; }
}

/// <summary>The life of an envelope at a controller.</summary>
public enum ReceiptState
{
    Received,
    Accepted,
    Rejected,
    Started,
    Completed,
    Partial,
    OptedOut,
    CannotComply,
}

/// <summary>One instant of measurements of a site, or of one asset behind it. Idempotent by (site, asset, at).</summary>
public sealed record Reading
{
    public required Instant At { get; init; }

    /// <summary>Null: the site's connection point.</summary>
    public string? AssetId { get; init; }

    /// <summary>Signed W, + = import.</summary>
    public long? NetPowerW { get; init; }

    /// <summary>Signed var, + = drawn from the grid.</summary>
    public long? ReactivePowerVar { get; init; }

    /// <summary>Phase to neutral, V; the mean over the phases.</summary>
    public decimal? VoltageV { get; init; }

    /// <summary>Register of energy drawn, Wh, never decreasing.</summary>
    public long? EnergyImportWh { get; init; }

    /// <summary>Register of energy fed in, Wh, never decreasing.</summary>
    public long? EnergyExportWh { get; init; }

    /// <summary>State of charge, 0..100 %.</summary>
    public decimal? SocPercent { get; init; }

    public decimal? FrequencyHz { get; init; }

    /// <summary>Further power that could be drawn now, W ≥ 0.</summary>
    public long? HeadroomUpW { get; init; }

    /// <summary>Power that could be given up now, W ≥ 0.</summary>
    public long? HeadroomDownW { get; init; }

    /// <summary>True while people hold the site against what it was asked (OpenADR oadrManualOverride).</summary>
    public bool? ManualOverride { get; init; }

    /// <summary>
    /// All alarms that are raised here at this instant, each once; empty: none, so that those before have returned to normal.
    /// Null: no statement, what was said before holds.
    /// </summary>
    public IReadOnlyList<AlarmKind>? Alarms { get; init => field = EqualList.From(value); }
}

/// <summary>An item of the feedback stream that the hub gives back to publishers, in order of its cursor.</summary>
public sealed record FeedbackItem
{
    public required string SiteId { get; init; }

    /// <summary>The stream the receipt's envelope belongs to; null on telemetry.</summary>
    public StreamId? Stream { get; init; }

    public Receipt? Receipt { get; init; }
    public Reading? Reading { get; init; }
}
