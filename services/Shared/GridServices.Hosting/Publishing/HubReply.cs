using GridServices.Contracts;

namespace GridServices.Hosting.Publishing;

/// <summary>What came of posting a batch to the hub.</summary>
internal abstract record HubReply
{
    /// <summary>One result per row, in the order of the rows, and the hub's epoch (null: an older hub).</summary>
    internal sealed record Answered(IReadOnlyList<PublishResult> Results, string? Epoch) : HubReply;

    /// <summary>The batch as a whole can't be read or is too large: smaller ones may pass.</summary>
    internal sealed record Unfit(Problem Problem, bool TooLarge) : HubReply;

    /// <summary>Nothing will pass until a person fixes the token or the address.</summary>
    internal sealed record Misconfigured(string Reason) : HubReply;

    /// <summary>Away, overloaded, or answering nonsense: try again.</summary>
    internal sealed record Failed(string Reason, TimeSpan? RetryAfter) : HubReply;
}
