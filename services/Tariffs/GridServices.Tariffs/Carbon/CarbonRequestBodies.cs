using System.Text.Json.Serialization;
using GridServices.Tariffs.Intensity;
using GridServices.Tariffs.Requests;
using NodaTime;

namespace GridServices.Tariffs.Carbon;

/// <summary>Intensities of a grid zone to store.</summary>
/// <param name="Points">In any order, not overlapping.</param>
public sealed record IntensityRequestBody(IReadOnlyList<IntensityPoint>? Points = null);

/// <summary>A carbon report asked for: a site's intervals, sessions, or both.</summary>
public sealed record CarbonReportRequestBody
{
    /// <summary>A stored grid zone; or intensity.</summary>
    public string? GridZone { get; init; }

    /// <summary>The intensities themselves instead of a stored zone.</summary>
    public IntensityRequestBody? Intensity { get; init; }

    /// <summary>IANA zone whose clock the hours and days are of.</summary>
    public string? TimeZone { get; init; }

    /// <summary>The site's meter: net (export negative), or import with exportKW beside it; intervals that make up hours.</summary>
    public IntervalsRequestBody? Intervals { get; init; }

    /// <summary>Local days that are summed up as bills have them; absent = the calendar months that the intervals touch.</summary>
    public IReadOnlyList<CycleRequestBody>? Cycles { get; init; }

    /// <summary>Renewables on the site's intervals.</summary>
    public IReadOnlyList<SupplyRequestBody>? Supplies { get; init; }

    /// <summary>Charging sessions.</summary>
    public IReadOnlyList<SessionRequestBody>? Sessions { get; init; }
}

/// <summary>Renewable generation on the site's intervals.</summary>
public sealed record SupplyRequestBody
{
    public string? Id { get; init; }

    /// <summary>onSite: behind the site's meter. contracted: elsewhere in the grid.</summary>
    public SupplyKind? Kind { get; init; }

    /// <summary>The site's share of it, percent; absent = 100.</summary>
    public decimal? Percent { get; init; }

    /// <summary>Mean kW of each of the site's intervals, null = no reading; or kWh.</summary>
    [JsonPropertyName("kW")]
    public IReadOnlyList<decimal?>? Kw { get; init; }

    [JsonPropertyName("kWh")]
    public IReadOnlyList<decimal?>? Kwh { get; init; }
}

/// <summary>A charging session: start, end and energy; or its parts, e.g. the charging periods of a CDR.</summary>
public sealed record SessionRequestBody
{
    public string? Id { get; init; }

    /// <summary>When energy began to flow.</summary>
    public Instant? Start { get; init; }

    /// <summary>When it ended.</summary>
    public Instant? End { get; init; }

    /// <summary>Its energy, spread evenly from start to end.</summary>
    [JsonPropertyName("kWh")]
    public decimal? Kwh { get; init; }

    /// <summary>Instead of start, end and kWh: energy by span.</summary>
    public IReadOnlyList<SessionPartRequestBody>? Parts { get; init; }
}

/// <summary>Energy over [from, until).</summary>
public sealed record SessionPartRequestBody
{
    public Instant? From { get; init; }

    public Instant? Until { get; init; }

    [JsonPropertyName("kWh")]
    public decimal? Kwh { get; init; }
}
