using System.Collections.Frozen;

namespace GridServices.Wire;

/// <summary>How much XML is read before it is refused. All bounds are enforced while streaming, before anything is built from the excess.</summary>
public sealed record XmlLimits
{
    /// <summary>Bytes of the document as received.</summary>
    public int MaxBytes { get; init; } = 1024 * 1024;

    /// <summary>Elements nested in one another, the root being the first.</summary>
    public int MaxDepth { get; init; } = 64;

    /// <summary>Attributes of one element, namespace declarations included.</summary>
    public int MaxAttributes { get; init; } = 64;

    /// <summary>Elements of the document.</summary>
    public int MaxElements { get; init; } = 100_000;

    /// <summary>Characters of an element or attribute name, prefix included.</summary>
    public int MaxNameLength { get; init; } = 256;

    /// <summary>Characters of the text of one element, or of one attribute value.</summary>
    public int MaxTextLength { get; init; } = 65_536;

    /// <summary>Neighbours of the same name, unless <see cref="MaxOccurs"/> says otherwise for that name.</summary>
    public int MaxRepeats { get; init; } = 4_096;

    /// <summary>Own bounds for neighbours of a name (local name).</summary>
    public FrozenDictionary<string, int> MaxOccurs { get; init; } = FrozenDictionary<string, int>.Empty;
}
