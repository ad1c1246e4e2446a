using System.Text.Json;
using System.Text.Json.Serialization;
using NodaTime;

namespace GridServices.Tariffs.Requests;

/// <summary>Charging sessions that share a site's bill; the three forms add up.</summary>
public sealed record AllocatedSessionsRequestBody
{
    /// <summary>One by one.</summary>
    public IReadOnlyList<AllocatedSessionRequestBody>? Rows { get; init; }

    /// <summary>A CSV file as text: <c>start,end,kWh,evse,user</c>, further <c>id</c> and <c>paid</c>; stamps with offset; a row without an end is under way. Without <c>id</c> a session is known as <c>line 2</c>.</summary>
    public string? Csv { get; init; }

    /// <summary>CDRs (2.1.1, 2.2.1, 2.3.0) by their charging periods, and Session objects, of which one without an end is under way until its <c>last_updated</c>. <c>total_cost</c> before taxes is what was paid.</summary>
    public IReadOnlyList<JsonElement>? Ocpi { get; init; }
}

/// <summary>A charging session; its energy is spread evenly from start to end.</summary>
public sealed record AllocatedSessionRequestBody
{
    public string? Id { get; init; }

    public Instant? Start { get; init; }

    /// <summary>Absent = under way: the kWh so far lie between start and asOf, and the share is an estimate.</summary>
    public Instant? End { get; init; }

    [JsonPropertyName("kWh")]
    public decimal? Kwh { get; init; }

    /// <summary>In place of start, end and kWh: when its energy flowed, in order; inside a part it is spread evenly.</summary>
    public IReadOnlyList<SessionPartRequestBody>? Parts { get; init; }

    /// <summary>The EVSE or station.</summary>
    public string? Station { get; init; }

    /// <summary>Who charged.</summary>
    public string? User { get; init; }

    /// <summary>What was paid for it, for its margin.</summary>
    public decimal? Paid { get; init; }
}

/// <summary>Energy of a session over [Start, End).</summary>
public sealed record SessionPartRequestBody
{
    public Instant? Start { get; init; }

    public Instant? End { get; init; }

    [JsonPropertyName("kWh")]
    public decimal? Kwh { get; init; }
}
