using System.Text.Json.Serialization;
using GridServices.Contracts.Functions;
using NodaTime;

namespace GridServices.Contracts;

/// <summary>The ramp in force over [<see cref="From"/>, <see cref="Until"/>).</summary>
public sealed record EffectiveRamp
{
    public required Instant From { get; init; }

    /// <summary>Null: no end.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public Instant? Until { get; init; }

    /// <summary>The stream whose ramp holds.</summary>
    public required Binding By { get; init; }

    public required Ramp Ramp { get; init; }
}
