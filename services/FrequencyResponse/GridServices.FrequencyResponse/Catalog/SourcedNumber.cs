namespace GridServices.FrequencyResponse.Catalog;

/// <summary>How well a number of the catalog is known.</summary>
public enum Certainty
{
    /// <summary>Read in the text of the rule itself.</summary>
    Primary,

    /// <summary>Read in code or notes that quote the rule.</summary>
    Secondary,

    /// <summary>Recalled, not verified: configuration may replace it.</summary>
    Recalled,

    /// <summary>Not in any rule: a choice of this product; configuration may replace it.</summary>
    Design,

    /// <summary>Stated by the operator.</summary>
    Configured,
}

/// <summary>A number with where it comes from.</summary>
/// <param name="Value">In the unit that its name ends with.</param>
/// <param name="Certainty">How well it is known.</param>
/// <param name="Source">The text it stands in, or the reason for the choice.</param>
public sealed record SourcedNumber(double Value, Certainty Certainty, string Source);
