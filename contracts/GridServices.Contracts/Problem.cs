namespace GridServices.Contracts;

/// <summary>RFC 9457 problem details: what is wrong, where, and how to fix it.</summary>
public sealed record Problem
{
    /// <summary><c>urn:gridservices:problem:</c> + the error class in upper snake case.</summary>
    public required string Type { get; init; }

    /// <summary>The class in a few words.</summary>
    public required string Title { get; init; }

    /// <summary>The HTTP status this problem is answered with when it stands alone.</summary>
    public required int Status { get; init; }

    /// <summary>What is wrong with this input, and how to fix it; one line.</summary>
    public string? Detail { get; init; }

    /// <summary>JSON Pointer or XPath-like path of the offending member.</summary>
    public string? Pointer { get; init; }

    public string? Instance { get; init; }
    public string? TraceId { get; init; }
}
