using System.Text.Json.Serialization;
using NodaTime;

namespace GridServices.Operations.Registry;

/// <summary>A meter, or the place in the grid that a utility counts at.</summary>
public sealed record MeterPoint : Entity
{
    public required string SiteId { get; init; }
    public required MeterKind Kind { get; init; }
    public required IdentifierScheme Scheme { get; init; }

    /// <summary>As the utility writes it; checked by its scheme.</summary>
    public required string Identifier { get; init; }

    public string? AccountNo { get; init; }
    public string? MeterNo { get; init; }

    /// <summary>Minutes per value; null = not known.</summary>
    public int? IntervalMinutes { get; init; }

    /// <summary>First day with interval data; null = none known.</summary>
    public LocalDate? IntervalDataSince { get; init; }

    /// <summary>The meter at the Tariffs service.</summary>
    public string? TariffMeterId { get; init; }

    /// <summary>The meter's id at Tariffs: the one given, else this one's own where it is written there for its tariff; null: Tariffs has none.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string? MeterAtTariffs => TariffMeterId ?? (TariffId is null ? null : Id);

    /// <summary>The tariff that it pays by, at the Tariffs service; null = no bills are made.</summary>
    public string? TariffId { get; init; }

    public MeterDataSource? DataSource { get; init; }
}

/// <summary>What a meter counts.</summary>
public enum MeterKind
{
    Utility,
    Submeter,
    Evse,
    Battery,
    Pv,
}

/// <summary>Whose numbering an identifier follows.</summary>
public enum IdentifierScheme
{
    [JsonStringEnumMemberName("PGE-SAID")]
    PgeSaId,

    [JsonStringEnumMemberName("SCE-SA")]
    SceSa,

    [JsonStringEnumMemberName("SDGE-SA")]
    SdgeSa,

    [JsonStringEnumMemberName("ESIID")]
    EsiId,

    [JsonStringEnumMemberName("CONED-ACCT")]
    ConEdAccount,

    [JsonStringEnumMemberName("MPAN")]
    Mpan,

    [JsonStringEnumMemberName("NMI")]
    Nmi,

    [JsonStringEnumMemberName("HQ-CONTRACT")]
    HqContract,

    [JsonStringEnumMemberName("EAN")]
    Ean,

    [JsonStringEnumMemberName("OTHER")]
    Other,
}

/// <summary>Where a meter's values come from.</summary>
public enum MeterDataSource
{
    Telemetry,
    Csv,
    GreenButton,
    Api,
}
