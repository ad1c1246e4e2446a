using GridServices.Operations.Enrollments;
using GridServices.Wire;

namespace GridServices.Operations.Programs;

/// <summary>A question of an application; its answer is in <see cref="Enrollment.Answers"/> by <see cref="Name"/>.</summary>
public sealed record TemplateField
{
    /// <summary>camelCase.</summary>
    public required string Name { get; init; }

    public required FieldType Type { get; init; }

    /// <summary>As the form says it, in English; other languages by the key <c>field.{code}.{name}</c>.</summary>
    public required string Label { get; init; }

    /// <summary>Shown behind the input, such as kW.</summary>
    public string? Unit { get; init; }

    public bool Required { get; init; } = true;

    /// <summary>Asked, and required, only where another answer is this; null = always.</summary>
    public FieldCondition? When { get; init; }

    /// <summary>For <see cref="FieldType.Choice"/>.</summary>
    public ValueList<string> Choices { get; init; } = [];

    public decimal? Min { get; init; }
    public decimal? Max { get; init; }

    /// <summary>Where to find the answer, in one sentence.</summary>
    public string? Help { get; init; }
}

public enum FieldType
{
    Text,
    Number,
    Integer,
    Boolean,
    Date,
    Choice,
    Email,

    /// <summary>Must be answered with yes: a statement that the applicant makes.</summary>
    Attestation,
}

/// <summary>Holds where the answer to <see cref="Field"/> equals <see cref="Value"/>.</summary>
public sealed record FieldCondition(string Field, string Value);

/// <summary>A paper that the application needs.</summary>
public sealed record TemplateDocument(string Name, string Label, FieldCondition? When = null);
