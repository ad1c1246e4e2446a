using NodaTime;

namespace GridServices.OpenAdr.Configuration;

/// <summary>One channel (rID) the VEN offers to the utility.</summary>
public sealed record ReportConfig
{
    public required ReportKind Kind { get; init; }

    /// <summary>The channel's rID, unique in the VEN.</summary>
    public required string RId { get; init; }

    /// <summary>Where its values come from; see <see cref="ReportSources"/>. TELEMETRY_STATUS needs none.</summary>
    public string? Source { get; init; }

    /// <summary>The site it measures; null: the VEN's only site.</summary>
    public string? SiteId { get; init; }

    /// <summary>The resourceID that the utility knows the site by; null: the venID is given as data source.</summary>
    public string? ResourceId { get; init; }

    public string? MarketContext { get; init; }

    /// <summary>
    /// HISTORY_* only: the meter of this site in the Tariffs service whose interval data the channel tells: mean power, or the energy of each interval
    /// instead of a register's stand. Null: readings of the hub.
    /// </summary>
    public string? Meter { get; init; }

    /// <summary>One point is kept per interval; at least 1 s.</summary>
    public Duration SamplingInterval { get; init; } = Duration.FromMinutes(1);

    /// <summary>Coarsest granularity offered; null: ten sampling intervals.</summary>
    public Duration? MaxSamplingInterval { get; init; }

    /// <summary>Nominal frequency and voltage of the supply, which the standard wants stated with every power.</summary>
    public decimal Hertz { get; init; } = 60;

    public decimal Voltage { get; init; } = 240;
}

/// <summary>The report kinds. A history has a buffer of its own, one point per sampling interval.</summary>
public enum ReportKind
{
    [System.Text.Json.Serialization.JsonStringEnumMemberName("TELEMETRY_USAGE")]
    TelemetryUsage,

    [System.Text.Json.Serialization.JsonStringEnumMemberName("TELEMETRY_STATUS")]
    TelemetryStatus,

    /// <summary>What is kept of the past, as intervals.</summary>
    [System.Text.Json.Serialization.JsonStringEnumMemberName("HISTORY_USAGE")]
    HistoryUsage,

    /// <summary>The same as Green Button feeds (NAESB ESPI).</summary>
    [System.Text.Json.Serialization.JsonStringEnumMemberName("HISTORY_GREENBUTTON")]
    HistoryGreenButton,
}

/// <summary>What a channel of usage may carry.</summary>
public static class ReportSources
{
    /// <summary>Net power at the connection point, W, + = import: powerReal.</summary>
    public const string NetPowerW = "site.netPowerW";

    /// <summary>Energy drawn, register in Wh: energyReal.</summary>
    public const string EnergyImportWh = "site.energyImportWh";

    /// <summary>Energy fed in, register in Wh: energyReal.</summary>
    public const string EnergyExportWh = "site.energyExportWh";
}
