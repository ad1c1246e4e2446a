namespace GridServices.Contracts.Json;

/// <summary>How much of a document is read, and under which error classes its form is refused.</summary>
/// <param name="MaxBytes">Largest document.</param>
public sealed record JsonBounds(int MaxBytes)
{
    /// <summary>A document that a person writes.</summary>
    public static JsonBounds Document { get; } = new(16 * 1024 * 1024);

    /// <summary>Deepest nesting.</summary>
    public int MaxDepth { get; init; } = ContractJson.MaxDepth;

    /// <summary>Most tokens: many tiny values take many times their bytes in memory.</summary>
    public int MaxTokens { get; init; } = 2_000_000;

    /// <summary>Most members of one object.</summary>
    public int MaxMembers { get; init; } = 100_000;

    /// <summary>Also refuses texts with control characters (but line ends and tabs) and direction overrides, which make a text read as something else.</summary>
    public bool RefusesHiddenText { get; init; }

    /// <summary>The class of a document that is nested too deep.</summary>
    public ErrorClass TooDeep { get; init; } = ErrorClass.Malformed;

    /// <summary>The class of a member that is there twice.</summary>
    public ErrorClass Repeated { get; init; } = ErrorClass.Malformed;

    /// <summary>The class of a text that is no Unicode, or hides something.</summary>
    public ErrorClass BadText { get; init; } = ErrorClass.Malformed;
}
