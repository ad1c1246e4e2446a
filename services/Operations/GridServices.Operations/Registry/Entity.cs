using NodaTime;

namespace GridServices.Operations.Registry;

/// <summary>When something was done, and who did it: a user's name, a token's, <c>system</c>, or a utility's.</summary>
public sealed record Stamp(Instant At, string By);

/// <summary>What every stored thing has. Two saves of the same version meet in <see cref="Version"/>: the second one is told.</summary>
public abstract record Entity
{
    /// <summary>ULID text, see <see cref="EntityId"/>.</summary>
    public required string Id { get; init; }

    /// <summary>Whose it is; nothing is read or written without it.</summary>
    public required string Tenant { get; init; }

    public required Stamp Created { get; init; }

    public required Stamp Updated { get; init; }

    /// <summary>From 1, one more with each change; the ETag is `"{id}-{version}"`.</summary>
    public required int Version { get; init; }
}
