using System.Text.Json.Serialization;
using GridServices.Contracts.Functions;
using NodaTime;

namespace GridServices.Contracts;

/// <summary>A function in force over [<see cref="From"/>, <see cref="Until"/>): of all mandatory streams that set it, that of the strongest tier.</summary>
public sealed record EffectiveFunction
{
    public required Instant From { get; init; }

    /// <summary>Null: no end.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public Instant? Until { get; init; }

    /// <summary>The stream whose setting holds.</summary>
    public required Binding By { get; init; }

    public required FunctionSetting Function { get; init; }
}
