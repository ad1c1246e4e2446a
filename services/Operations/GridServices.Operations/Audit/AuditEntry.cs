using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Audit;

/// <summary>Who acts, by kind.</summary>
public enum AuditActorKind
{
    User,
    Token,
    Job,
    Utility,
}

/// <summary>One write as it is to be recorded, before it has a place in the chain.</summary>
public sealed record AuditDraft
{
    public required string Tenant { get; init; }
    public required Instant At { get; init; }

    /// <summary>The user's, token's or job's name, or the utility's.</summary>
    public required string Actor { get; init; }

    public required AuditActorKind ActorKind { get; init; }

    /// <summary>A stable word, such as <c>enrollment.submitted</c> or <c>ven.drift</c>.</summary>
    public required string Action { get; init; }

    /// <summary>Such as <c>enrollment</c>.</summary>
    public required string EntityKind { get; init; }

    public required string EntityId { get; init; }

    /// <summary>What became different, masked (see <see cref="AuditDiff"/>).</summary>
    public ValueList<AuditChange> Changes { get; init; } = [];

    public string? Reason { get; init; }
    public string? RequestId { get; init; }
    public string? SourceIp { get; init; }

    /// <summary>Names of the two persons where the rule of two applies: the approver.</summary>
    public string? ApprovedBy { get; init; }
}

/// <summary>A member that changed: JSON Pointer, and the JSON texts before and after; null = was not there, is not there.</summary>
public sealed record AuditChange(string Pointer, string? Before = null, string? After = null);

/// <summary>An entry of a tenant's chain. Nothing of it is ever changed.</summary>
public sealed record AuditEntry
{
    /// <summary>From 1, without a gap.</summary>
    public required long Sequence { get; init; }

    public required AuditDraft Write { get; init; }

    /// <summary>64 hex digits: the hash of the entry before, or the chain's start.</summary>
    public required string PreviousHash { get; init; }

    /// <summary>64 hex digits over everything above.</summary>
    public required string Hash { get; init; }
}

/// <summary>The end of a chain: what the next entry is tied to. Kept also where older entries were removed after their retention.</summary>
public sealed record AuditHead(string Tenant, long Sequence, string Hash);
