using NodaTime;

namespace GridServices.Operations.Enrollments;

/// <summary>Something that somebody has to do before an enrollment can go on.</summary>
public sealed record RequiredAction
{
    /// <summary>Stable word, such as <c>signatureMissing</c>; the text key is <c>action.{code}</c>.</summary>
    public required string Code { get; init; }

    public required ActionOwner Owner { get; init; }

    /// <summary>JSON Pointer of the form's field, such as <c>/answers/generatorKw</c>; empty = the enrollment as a whole.</summary>
    public string Pointer { get; init; } = string.Empty;

    /// <summary>In English, for logs and API users; the console shows its own text by <see cref="Code"/>.</summary>
    public required string Text { get; init; }

    /// <summary>What goes into the text's places, such as the field's name.</summary>
    public string? Subject { get; init; }

    /// <summary>Null = no date is known.</summary>
    public Instant? Due { get; init; }

    /// <summary>False: it is said, and does not hold the enrollment up.</summary>
    public bool Blocks { get; init; } = true;
}

/// <summary>Who has to act.</summary>
public enum ActionOwner
{
    Us,
    Customer,
    Utility,
}
